"""What each kind of note becomes in MLflow; writing one again repeats nothing."""

import json
from typing import assert_never

from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE

from gensynth.diary import (
    AboutNote,
    CycleNote,
    Ending,
    EndNote,
    FileNote,
    NetworkNote,
    Note,
    PictureNote,
    ReportedNote,
)
from gensynth.report.figures.responses import responses_figure
from gensynth.report.style import svg
from gensynth.run_files import INSIGHTS
from gensynth.tracking.data_set import log_data
from gensynth.tracking.open_run import OpenRun
from gensynth.tracking.registration import log_model, register, titles_won
from gensynth.tracking.tables import (
    INSIGHT_COLUMNS,
    RESPONSE_COLUMNS,
    insight_rows,
    log_table,
    response_rows,
)
from gensynth.tracking.translation import figures_of, metrics, run_name, tags_of

NOMINATED = "nominated"
"""Tag of the nested runs of reported networks: whether it is the run's answer."""

STATUS: dict[Ending, str] = {
    "finished": "FINISHED",
    "failed": "FAILED",
    "interrupted": "KILLED",
}


def write(note: Note, run: OpenRun, registry: str | None) -> None:
    """Write a note to a run.

    Args:
        note: what happened.
        run: in an MLflow store.
        registry: what the names begin with under which networks are registered that meet the
            requirements, one name per data set; None registers none.
    """
    match note:
        case AboutNote():
            run.about = note
            log_data(run.client, run.id, note.data)
        case NetworkNote():
            _network(note, run)
        case CycleNote():
            _cycle(note, run)
        case ReportedNote():
            _reported(note, run, registry)
        case PictureNote():
            child = run.nested[note.evaluation.key]
            run.client.log_artifact(child, str(run.folder / note.path), "pictures")
        case FileNote():
            run.client.log_artifact(run.id, str(run.folder / note.path))
        case EndNote():
            _end(note, run)
        case _:
            assert_never(note)


def _network(note: NetworkNote, run: OpenRun) -> None:
    """Log a nested run: the design as parameters, measurements and figures as metrics."""
    evaluation = note.evaluation
    if evaluation.key in run.done:
        return
    child = run.child(evaluation.key, run_name(evaluation, note.role), evaluation.seconds)
    figures = metrics({**figures_of(evaluation), **note.figures}, run.about.units)
    tags = tags_of(evaluation, note.role)
    if evaluation.cause:
        tags[MLFLOW_RUN_NOTE] = evaluation.cause
    run.log(child, figures, note.design, tags)
    run.client.log_text(child, evaluation.to_json(), "evaluation.json")
    if evaluation.responses:
        rows = response_rows(evaluation.responses)
        log_table(run.client, child, "responses.json", RESPONSE_COLUMNS, rows)
    run.client.set_terminated(child, "FINISHED" if evaluation.status == "completed" else "FAILED")
    run.done.add(evaluation.key)


def _cycle(note: CycleNote, run: OpenRun) -> None:
    """Log figures as curves over cycles, files, and what the inquisitor concludes as a table."""
    points = metrics(note.figures, run.about.units, step=note.cycle)
    if any(run.is_logged(point) for point in points[:1]):
        return
    for name in note.files:
        folder, _, file = name.rpartition("/")
        run.client.log_artifact(run.id, str(run.folder / name), folder)
        if file == INSIGHTS:
            insights = json.loads((run.folder / name).read_text(encoding="utf-8"))
            rows = insight_rows(insights, run.about.choices)
            log_table(run.client, run.id, f"insights/{note.cycle:03d}.json", INSIGHT_COLUMNS, rows)
    run.log(run.id, points)  # last: where the points are, the files are


def _reported(note: ReportedNote, run: OpenRun, registry: str | None) -> None:
    """Log a model and a figure of its responses; register one that meets the requirements."""
    client, about, evaluation = run.client, run.about, note.evaluation
    child = run.nested[evaluation.key]
    if NOMINATED in client.get_run(child).data.tags:
        return
    if evaluation.responses:
        client.log_text(child, svg(responses_figure(evaluation)), "responses.svg")
    figures, traced, name = evaluation.measurements, note.nominated, ""
    if note.met and registry is not None:
        name = f"{registry}-{about.data['name']}"  # figures on other data are no better or worse
        traced = traced or bool(titles_won(client, name, about, figures))
    path = run.folder / note.path
    model = log_model(client, child, evaluation, path, about, traced=traced)
    if name:
        register(client, name, model, about, figures)
    client.set_tag(child, NOMINATED, str(note.nominated).lower())  # last: it says that all is there


def _end(note: EndNote, run: OpenRun) -> None:
    """Log the final figures, and close the run."""
    known = run.client.get_run(run.id).data.metrics
    every = metrics(note.figures, run.about.units)
    run.log(run.id, [one for one in every if known.get(one.key) != one.value])
    run.client.set_terminated(run.id, STATUS[note.ending])
