"""The data set of a run, as MLflow lists it."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from mlflow import MlflowClient
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.schema import TensorDatasetSchema
from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.types import Schema, TensorSpec
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

DIGEST_LENGTH = 12
"""Characters; lists show them beside the name."""


def data_set(facts: Mapping[str, Any]) -> Dataset:
    """Return a data set as MLflow describes one.

    Args:
        facts: what the data set says of itself.
    """
    images = TensorSpec(np.dtype(np.float32), (-1, *facts["input_shape"]))
    counts = {f"{split}_images": count for split, count in facts["counts"].items()}
    # Where it lies is another place on every machine; what one says to use it is the same.
    source = CodeDatasetSource({"gensynth": f"data={facts['name']}"})
    return Dataset(
        name=facts["name"],
        digest=facts["digest"][:DIGEST_LENGTH],
        source_type="code",
        source=json.dumps(source.to_dict()),
        schema=json.dumps(TensorDatasetSchema(Schema([images])).to_dict()),
        profile=json.dumps({**counts, "classes": len(facts["classes"])}),
    )


def log_data(client: MlflowClient, run: str, facts: Mapping[str, Any]) -> None:
    """Log a data set as the input of a run; one that the run has is not logged again."""
    tags = [InputTag(MLFLOW_DATASET_CONTEXT, "training")]
    client.log_inputs(run, [DatasetInput(data_set(facts), tags)])
