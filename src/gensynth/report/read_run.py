"""Reading a run's folder; whatever a run did not get to is left out."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gensynth.diary import Diary
from gensynth.errors import DataError, RequirementError
from gensynth.graph.graph import Graph
from gensynth.network.saving import read_graph
from gensynth.records import Evaluation
from gensynth.report.beliefs import beliefs
from gensynth.report.noted import about, cycles, foretold, networks, options, read_json
from gensynth.report.result_table import Row
from gensynth.report.run_record import RunRecord
from gensynth.report.wording import PERCENTAGES
from gensynth.requirements import Requirements, ResolvedBound
from gensynth.run_files import (
    ENVIRONMENT,
    FAILURE,
    GENERATOR,
    NETWORK,
    PICTURES,
    PROTOTYPE,
    PROTOTYPE_EVALUATION,
    RESULT,
    SAVED,
)


def read_run(folder: Path) -> RunRecord:
    """Return what is known of a run.

    Args:
        folder: its own, with the record of how it was started.

    Raises:
        DataError: a file is damaged; the message names it.
    """
    saved, result = read_json(folder / SAVED, {}), read_json(folder / RESULT, {})
    config, choices = saved.get("config", {}), saved.get("choices", {})
    prototype = _prototype(folder / PROTOTYPE_EVALUATION)
    notes = Diary(folder).notes()
    told = about(notes)
    failure = folder / FAILURE
    run = RunRecord(
        name=folder.name,
        folder=folder,
        overrides=tuple(saved.get("overrides", ())),
        config_dir=saved.get("config_dir", ""),
        choices=choices,
        config=config,
        environment=read_json(folder / ENVIRONMENT, {}),
        quality=told.quality if told else str(config.get("quality", "")),
        score=told.score if told else str(choices.get("performance", "")),
        columns=frozenset(result.get("columns", ())),
        bounds=_bounds(result, config, prototype),
        prototype=prototype,
        networks=networks(notes),
        cycles=cycles(notes, folder),
        beliefs=beliefs(read_json(folder / GENERATOR, {})),
        foretold=foretold(notes, folder),
        rows=tuple(_row(row) for row in result.get("rows", ())),
        nominated=result.get("nominated"),
        graphs={},
        counts=told.data["counts"] if told else {},
        options=options(told.choices) if told else {},
        pictures={path.stem: path for path in sorted((folder / PICTURES).glob("*.png"))},
        failure=failure.read_text(encoding="utf-8").strip() if failure.is_file() else "",
    )
    return replace(run, graphs=_graphs(run))


def _prototype(path: Path) -> Evaluation | None:
    if not path.is_file():
        return None
    try:
        return Evaluation.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{path} is damaged ({error}): restore it, or leave that run out"
        ) from error


def _row(plain: Mapping[str, Any]) -> Row:
    intervals = {name: (low, high) for name, (low, high) in plain["intervals"].items()}
    return Row(**{**plain, "intervals": intervals})


def _bounds(
    result: Mapping[str, Any], config: Mapping[str, Any], prototype: Evaluation | None
) -> tuple[ResolvedBound, ...]:
    """Return the bounds as the result notes them; before there is one, as they were asked for.

    Bounds relative to a prototype that is not ready cannot be told yet.
    """
    if "requirements" in result:
        return tuple(ResolvedBound(**one) for one in result["requirements"])
    asked = Requirements(config.get("requirements", {}), percent=PERCENTAGES)
    try:
        return asked.resolve(prototype.measurements if prototype else {}).bounds
    except RequirementError:
        return ()


def _graphs(run: RunRecord) -> dict[str, Graph]:
    """Return the prototype's graph and that of the network that is reported."""
    files = {"prototype": run.folder / PROTOTYPE}
    best = run.evaluation_of(run.best)
    if run.nominated is not None:
        files["generated"] = run.folder / NETWORK
    elif best is not None and best.network:
        files["generated"] = run.folder / best.network
    return {name: read_graph(path) for name, path in files.items() if path.is_file()}
