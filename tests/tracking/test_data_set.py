"""MLflow knows which data a run used, once."""

import json
from pathlib import Path

from mlflow.data import get_source

from gensynth.diary import AboutNote
from gensynth.tracking.data_set import log_data
from gensynth.tracking.store import open_store


def test_data_set_is_the_input_of_its_run_once(store: Path, about: AboutNote) -> None:
    opened = open_store(f"sqlite:///{store / 'mlflow.db'}", "data", store / "artifacts")
    client, experiment = opened
    run = client.create_run(experiment).info.run_id
    for _ in range(2):
        log_data(client, run, about.data)
    inputs = client.get_run(run).inputs
    assert inputs is not None
    (found,) = inputs.dataset_inputs
    assert found.dataset.name == "squares"
    assert len(found.dataset.digest) > 8
    assert about.data["digest"].startswith(found.dataset.digest)
    assert json.loads(str(found.dataset.profile))["train_images"] == 80
    assert [(tag.key, tag.value) for tag in found.tags] == [("mlflow.data.context", "training")]
    assert get_source(found.dataset).to_dict() == {"tags": {"gensynth": "data=squares"}}
