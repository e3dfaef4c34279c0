"""Tables that the MLflow UI shows: a file in its format, and a tag that says it is one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlflow import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_LOGGED_ARTIFACTS
from mlflow.utils.validation import MAX_TAG_VAL_LENGTH

from gensynth.records import Response


def log_table(
    client: MlflowClient, run: str, path: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Log a table to a run; one that is there is replaced.

    The tag holds a limited number of tables: the oldest are then files like any other.

    Args:
        client: of the store.
        run: id of the run.
        path: of the file among the run's artifacts, `*.json`.
        columns: their names.
        rows: a value for each column, as JSON takes it.
    """
    table = {"columns": list(columns), "data": [list(row) for row in rows]}
    client.log_text(run, json.dumps(table), path)
    known = json.loads(client.get_run(run).data.tags.get(MLFLOW_LOGGED_ARTIFACTS, "[]"))
    new = {"path": path, "type": "table"}
    if new in known:
        return
    listed = [*known, new]
    while len(json.dumps(listed)) > MAX_TAG_VAL_LENGTH:
        del listed[0]
    client.set_tag(run, MLFLOW_LOGGED_ARTIFACTS, json.dumps(listed))


def insight_rows(
    insights: Sequence[Mapping[str, Any]], choices: Mapping[str, Sequence[Any]]
) -> list[list[Any]]:
    """Return a row per option of each choice that there is an insight into.

    Args:
        insights: records as plain data.
        choices: name of a choice to its options.
    """
    return [
        [one["choice"], str(option), _short(value), one["quantity"], _short(one["weight"])]
        for one in insights
        for option, value in zip(choices[one["choice"]], one["values"], strict=True)
    ]


INSIGHT_COLUMNS = ("choice", "option", "value", "quantity", "weight")


def response_rows(responses: Sequence[Response]) -> list[list[Any]]:
    """Return a row per place and quantity: its channels, and what they hold together."""
    return [[r.place, r.quantity, _short(r.curve[-1]), len(r.curve), r.probe] for r in responses]


RESPONSE_COLUMNS = ("place", "quantity", "value", "channels", "probe")


def _short(value: float) -> float:
    """Return a value as people read it; the file beside the table holds it to the last digit."""
    return round(value, 4)
