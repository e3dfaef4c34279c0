"""Does what is believed beforehand foretell networks? Recorded trainings; nothing is trained.

Sets: digits, 12 and 40 epochs (`recorded/digits_evaluations.jsonl.gz`: random designs, uniformly
narrowed ones and those of searches), and CIFAR-10, 10,000 images and three epochs, random designs
(`recorded/cheap_level*`).

- effects: in logits, by weighted least squares over all designs of a set: of costs and widths per
  doubling, of the other shares for a network that is all of it.
- mixed: what theta_I claims of long trainings on digits when it knows short and long ones: the
  logarithm of the density it gives what was read (more is better) and the root mean square of the
  distance in standard deviations (1 is right), as configured and where short trainings are believed
  to be as good as long ones; differences are paired by split.
- collapsed: by how many points expectations move, at most, when one more training is known that
  shows 4 logits less than it should.
- missed: root mean square error, in logits, of what theta_I expects of recorded networks when it
  knows n others: as configured, and with nothing believed of widths and families but what costs
  do; their difference is paired by split. Errors contain the noise of counting images and of
  training. Splits share networks: their standard errors know of nothing but the splits.

Which shares something is believed of was decided by all three sets; how much, by digits.

    python benchmarks/prior_check.py
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
from cifar_world import CifarWorld
from digits_world import DigitsWorld
from numpy.typing import NDArray
from search_methods import Row, prior_of, quiet, spread, versions, write

from gensynth.design.space import DesignSpace
from gensynth.inquisitors.features import DesignFeatures
from gensynth.inquisitors.logit import to_percent
from gensynth.inquisitors.predictor import PLAUSIBLE, Predictor, Reading
from gensynth.inquisitors.prior import Prior
from gensynth.inquisitors.regression import Hyperparameters
from gensynth.network.hardware import detect_device, processor_name

RESULT = Path(__file__).parent / "results" / "prior_check.json"
KNOWN = (2, 4, 8, 16, 32)
HELD_OUT = 200
MIXED = ((8, 2), (16, 4), (32, 8), (64, 16))
"""Short and long trainings that are known; long ones of designs that were trained short before."""
FORETOLD = 40
COLLAPSED = 4.0
CONFIRM_IMAGES = 5000
"""On which networks on CIFAR-10 were read."""
Values = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True)
class Recorded:
    """Trainings of one fidelity on one data set.

    Args:
        space: the designs.
        designs: (n, choices).
        logits: (n,) measured quality.
        errors: (n,) standard errors of the measurements.
        short: whether the fidelity is the short one.
        prior: what is believed beforehand.
    """

    space: DesignSpace
    designs: NDArray[np.int64]
    logits: Values
    errors: Values
    short: bool
    prior: Prior

    def features(self, *, believed: bool) -> DesignFeatures:
        """Return the columns, with or without what is believed of widths and families."""
        features = DesignFeatures(self.space, self.prior)
        if not believed:
            costs = self.prior.cost_columns(widths=False)
            rest = [replace(one, mean=0.0) for one in features.columns[len(costs) :]]
            features.columns = (*costs, *rest)
        return features

    def reading(self, index: int) -> Reading:
        """Return one training as theta_I takes it."""
        design = tuple(self.designs[index].tolist())
        return Reading(design, self.short, self.logits[index], self.errors[index], ())


def recorded() -> dict[str, Recorded]:
    """Return what was recorded, by set."""
    digits, cifar = DigitsWorld(), CifarWorld()
    found = {}
    for name, short in (("digits, 12 epochs", True), ("digits, 40 epochs", False)):
        kept = digits.short == short
        found[name] = Recorded(
            digits.space,
            digits.designs[kept],
            digits.logits[kept],
            digits.errors[kept],
            short,
            prior_of(digits),
        )
    shares = to_percent(cifar.logits) / 100
    errors = 1 / np.sqrt(CONFIRM_IMAGES * shares * (1 - shares))
    found["CIFAR-10, 3 epochs"] = Recorded(
        cifar.space,
        cifar.designs,
        cifar.logits,
        errors,
        False,
        prior_of(cifar),
    )
    return found


def effects(one: Recorded) -> dict[str, Row]:
    """Return the effects of costs and shares, and their standard errors."""
    features = one.features(believed=True)
    names = [column.name for column in features.columns]
    shares = [n for n in names if n.startswith("share ") and not n.endswith(" x short")]
    kept = ["bias", "log2 parameters", "log2 macs", "curvature", "imbalance", *shares]
    values = features.values(features.batch(one.designs), np.zeros(len(one.designs), np.bool_))
    rows = values[:, [names.index(name) for name in kept]]
    alike, _ = weighted(rows, one.logits, np.ones(len(rows)))
    squared = (one.logits - rows @ alike) ** 2
    unexplained = np.maximum(np.mean(squared) - np.mean(one.errors**2), 0.0)
    found, errors = weighted(rows, one.logits, 1 / (unexplained + one.errors**2))
    return {
        name: {"logits": round(float(effect), 4), "standard_error": round(float(error), 4)}
        for name, effect, error in zip(kept, found, errors, strict=True)
        if name != "bias"
    }


def weighted(rows: Values, logits: Values, weights: Values) -> tuple[Values, Values]:
    """Return weighted least squares' solution, and standard errors for weights of 1 / variance."""
    gram = np.linalg.inv((rows * weights[:, None]).T @ rows)
    return gram @ rows.T @ (weights * logits), np.sqrt(np.diag(gram))


