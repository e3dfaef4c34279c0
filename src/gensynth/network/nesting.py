"""Which channels of different coupling groups must move together: the blocks shortcuts tie."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, final

from gensynth.graph.coupling import CouplingGroup, nested


@final
class Block(NamedTuple):
    """Neighbouring channels of a group that may change places among themselves.

    Args:
        group: name of the coupling group.
        start: first channel.
        stop: channel after the last.
    """

    group: str
    start: int
    stop: int


def tied_blocks(groups: Sequence[CouplingGroup]) -> dict[Block, Block]:
    """Cut each group into blocks, and map every block to the representative of those tied to it.

    Through a shortcut the first min(w, w') channels of two groups correspond. They must keep one
    common order and stay the first, so the wider group is cut there; a cut inside the common part
    cuts the other group too. Tied blocks span the same channels. A group without shortcuts is one
    block, tied to nothing but itself.

    Args:
        groups: all coupling groups of a graph.
    """
    width = {g.name: g.width for g in groups}
    ties = [(a, b, min(width[a], width[b])) for a, b in nested(groups)]
    cuts = {name: {0, wide} for name, wide in width.items()}
    for _ in ties:  # a cut travels over at most every tie once
        for a, b, common in ties:
            shared = {cut for cut in cuts[a] | cuts[b] if cut < common} | {common}
            cuts[a] |= shared
            cuts[b] |= shared
    tied = {block: block for name in width for block in _between(name, cuts[name])}
    for a, b, common in ties:
        for block in _between(a, cuts[a]):
            if block.stop <= common:
                kept, lost = tied[block], tied[block._replace(group=b)]
                tied = {key: kept if value == lost else value for key, value in tied.items()}
    return tied


def _between(group: str, cuts: set[int]) -> list[Block]:
    ordered = sorted(cuts)
    return [Block(group, start, stop) for start, stop in pairwise(ordered)]
