"""What probing one network revealed: usable information per place against the share of width."""

import math

from matplotlib.figure import Figure

from gensynth.records import Evaluation, Response
from gensynth.report.figures.heat_table import MOST_ROWS, Cell, heat_table
from gensynth.report.style import GREY, styled
from gensynth.report.wording import quantity as worded

SHARES = (0.0625, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0)
"""Of a place's channels, the most important ones first."""


def responses_figure(evaluation: Evaluation, quantity: str = "") -> Figure:
    """Draw a row per place: what its first channels hold, coloured by the part of the whole.

    A row that is light early can be narrowed. Of very many places those are shown that lose most
    with half their channels gone.

    Args:
        evaluation: with the responses of its probes; without any the figure says so.
        quantity: which of the responses; empty: those of the first.
    """
    quantity = quantity or next((one.quantity for one in evaluation.responses if one.curve), "")
    read = [one for one in evaluation.responses if one.quantity == quantity and len(one.curve) > 1]
    if not read:
        return _nothing()
    needy = sorted(read, key=lambda one: one.curve[len(one.curve) // 2 - 1] - one.curve[-1])
    needy = needy[:MOST_ROWS]
    return heat_table(
        [(f"{one.place} ({len(one.curve)})", _cells(one)) for one in read if one in needy],
        columns=[f"{100 * share:.3g} %" for share in SHARES],
        below=f"channels kept, most important first; in the cells {worded(quantity)}",
        quantity="part of what all channels hold",
        scale=(0.0, 1.0),
        cell=0.65,
    )


def _cells(response: Response) -> list[Cell | None]:
    """Return one cell per share; none where it means the same channels as the share before."""
    cells: list[Cell | None] = []
    seen = 0
    for share in SHARES:
        kept = math.floor(share * len(response.curve))
        new = kept > seen
        cells.append(
            Cell(_part(response, share), f"{response.curve[kept - 1]:z.2f}") if new else None
        )
        seen = max(seen, kept)
    return cells


def _part(response: Response, share: float) -> float:
    kept = max(1, math.floor(share * len(response.curve)))
    whole = max(response.curve)
    return min(1.0, max(0.0, response.curve[kept - 1] / whole)) if whole > 0 else 1.0


@styled
def _nothing() -> Figure:
    figure = Figure(figsize=(4.0, 1.0))
    figure.text(0.5, 0.5, "this network was not probed", ha="center", color=GREY)
    return figure
