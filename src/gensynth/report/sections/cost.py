"""Quality against cost, of everything that was trained."""

from collections.abc import Iterator

from gensynth.report.document import Plot, Section, Text
from gensynth.report.figures.tradeoff import COSTS, Spot, tradeoff
from gensynth.report.run_record import Network, RunRecord
from gensynth.report.sections.comparison import kind_of

ROWS = {"prototype": "", "finalist": "finalist", "uniform finalist": "uniform"}
"""Roles of networks that the result table holds when there is one, and their looks until then."""
HEADING = "Quality against cost"
CAPTION = (
    "Every network that was trained, by what it costs (logarithmic) and how good it is. Hollow "
    "marks were trained briefly or read on the search split only; the front joins networks on the "
    "confirm split that none there beats in cost and quality at once."
)


def cost(run: RunRecord) -> Section:
    """Return the section with the scatter plots."""
    spots = [*_trained(run), *_reported(run)]
    if not spots:
        return Section(HEADING, (Text("No network has been measured yet.", is_note=True),))
    return Section(HEADING, (Plot.of("cost", tradeoff(spots, run.quality, _limits(run)), CAPTION),))


def _reported(run: RunRecord) -> Iterator[Spot]:
    rows = run.of_split("confirm")
    for row in rows:
        yield Spot(kind_of(run, row), row.name, row.measurements[run.quality], row.measurements)
    if not rows and run.prototype is not None:
        m = run.prototype.measurements
        yield Spot("prototype", "prototype", m[run.quality], m)


def _trained(run: RunRecord) -> Iterator[Spot]:
    for network in run.networks:
        m = network.evaluation.measurements
        kind = _kind(network, finished=run.finished)
        if kind and {run.quality, *COSTS} <= m.keys():
            yield Spot(kind, network.evaluation.candidate.name, m[run.quality], m)


def _kind(network: Network, *, finished: bool) -> str:
    """Return the look of a network that is in no row; empty for those that are."""
    if network.role in ROWS:
        return "" if finished else ROWS[network.role]
    return network.role


def _limits(run: RunRecord) -> dict[str, list[float]]:
    return {
        name: [bound.limit for bound in run.bounds if bound.name == name]
        for name in (run.quality, *COSTS)
    }
