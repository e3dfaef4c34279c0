"""What each kind of note becomes in MLflow; writing one again repeats nothing."""

from typing import assert_never

from gensynth.diary import (
    CycleNote,
    Ending,
    EndNote,
    FileNote,
    NetworkNote,
    Note,
    PictureNote,
    ReportedNote,
)
from gensynth.tracking.open_run import OpenRun
from gensynth.tracking.registration import log_model, register
from gensynth.tracking.translation import figures_of, metrics, run_name, tags_of

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
        registry: name under which reported networks are registered; None registers none.
    """
    match note:
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
    child = run.child(evaluation.key, run_name(evaluation, note.role))
    figures = metrics({**figures_of(evaluation), **note.figures})
    run.log(child, figures, note.design, tags_of(evaluation, note.role))
    run.client.log_text(child, evaluation.to_json(), "evaluation.json")
    run.client.set_terminated(child, "FINISHED" if evaluation.status == "completed" else "FAILED")
    run.done.add(evaluation.key)


def _cycle(note: CycleNote, run: OpenRun) -> None:
    """Log figures as curves over cycles, and files."""
    points = metrics(note.figures, step=note.cycle)
    if any(run.is_logged(point) for point in points[:1]):
        return
    for name in note.files:
        run.client.log_artifact(run.id, str(run.folder / name), name.rpartition("/")[0])
    run.log(run.id, points)  # last: where the points are, the files are


def _reported(note: ReportedNote, run: OpenRun, registry: str | None) -> None:
    """Log a model with its signature, register it, and call the nominated one `champion`."""
    child = run.nested[note.evaluation.key]
    model = log_model(run.client, child, run.folder / note.path, figures_of(note.evaluation))
    if registry is not None:
        version = register(run.client, registry, model, child)
        if note.nominated:
            run.client.set_registered_model_alias(registry, "champion", version)


def _end(note: EndNote, run: OpenRun) -> None:
    """Log the final figures, and close the run."""
    known = run.client.get_run(run.id).data.metrics
    every = metrics(note.figures)
    run.log(run.id, [one for one in every if known.get(one.key) != one.value])
    run.client.set_terminated(run.id, STATUS[note.ending])
