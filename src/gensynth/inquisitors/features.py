"""What is known of a design before anything is trained: exact costs and its place in the space."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.choice import Choice
from gensynth.design.space import Costs, DesignSpace
from gensynth.generators.generator import Designs
from gensynth.inquisitors.columns import Column
from gensynth.inquisitors.prior import Prior

Values = NDArray[np.float64]
ORDINAL = ("width", "kernel")
SQUEEZE_EXCITE = "_se"
REWRITTEN_IS_SLOW = -0.1
"""Logits that rewritten bodies, which inherit nothing, are expected to lack when trained short."""


@final
@dataclass(frozen=True, slots=True)
class Batch:
    """n designs with what the space says of them.

    Args:
        designs: (n, choices) option indices.
        active: (n, choices) whether a choice changes the graph.
        costs: parameters and MACs, (n,) each.
        coordinates: (n, d) positions; 0 at the prototype and for inactive choices, two random
            designs are about 1 apart.
    """

    designs: Designs
    active: NDArray[np.bool_]
    costs: Costs
    coordinates: Values


@final
class DesignFeatures:
    """Turns designs into columns and coordinates; every one of them is 0 at the prototype.

    Args:
        space: the designs.
        prior: what costs, widths and families are expected to do.
    """

    def __init__(self, space: DesignSpace, prior: Prior) -> None:
        self._space = space
        self._tables = [_table(choice) for choice in space.choices]
        scale = np.sqrt(2 * sum(table.shape[1] > 0 for table in self._tables) or 1)
        self._tables = [table / scale for table in self._tables]
        self._own = self.batch(np.array([space.prototype_design], dtype=np.int64))
        self._shares = _share_tables(space.choices)
        operations = [c for c in space.choices if c.kind == "operation"]
        self._families = {name for c in operations for name in _amounts(c)}
        costs = prior.cost_columns(widths="width" in self._shares)
        self.columns = (*costs, *self._design_columns(prior))

    def batch(self, designs: Designs) -> Batch:
        """Work out what is needed to describe (n, choices) designs."""
        active = self._space.active(designs)
        parts = [table[designs[:, i]] * active[:, i, None] for i, table in enumerate(self._tables)]
        coordinates = np.concatenate([np.zeros((len(designs), 0)), *parts], axis=1)
        return Batch(designs, active, self._space.costs(designs), coordinates)

    def values(self, batch: Batch, short: NDArray[np.bool_]) -> Values:
        """Return the (n, columns) linear part; short: (n,) trained at the short fidelity."""
        smaller = np.log2([batch.costs.parameters, batch.costs.macs]) - np.log2(
            [self._own.costs.parameters, self._own.costs.macs]
        )
        both = smaller.mean(0)
        flag = short.astype(np.float64)
        apart = smaller[1] - smaller[0]
        known = [np.ones(len(flag)), flag, *smaller, -(both**2), -(apart**2), both * flag]
        shares = self._share_values(batch)
        return np.column_stack([*known, shares, shares * flag[:, None], batch.coordinates])

    def _share_values(self, batch: Batch) -> Values:
        columns = []
        for tables in self._shares.values():
            count = np.zeros(len(batch.designs))
            total = np.zeros(len(batch.designs))
            for i, table in tables.items():
                count += table[batch.designs[:, i]] * batch.active[:, i]
                total += batch.active[:, i]
            columns.append(count / np.maximum(total, 1))
        return np.column_stack(columns) if columns else np.zeros((len(batch.designs), 0))

    def _design_columns(self, prior: Prior) -> list[Column]:
        effects = {name: prior.share_effect(name) for name in self._shares}
        long = [Column(f"share {name}", "choice", effects[name], 2.5) for name in effects]
        slow = {name: REWRITTEN_IS_SLOW * (name in self._families) for name in self._shares}
        short = [Column(f"share {name} x short", "choice", slow[name], 1.0) for name in slow]
        single = [
            Column(f"{choice.name} {k}", "choice", 0.0, 2**0.5)
            for choice, table in zip(self._space.choices, self._tables, strict=True)
            for k in range(table.shape[1])
        ]
        return [*long, *short, *single]


def _table(choice: Choice) -> Values:
    """Return (options, d) coordinates of a choice: 0 at the prototype, variance 1 over options."""
    if choice.kind in ORDINAL:
        position = np.log2([[float(option)] for option in choice.options])
    else:
        position = np.eye(len(choice.options))
    spread = np.sqrt(position.var(0).sum())
    return np.asarray((position - position[choice.prototype]) / spread)


def _share_tables(choices: Sequence[Choice]) -> dict[str, dict[int, Values]]:
    """Return, per named share, the (options,) amounts that each choice adds when it is active."""
    shares: dict[str, dict[int, Values]] = {}
    for i, choice in enumerate(choices):
        for name, amounts in _amounts(choice).items():
            shares.setdefault(name, {})[i] = np.array(amounts) - amounts[choice.prototype]
    return shares


def _amounts(choice: Choice) -> dict[str, list[float]]:
    names = [str(option) for option in choice.options]
    if choice.kind == "operation":
        families = [name.removesuffix(SQUEEZE_EXCITE) for name in names]
        amounts = {f: [float(own == f) for own in families] for f in Counter(families)}
        del amounts[families[choice.prototype]]
        gated = [float(name.endswith(SQUEEZE_EXCITE)) for name in names]
        return {**amounts, "squeeze-excite": gated} if any(gated) else amounts
    if choice.kind == "downsampling":
        others = [name for name in names if name != names[choice.prototype]]
        return {f"strides {o}": [float(own == o) for own in names] for o in others}
    if choice.kind in ORDINAL:
        return {choice.kind: [float(np.log2(float(option))) for option in choice.options]}
    if choice.kind == "keep":
        return {"dropped": [float(not option) for option in choice.options]}
    return {}
