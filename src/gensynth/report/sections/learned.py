"""What was learned of the network: insights on the drawing, per place and per choice."""

from collections.abc import Iterator, Mapping, Sequence

from gensynth.records import Evaluation, Foretold, Insight
from gensynth.report.document import Block, Plot, Section, Text
from gensynth.report.drawing import draw_network, draw_networks
from gensynth.report.figures.foretold import foretold_figure
from gensynth.report.figures.insights import MOST_CHOICES, insights_figure
from gensynth.report.figures.responses import responses_figure
from gensynth.report.run_record import RunRecord
from gensynth.report.wording import quantity as worded
from gensynth.report.wording import signed


def learned(run: RunRecord) -> Section:
    """Return the section about responses and insights."""
    blocks = (*_maps(run), *_responses(run), *_insights(run), *_foretold(run))
    return Section("What the inquisitor learned", blocks)


def _maps(run: RunRecord) -> Iterator[Block]:
    graph, prototype = run.graphs.get("prototype"), run.prototype
    quantities = _quantities(prototype)
    if graph is None or prototype is None or not quantities:
        yield Text(
            "Heat map: the networks were not probed, so there is nothing to show.", is_note=True
        )
        return
    best, generated = run.probed(run.best), run.graphs.get("generated")
    for quantity in quantities:
        text = worded(quantity)
        if best is not None and generated is not None and quantity in _quantities(best):
            values = (_ends(prototype, quantity), _ends(best, quantity))
            names = ("prototype", run.best or "")
            figure = draw_networks(graph, generated, names=names, values=values, quantity=text)
        else:
            figure = draw_network(
                graph, name="prototype", values=_ends(prototype, quantity), quantity=text
            )
        caption = f"What probing read at the exit of each part, all its channels together: {text}."
        if quantity in _curved(prototype):
            caption += (
                " Where the number hardly rises from one part to the next, the part adds little."
            )
        yield Plot.of(f"insight_map_{quantity}", figure, caption)


def _quantities(evaluation: Evaluation | None) -> list[str]:
    if evaluation is None:
        return []
    return list(dict.fromkeys(one.quantity for one in evaluation.responses if one.curve))


def _curved(evaluation: Evaluation) -> list[str]:
    """Return the quantities that are told of the first channels of places, not of blocks alone."""
    told = {one.quantity for one in evaluation.responses if len(one.curve) > 1}
    return [one for one in _quantities(evaluation) if one in told]


def _ends(evaluation: Evaluation, quantity: str) -> Mapping[str, float]:
    return {
        one.place: one.curve[-1]
        for one in evaluation.responses
        if one.quantity == quantity and one.curve
    }


def _responses(run: RunRecord) -> Iterator[Block]:
    if run.prototype is None or not _quantities(run.prototype):
        yield Text("Responses: no network was probed.", is_note=True)
        return
    for quantity in _curved(run.prototype):
        caption = (
            "The prototype's responses: what the first channels of each place (with its width) "
            "hold, most important first. A row that is light early says that the place can be "
            "narrowed."
        )
        figure = responses_figure(run.prototype, quantity)
        yield Plot.of(f"responses_{quantity}", figure, caption)


def _insights(run: RunRecord) -> Iterator[Block]:
    every = next((cycle.insights for cycle in reversed(run.cycles) if cycle.insights), ())
    by_quantity: dict[str, list[Insight]] = {}
    for one in every:
        if one.values:
            by_quantity.setdefault(one.quantity, []).append(one)
    if not by_quantity:
        yield Text("Insights per choice: the inquisitor noted none.", is_note=True)
    for quantity, insights in by_quantity.items():
        caption = (
            f"What the inquisitor concluded about every choice after the last cycle: "
            f"{worded(quantity)}, option by option, beginning with the choices on which its "
            "prediction leans most."
        )
        if len(insights) > MOST_CHOICES:
            caption += f" Shown are {MOST_CHOICES} of {len(insights)}."
        yield Plot.of(f"insights_{quantity}", insights_figure(insights, run.options), caption)


def _foretold(run: RunRecord) -> Iterator[Block]:
    if not run.foretold:
        yield Text("Predictions: the inquisitor noted none.", is_note=True)
        return
    told = [
        _how_often(own, fidelity)
        for fidelity in ("short", "long")
        if (own := [one for one in run.foretold if one.fidelity == fidelity])
    ]
    caption = (
        "How well the inquisitor knew what was coming: the quality of every network of the search, "
        "when it was first read, as all networks before it let expect it, against what came; as "
        f"far as one split can tell, on the confirm split. {' '.join(told)} 95 % would be right."
    )
    yield Plot.of("foretold", foretold_figure(run.foretold, run.quality), caption)


def _how_often(own: Sequence[Foretold], fidelity: str) -> str:
    inside = sum(one.low <= one.read <= one.high for one in own)
    missed = [one.read - one.expected for one in own]
    typical = (sum(one**2 for one in missed) / len(missed)) ** 0.5
    return (
        f"Trained {fidelity}: {inside} of {len(own)} in their 95 % interval, typically "
        f"{typical:.2f} points off, {signed(sum(missed) / len(missed))} in the mean."
    )