def missed(one: Recorded, splits: Sequence[NDArray[np.int64]]) -> dict[str, Row]:
    """Return by how much expectations miss, by how many networks are known."""
    both = [one.features(believed=believed) for believed in (True, False)]
    result = {}
    for known in KNOWN:
        found = np.array([[_miss(one, f, split, known) for f in both] for split in splits])
        result[str(known)] = {
            "configured": spread(found[:, 0].tolist()),
            "costs_alone": spread(found[:, 1].tolist()),
            "difference": spread((found[:, 0] - found[:, 1]).tolist()),
        }
    return result


def _miss(one: Recorded, features: DesignFeatures, split: NDArray[np.int64], known: int) -> float:
    readings = [one.reading(int(index)) for index in split[:known]]
    held_out = split[-HELD_OUT:]
    batch = features.batch(one.designs[held_out])
    mean, _ = Predictor(one.space, features, readings, {}).predict(batch, short=one.short)
    return float(np.sqrt(np.mean((mean - one.logits[held_out]) ** 2)))


@final
class Mixed:
    """Designs on digits that were trained short and long.

    Args:
        short: all short trainings.
        long: all long ones, of the same space.
    """

    def __init__(self, short: Recorded, long: Recorded) -> None:
        indices = (
            {tuple(row): i for i, row in enumerate(o.designs.tolist())} for o in (short, long)
        )
        first, second = indices
        self._pairs = np.array([(first[row], second[row]) for row in second if row in first])
        self._short, self._long = short, long
        self._features = long.features(believed=True)
        self.designs = len(self._pairs)

    def result(self, splits: Sequence[NDArray[np.int64]]) -> dict[str, Row]:
        """Return what is claimed of long trainings, by how many trainings are known."""
        alike = replace(PLAUSIBLE, short_noise=1e-6)
        result = {}
        for known in MIXED:
            found = np.array(
                [[self._claims(split, known, p) for p in (PLAUSIBLE, alike)] for split in splits]
            )
            result["{} short, {} long".format(*known)] = {
                "log_density": compared(found[:, :, 0]),
                "distance": compared(found[:, :, 1]),
                "collapsed_points": spread([self._moved(split, known) for split in splits]),
            }
        return result

    def _known(self, split: NDArray[np.int64], known: tuple[int, int]) -> list[Reading]:
        short, long = known
        readings = [self._short.reading(int(i)) for i in self._pairs[split[:short], 0]]
        return readings + [self._long.reading(int(i)) for i in self._pairs[split[:long], 1]]

    def _foretold(
        self, split: NDArray[np.int64], readings: Sequence[Reading], plausible: Hyperparameters
    ) -> tuple[Values, Values]:
        designs = self._long.designs[self._pairs[split[-FORETOLD:], 1]]
        predictor = Predictor(self._long.space, self._features, readings, {}, plausible)
        return predictor.predict(self._features.batch(designs))

    def _claims(
        self, split: NDArray[np.int64], known: tuple[int, int], plausible: Hyperparameters
    ) -> tuple[float, float]:
        mean, deviation = self._foretold(split, self._known(split, known), plausible)
        rows = self._pairs[split[-FORETOLD:], 1]
        deviation = np.hypot(deviation, self._long.errors[rows])
        squared = ((self._long.logits[rows] - mean) / deviation) ** 2
        density = -np.log(deviation * math.sqrt(2 * math.pi)) - squared / 2
        return float(density.mean()), float(np.sqrt(squared.mean()))

    def _moved(self, split: NDArray[np.int64], known: tuple[int, int]) -> float:
        readings = self._known(split, known)
        fallen = self._short.reading(int(self._pairs[split[known[0]], 0]))
        fallen = replace(fallen, logits=fallen.logits - COLLAPSED)
        before, after = (
            to_percent(self._foretold(split, known_to_it, PLAUSIBLE)[0])
            for known_to_it in (readings, [*readings, fallen])
        )
        return float(np.abs(after - before).max())


def compared(found: Values) -> Row:
    """Return (n, 2) figures as configured and with both fidelities alike, and their difference."""
    return {
        "configured": spread(found[:, 0].tolist()),
        "alike": spread(found[:, 1].tolist()),
        "difference": spread((found[:, 0] - found[:, 1]).tolist()),
    }


def result_of(sets: Mapping[str, Recorded], splits: int) -> dict[str, Any]:
    """Return the record."""
    summary = {}
    for name, one in sets.items():
        rng = np.random.default_rng(0)
        drawn = [rng.permutation(len(one.designs)) for _ in range(splits)]
        summary[name] = {
            "designs": len(one.designs),
            "effects": effects(one),
            "missed_logits": missed(one, drawn),
        }
    mixed = Mixed(sets["digits, 12 epochs"], sets["digits, 40 epochs"])
    rng = np.random.default_rng(0)
    drawn = [rng.permutation(mixed.designs) for _ in range(splits)]
    return {
        "claim": "how well theta_I foretells networks by what it believes beforehand",
        "summary": summary,
        "mixed": {"designs": mixed.designs, "known": mixed.result(drawn)},
        "settings": {
            "splits": splits,
            "held_out": HELD_OUT,
            "foretold": FORETOLD,
            "collapsed_logits": COLLAPSED,
        },
        "device": processor_name(detect_device()),
        "versions": versions("scipy"),
    }


def main() -> None:
    """Compare, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--splits", type=int, default=24)
    options = parser.parse_args()
    quiet()
    write(result_of(recorded(), options.splits), RESULT)


if __name__ == "__main__":
    main()
