"""A parallel sweep: worker processes compose, run, and share a store that does not exist yet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

from gensynth.jobs.runs import Saved
from gensynth.run_files import SAVED

BODY = """
from gensynth.diary import EndNote
from gensynth.errors import DataError
from gensynth.jobs.build import build

def run(cfg, folder):
    if cfg.seed == 2:
        raise DataError("no luck with seed 2")
    tracker = build(cfg.tracking)
    jobs = cfg.executor.launcher_jobs
    tracker.start(folder, f"seed {cfg.seed}", {"seed": cfg.seed, "jobs": jobs}, {})
    tracker.note(EndNote("finished", {"score": float(cfg.seed)}))
    tracker.close()
    return float(cfg.seed)
"""
PATCH = """
import sys
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_file_location

class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "gensynth.jobs.synthesize":
            return spec_from_file_location(name, __file__.replace("sitecustomize", "body"))

sys.meta_path.insert(0, Finder())
"""


@pytest.mark.slow
def test_four_jobs_at_once_with_one_that_fails(tmp_path: Path) -> None:
    (tmp_path / "body.py").write_text(BODY)
    (tmp_path / "sitecustomize.py").write_text(PATCH)
    outputs = tmp_path / "outputs"
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        "GENSYNTH_OUTPUTS": str(outputs),
    }
    words = ["-m", "hydra/launcher=joblib", "hydra.launcher.n_jobs=4", "seed=0,1,2,3"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "gensynth", *words],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 1, done.stderr
    assert "1 failed" in done.stderr
    assert "2: no luck with seed 2" in done.stderr
    assert "Traceback" not in done.stderr
    (sweep,) = (outputs / "runs").iterdir()
    begun = [folder for folder in sorted(sweep.iterdir()) if (folder / SAVED).exists()]
    assert [Saved.read(folder).config["seed"] for folder in begun] == [0, 1, 3]
    client = MlflowClient(f"sqlite:///{outputs / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("gensynth-classification")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    (above,) = (run for run in runs if run.data.tags.get("role") == "sweep")
    assert (above.info.status, above.data.metrics["jobs"]) == ("FINISHED", 4)
    runs.remove(above)
    assert {run.data.tags["mlflow.parentRunId"] for run in runs} == {above.info.run_id}
    assert sorted(run.data.metrics["score"] for run in runs) == [0.0, 1.0, 3.0]
    assert {run.data.params["jobs"] for run in runs} == {"4"}
