"""Names of what a run leaves in its folder."""

SAVED = "overrides.json"
"""What it was started with."""

ENVIRONMENT = "environment.json"
PROTOTYPE = "prototype.safetensors"
PROTOTYPE_EVALUATION = "prototype.json"
JOURNAL = "evaluations.jsonl"
DIARY = "diary.jsonl"
CYCLES = "cycles"
"""Folder with one folder per cycle, `000` and so on: states after it."""

GENERATOR = "generator.json"
INQUISITOR = "inquisitor.json"
INSIGHTS = "insights.json"
LEDGER = "test_ledger.jsonl"
RESULT = "result.json"
NETWORK = "network.safetensors"
"""The nominated network."""

PROGRESS = ".progress"
"""Folder with a file per process that is training a network now."""

MLFLOW_RUN = "mlflow_run_id"
"""Ids of the run in the MLflow stores that it was written to, one per line."""

FAILURE = "failure.txt"
"""Why a job of a sweep failed."""

NETWORKS = "networks"
PICTURES = "pictures"
