"""theta_I: the probabilistic predictor of quality from a design and what probing revealed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace
from gensynth.inquisitors.columns import Column, Rows
from gensynth.inquisitors.features import Batch, DesignFeatures
from gensynth.inquisitors.losses import Losses, LossReader, Responses
from gensynth.inquisitors.regression import Hyperparameters, fit

Values = NDArray[np.float64]

PLAUSIBLE = Hyperparameters(
    noise=0.06, short_noise=0.1, scale=1.0, residual=0.12, length=1.0, choice=0.12, insight=0.1
)
"""Small for insights: what they are worth is for the observations to show, and few can mislead."""

TYPICAL_LOSS_LOGITS = -0.05
"""What the losses of a random design are expected to cost, before any network was observed."""


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """One trained network's quality.

    Args:
        design: one option index per choice.
        short: whether it was trained at the short fidelity.
        logits: measured quality.
        error: standard error of that measurement, logits.
        responses: what probing it revealed; empty when it was not probed.
    """

    design: tuple[int, ...]
    short: bool
    logits: float
    error: float
    responses: Responses


@final
class Predictor:
    """Predicts quality on the logit scale.

        quality = bias + fidelity + slopes x log2(cost / prototype's) - curvature - imbalance
                  + shares of operations ... + effects of single choices
                  + lambda x losses read off responses + residual

    Args:
        space: the designs.
        features: columns that need no training.
        readings: the networks to learn from; none leaves the priors.
        losses: of options, by quantity, as read off the readings' responses.
        plausible: medians of the hyperparameters' priors.
    """

    def __init__(
        self,
        space: DesignSpace,
        features: DesignFeatures,
        readings: Sequence[Reading],
        losses: Losses,
        plausible: Hyperparameters = PLAUSIBLE,
    ) -> None:
        self._features = features
        self._insights = [_InsightColumns(space, quantity, losses[quantity]) for quantity in losses]
        columns = [*features.columns, *(c for one in self._insights for c in one.columns)]
        designs = np.array([r.design for r in readings], dtype=np.int64)
        batch = features.batch(designs.reshape(len(readings), len(space.choices)))
        short = np.array([r.short for r in readings], dtype=np.bool_)
        logits = np.array([r.logits for r in readings], dtype=np.float64)
        errors = np.array([r.error for r in readings], dtype=np.float64)
        self._regression = fit(columns, self._rows(batch, short), logits, errors, plausible)

    def predict(self, batch: Batch, *, short: bool = False) -> tuple[Values, Values]:
        """Return (n,) means and standard deviations, logits, of designs trained at one fidelity."""
        return self._regression.predict(self._rows(batch, np.full(len(batch.designs), short)))

    def leaning(self) -> dict[tuple[str, str], float]:
        """Return, by (quantity, choice), the effect in logits of one unit of the losses read."""
        effects = dict(zip(self._names(), self._regression.effects(), strict=True))
        return {
            (one.quantity, name): float(per_unit)
            for one in self._insights
            for name, per_unit in one.per_unit(effects).items()
        }

    def state_dict(self) -> dict[str, Any]:
        """Return hyperparameters and posterior means of the effects."""
        effects = zip(self._names(), self._regression.effects().tolist(), strict=True)
        return {
            "hyperparameters_logits": asdict(self._regression.hyperparameters),
            "effects_logits": dict(effects),
        }

    def _names(self) -> list[str]:
        return [column.name for column in self._regression.columns]

    def _rows(self, batch: Batch, short: NDArray[np.bool_]) -> Rows:
        parts = [self._features.values(batch, short)]
        parts += [one.values(batch) for one in self._insights]
        return Rows(np.concatenate(parts, axis=1), batch.coordinates, short)


@final
class _InsightColumns:
    """Losses of one quantity as columns: their sums over each kind of choice, then each alone.

    The sums share one effect (lambda) per kind, so a single network teaches something about every
    choice; the single columns let a choice differ from its kind. Divided by what a random design
    loses, so that priors fit any unit.
    """

    def __init__(self, space: DesignSpace, quantity: str, losses: Mapping[str, Values]) -> None:
        self.quantity = quantity
        kinds = {choice.name: choice.kind for choice in space.choices}
        index = {choice.name: i for i, choice in enumerate(space.choices)}
        own = {choice.name: choice.prototype for choice in space.choices}
        self._index = [index[name] for name in losses]
        self._tables = [values - values[own[name]] for name, values in losses.items()]
        self._names = list(losses)
        self._kinds = np.array([kinds[name] for name in losses])
        self._sums = [k for k in ("width", "keep") if (self._kinds == k).any()]
        typical = float(sum(abs(table.mean()) for table in self._tables))
        self._scale = 1 / typical if typical > 1e-9 else 0.0
        self._single = len(losses) ** 0.5
        self.columns = tuple(
            [Column(f"{quantity} {k}", "insight", TYPICAL_LOSS_LOGITS, 1.0) for k in self._sums]
            + [Column(f"{quantity} {name}", "insight", 0.0, 0.5) for name in losses]
        )

    def values(self, batch: Batch) -> Values:
        """Return the (n, columns) values."""
        if not self._names:
            return np.zeros((len(batch.designs), 0))
        lost = self._scale * np.column_stack(
            [
                table[batch.designs[:, i]] * batch.active[:, i]
                for i, table in zip(self._index, self._tables, strict=True)
            ]
        )
        sums = [lost[:, self._kinds == kind].sum(1) for kind in self._sums]
        return np.column_stack([*sums, self._single * lost])

    def per_unit(self, effects: Mapping[str, float]) -> dict[str, float]:
        """Return each choice's effect in logits per unit of its losses."""
        return {
            name: self._scale
            * (
                effects[f"{self.quantity} {kind}"]
                + self._single * effects[f"{self.quantity} {name}"]
            )
            for name, kind in zip(self._names, self._kinds, strict=True)
        }


def read_losses(reader: LossReader, readings: Sequence[Reading]) -> Losses:
    """Return the losses that the readings' responses reveal; empty when nothing was probed."""
    return reader.read([r.responses for r in readings if r.responses])
