"""theta_G over cycles: what the generator would most likely choose, and how sure it is."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from gensynth.report.beliefs import Belief
from gensynth.report.figures.heat_table import MOST_ROWS, Cell, heat_table
from gensynth.report.wording import option_text

State = Mapping[str, Belief]
"""Choice to belief."""


def generator_figure(
    states: Sequence[State], times: Sequence[str], prototype: Mapping[str, str]
) -> Figure:
    """Draw a row per choice: the likeliest option at each time, coloured by how sure it is.

    Args:
        states: of the generator, at least one; the last one says which choices there are.
        times: what is written below each.
        prototype: the prototype's option per choice, where it is known; it stands in brackets.
    """
    rows = []
    for name in shown(states):
        told = f"{name} [{option_text(name, prototype[name])}]" if name in prototype else name
        held = [state.get(name) for state in states]
        rows.append(
            (told, [one and Cell(one.certainty, option_text(name, one.likeliest)) for one in held])
        )
    return heat_table(
        rows,
        columns=times,
        below="after cycle",
        quantity="certainty (1 less relative entropy)",
        scale=(0.0, 1.0),
    )


def shown(states: Sequence[State]) -> list[str]:
    """Return the choices that the figure shows: all, or those whose probabilities moved most."""
    first, last = states[0], states[-1]
    if len(last) <= MOST_ROWS:
        return list(last)
    moved = {name: one.distance(first.get(name, one)) for name, one in last.items()}
    most = set(sorted(moved, key=lambda name: -moved[name])[:MOST_ROWS])
    return [name for name in last if name in most]
