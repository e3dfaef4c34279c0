"""What a prediction of quality is linear in: named columns with a prior each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Kind = Literal["known", "cost", "choice", "insight"]


@final
@dataclass(frozen=True, slots=True)
class Column:
    """One linear effect on quality.

    Args:
        name: what the column holds; unique among the columns of a model.
        kind: `known` effects keep their prior. Nobody knows the size of others beforehand: all are
            multiplied by a hyperparameter, `scale`, and the deviations of `choice` and `insight`
            effects by one of that name as well.
        mean: prior mean of the effect, in logits per unit of the column, at scale 1.
        deviation: prior standard deviation, likewise (relative to the hyperparameter for the
            kinds that have one).
    """

    name: str
    kind: Kind
    mean: float
    deviation: float


@final
@dataclass(frozen=True, slots=True)
class Rows:
    """What the model knows of n networks.

    Args:
        values: (n, columns) the linear part.
        coordinates: (n, d) position among the designs, for the residual; two designs drawn at
            random are about 1 apart.
        short: (n,) whether the network was trained at the short fidelity.
    """

    values: Values
    coordinates: Values
    short: NDArray[np.bool_]


def prior_means(columns: Sequence[Column], scale: float = 1.0) -> Values:
    """Return the (columns,) prior means."""
    return np.array([c.mean * (1.0 if c.kind == "known" else scale) for c in columns])


def scaled_by_kind(columns: Sequence[Column], values: Values) -> dict[Kind, Values]:
    """Return, per kind, the (n, columns of that kind) values times their prior deviations."""
    deviations = np.array([column.deviation for column in columns])
    kinds = np.array([column.kind for column in columns])
    return {
        "known": (values * deviations)[:, kinds == "known"],
        "cost": (values * deviations)[:, kinds == "cost"],
        "choice": (values * deviations)[:, kinds == "choice"],
        "insight": (values * deviations)[:, kinds == "insight"],
    }
