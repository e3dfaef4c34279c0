"""What generation made of the prototype: both networks side by side, and a table."""

from gensynth.report.document import Block, Plot, Section, Table, Text
from gensynth.report.drawing import draw_networks, widths
from gensynth.report.parts import Change, changes
from gensynth.report.phrases import listed
from gensynth.report.run_record import RunRecord
from gensynth.report.wording import count

HEADING = "What was changed in the prototype"


def changed(run: RunRecord) -> Section:
    """Return the section with the drawings."""
    prototype, generated = run.graphs.get("prototype"), run.graphs.get("generated")
    if prototype is None or generated is None or run.best is None:
        text = "Drawing: no network has been kept that could stand beside the prototype."
        return Section(HEADING, (Text(text, is_note=True),))
    compared = changes(prototype, generated)
    figure = draw_networks(prototype, generated, names=("prototype", run.best))
    caption = (
        "Region by region, in the same places: channels of each part's layers (prototype → "
        "generated), the operation that took the place of its convolutions, kernel and stride "
        "where they differ. The black bar is the share of the part's parameters that is left."
    )
    blocks: tuple[Block, ...] = (
        Text(counted(compared)),
        Plot.of("networks", figure, caption),
        _table(compared),
    )
    return Section(HEADING, blocks)


def counted(compared: tuple[Change, ...]) -> str:
    """Return how many parts were dropped, replaced, narrowed, in a sentence."""
    parts = [one for one in compared if one.before.parameters]
    dropped = sum(one.after is None for one in parts)
    replaced = [one.after.operation for one in parts if one.after is not None and one.replaced]
    kept = [one for one in parts if one.after is not None and not one.replaced]
    narrower = sum(one.narrowing > 0 for one in kept)
    wider = sum(one.narrowing < 0 for one in kept)
    kinds = [f"{replaced.count(kind)} {kind}" for kind in dict.fromkeys(replaced)]
    told = f" ({', '.join(kinds)})" if kinds else ""
    phrases = [
        f"{dropped} dropped",
        f"{len(replaced)} given another operation{told}",
    ]
    return (
        f"Of {len(parts)} parts with parameters: {listed(phrases)}. Of the {len(kept)} others, "
        f"{narrower} are narrower and {wider} wider."
    )


def _table(compared: tuple[Change, ...]) -> Table:
    head = ("part", "prototype's widths", "widths", "what was done", "parameters before", "after",
            "MACs before", "after")  # fmt: skip
    rows = [
        (
            one.before.name,
            widths(one.before),
            widths(one.after) if one.after else "-",
            one.words or "as it was",
            count(one.before.parameters),
            count(one.after.parameters) if one.after else "-",
            count(one.before.macs),
            count(one.after.macs) if one.after else "-",
        )
        for one in compared
        if one.before.parameters
    ]
    return Table(head, tuple(rows), folded="Every part in figures")
