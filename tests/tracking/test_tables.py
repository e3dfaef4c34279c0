"""Tables arrive as MLflow reads them, and say what probing revealed."""

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient

from gensynth.records import Response
from gensynth.tracking.store import open_store
from gensynth.tracking.tables import (
    INSIGHT_COLUMNS,
    RESPONSE_COLUMNS,
    insight_rows,
    log_table,
    response_rows,
)


@pytest.fixture
def run(store: Path) -> tuple[MlflowClient, str, str]:
    client, experiment = open_store(f"sqlite:///{store / 'mlflow.db'}", "tables", store / "files")
    return client, experiment, client.create_run(experiment).info.run_id


def listed(client: MlflowClient, run: str) -> list[str]:
    tags = client.get_run(run).data.tags
    return [one["path"] for one in json.loads(tags["mlflow.loggedArtifacts"])]


def test_mlflow_reads_what_was_logged_last(
    run: tuple[MlflowClient, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, experiment, name = run
    monkeypatch.setenv("MLFLOW_TRACKING_URI", client.tracking_uri)  # where it looks for the tag
    for value in [1.0, 2.5]:
        log_table(client, name, "cycles/000/insights.json", ["choice", "value"], [["stem", value]])
    table = client.load_table(experiment, "cycles/000/insights.json", run_ids=[name])
    assert table.to_dict("list") == {"choice": ["stem"], "value": [2.5]}
    assert listed(client, name) == ["cycles/000/insights.json"]


def test_however_many_tables_there_are_the_latest_are_shown(
    run: tuple[MlflowClient, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _, name = run
    monkeypatch.setattr("gensynth.tracking.tables.MAX_TAG_VAL_LENGTH", 110)
    for number in range(4):
        log_table(client, name, f"table{number}.json", ["n"], [[number]])
    assert listed(client, name) == ["table2.json", "table3.json"]
    assert len(client.list_artifacts(name)) == 4


def test_insights_name_every_option_of_their_choice() -> None:
    insight = {"choice": "stem", "quantity": "bits", "values": [0.5, 0.75], "weight": 2.0}
    rows = insight_rows([insight], {"stem": [8, 16], "unknown": [False, True]})
    assert rows == [["stem", "8", 0.5, "bits", 2.0], ["stem", "16", 0.75, "bits", 2.0]]
    assert {len(row) for row in rows} == {len(INSIGHT_COLUMNS)}


def test_responses_tell_what_all_channels_of_a_place_hold() -> None:
    rows = response_rows([Response("p", "stem", "bits", (0.1, 0.4, 0.60004))])
    assert rows == [["stem", "bits", 0.6, 3, "p"]]
    assert {len(row) for row in rows} == {len(RESPONSE_COLUMNS)}
