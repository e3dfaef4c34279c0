"""From responses to losses: what each option of each choice would take away.

A probed network answers, at a place of w channels, with a curve over its first 1 ... w channels. A
child inherits the first channels of every place, so the curve says what a narrower option would
keep: reading it at several networks turns one number per network into several per choice.
"""

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.choice import Choice
from gensynth.design.space import DesignSpace
from gensynth.graph.coupling import coupling_groups
from gensynth.records import Response

Values = NDArray[np.float64]
Responses = Sequence[Response]
Losses = Mapping[str, Mapping[str, Values]]
"""Quantity of the responses, then name of a choice, to (options,) losses in the quantity's unit."""

LEAST_PART = 0.05
"""A place with less than this part of the largest value seen is too faint to be a ratio's base."""


@final
class LossReader:
    """Reads losses of width and keep choices off the responses of networks of one design space.

    A width option's loss is what the places of its coupling group lose when only their first w
    channels are kept, averaged over the networks that are wider there. A block's loss is what
    it adds between its entry and its exit; or, from a probe with a quantity that has one value per
    place and no curves, that value at its exit. Branches have none. Places that the prototype does
    not have (inside rewritten bodies) are ignored; a width no probe has read takes the mean of
    those read, at equal ratio of widths.

    Args:
        space: the designs.
    """

    def __init__(self, space: DesignSpace) -> None:
        groups = {group.name: group.values for group in coupling_groups(space.graph)}
        blocks = {region.name: region for region in space.graph.regions if region.kind == "block"}
        self._widths = {c: groups[c.target] for c in space.choices if c.kind == "width"}
        self._blocks = {
            c: blocks[c.target] for c in space.choices if c.kind == "keep" and c.target in blocks
        }

    def read(self, observed: Sequence[Responses]) -> Losses:
        """Return the losses of widths and blocks to keep, by quantity, from n probed networks."""
        responses = [r for one in observed for r in one]
        curved = {r.quantity for r in responses if len(r.curve) > 1}
        direct = {r.probe for r in responses if r.quantity not in curved}
        losses: dict[str, dict[str, Values]] = {}
        for quantity in sorted({r.quantity for r in responses}):
            networks = [_curves(one, quantity) for one in observed]
            probes = {r.probe for r in responses if r.quantity == quantity}
            losses[quantity] = self._width_losses(networks) if quantity in curved else {}
            if quantity not in curved:
                losses[quantity] = self._keep_losses(networks, rise=False)
            elif probes.isdisjoint(direct):
                losses[quantity] |= self._keep_losses(networks, rise=True)
        return losses

    def _width_losses(self, networks: Sequence[Mapping[str, Values]]) -> dict[str, Values]:
        read: dict[Choice, Values] = {}
        for choice, places in self._widths.items():
            curves = [n[p] for p in places for n in networks if p in n and len(n[p]) > 1]
            if curves:
                read[choice] = width_losses([int(w) for w in choice.options], curves)
        grid = np.linspace(-4, 2, 25)
        typical = np.mean([np.interp(grid, _ratios(c), read[c]) for c in read], 0) if read else 0
        return {
            c.name: read[c] if c in read else np.interp(_ratios(c), grid, typical + 0 * grid)
            for c in self._widths
        }

    def _keep_losses(
        self, networks: Sequence[Mapping[str, Values]], *, rise: bool
    ) -> dict[str, Values]:
        """Return what blocks add: the rise from entry to exit, or what is said at the exit."""
        read: dict[str, float] = {}
        for choice, block in self._blocks.items():
            gains = [
                n[block.exit][-1] - (n[block.entry][-1] if rise else 0.0)
                for n in networks
                if block.exit in n and (block.entry in n or not rise)
            ]
            if gains:
                read[choice.name] = max(float(np.mean(gains)), 0.0)
        typical = float(np.mean(list(read.values()))) if read else 0.0
        return {
            c.name: np.array([0.0 if kept else read.get(c.name, typical) for kept in c.options])
            for c in self._blocks
        }


def _curves(responses: Responses, quantity: str) -> dict[str, Values]:
    """Return a network's curves by place, made to rise from 0 up."""
    own = [r for r in responses if r.quantity == quantity and r.curve]
    return {r.place: np.maximum.accumulate(np.maximum(r.curve, 0.0)) for r in own}


def width_losses(widths: Sequence[int], curves: Sequence[Values]) -> Values:
    """Return what each width loses against the widest network seen, in the unit of the curves.

    A network of w channels tells which part of its own value its first v < w channels keep; parts
    multiply along the way from the widest to v.

    Args:
        widths: the options.
        curves: one rising curve over the first 1, 2, ... channels per network and place.
    """
    widest = max(len(curve) for curve in curves)
    reference = float(np.mean([curve[-1] for curve in curves if len(curve) == widest]))
    faint = LEAST_PART * max(float(curve[-1]) for curve in curves)
    kept: dict[int, float] = {}
    for width in sorted({*widths, *(len(curve) for curve in curves)}, reverse=True):
        parts = [
            kept[len(curve)] * curve[width - 1] / curve[-1]
            for curve in curves
            if len(curve) > width and curve[-1] > faint
        ]
        kept[width] = float(np.mean(parts)) if parts else 1.0
    return np.array([reference * (1 - kept[width]) for width in widths])


def _ratios(choice: Choice) -> Values:
    widths = np.array([float(width) for width in choice.options])
    return np.asarray(np.log2(widths / widths[choice.prototype]))
