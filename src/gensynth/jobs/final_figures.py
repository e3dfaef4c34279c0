"""The figures that a synthesis ends with: what was found, beside the prototype and the control."""

from collections.abc import Mapping, Sequence

from gensynth.jobs.conclusion import Outcome
from gensynth.records import Evaluation
from gensynth.report.result_table import Row


def names(main: Outcome, control: Outcome | None, nearest: Evaluation | None) -> dict[str, str]:
    """Return, by its name in the result table, what a network that is summed up is called.

    Args:
        main: the search.
        control: of uniformly scaled prototypes; its best is summed up when it met the requirements.
        nearest: stands for the nominated network when there is none.
    """
    found = {"prototype": "prototype"}
    if main.nominated is not None:
        found[main.nominated.candidate.name] = "nominated"
    elif nearest is not None:
        found[nearest.candidate.name] = "nearest"
    if control is not None and control.nominated is not None:
        found[f"uniform {control.nominated.candidate.name}"] = "uniform"
    return found


def final_figures(rows: Sequence[Row], names: Mapping[str, str], score: str) -> dict[str, float]:
    """Return measurements and margins of the named networks, and the gains in score.

    What was read on the test split begins with `test_`; all else is of the confirm split.

    Args:
        rows: the result table.
        names: by the name in the table, as in `nominated_accuracy`.
        score: name of the performance function's measurement.
    """
    figures: dict[str, float] = {}
    for row in rows:
        if row.name in names:
            who = f"test_{names[row.name]}" if row.split == "test" else names[row.name]
            figures |= {f"{who}_{name}": value for name, value in row.measurements.items()}
            figures |= {f"{who}_margin_{name}": value for name, value in row.margins.items()}
    return figures | _gains(figures, score)


def _gains(figures: Mapping[str, float], score: str) -> dict[str, float]:
    reached = figures.get(f"nominated_{score}")
    if reached is None:
        return {}
    others = {who: figures.get(f"{who}_{score}") for who in ["prototype", "uniform"]}
    return {
        f"gain_over_{who}_{score}": reached - value
        for who, value in others.items()
        if value is not None
    }
