"""A stand-in for the cheap level of CIFAR-10: accuracies that follow what real trainings gave.

Fitted to random networks, those of `recorded/cheap_level_floor.json` and of random search in
`recorded/cheap_level.jsonl` (ResNet-20's designs, 10,000 images, three epochs): a parabola in the
logarithms of parameters and multiply-adds, an effect of every option, and what neither explains.
Every seed is another world, drawn from all that the recorded trainings leave possible. How well it
fits:

    python benchmarks/cifar_world.py
"""

import json
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from omegaconf import DictConfig, OmegaConf

from gensynth.design.space import DesignSpace
from gensynth.evaluation import Job
from gensynth.inquisitors.logit import to_logits, to_percent
from gensynth.jobs.build import build
from gensynth.journal import read_lines
from gensynth.performance.net_score import NetScore
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation

HERE = Path(__file__).parent
FLOOR, SEARCHED = (
    HERE / "recorded" / name for name in ("cheap_level_floor.json", "cheap_level.jsonl")
)
LUCK = HERE / "results" / "training_luck.json"
GRAPH = resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64))
IMAGES = 2000
"""On which a search reads a network."""
EFFECTS, MISSED = np.geomspace(0.005, 0.1, 14), np.geomspace(0.03, 0.15, 14)
"""Standard deviations, in logits, of an option's effect and of what is not explained; the two that
make the recorded trainings most probable are taken."""
PARABOLA = 6
"""Columns that are not options."""
WIDE = 10.0
"""Standard deviation of the parabola's coefficients: nothing is known of them."""
FOLDS = 8

TRAINED: dict[str, Any] = {
    "prototype_epochs": 15,
    "short_epochs": 3,
    "long_epochs": 3,
    "inherit": False,
}
"""What `cheap_level.py` trains."""

Values = NDArray[np.float64]
Designs = NDArray[np.int64]


def design_space() -> DesignSpace:
    """Return the space that the recorded designs are of: design=full without kernels."""
    described = OmegaConf.load(HERE.parent / "conf" / "design" / "full.yaml")
    assert isinstance(described, DictConfig)
    described.kernels = OmegaConf.load(
        HERE.parent / "conf" / "data" / "cifar10.yaml"
    ).design.kernels
    space: DesignSpace = build(described, GRAPH)
    return space


@final
class Posterior:
    """Linear effects with a Gaussian prior, given noisy observations of known sizes.

    Args:
        rows: (n, columns).
        logits: (n,) observations.
        deviations: (columns,) prior standard deviations of the effects; their mean is 0.
        missed: standard deviation of what the effects do not explain.

    Attributes:
        evidence: log probability of the observations, but for a constant.
    """

    def __init__(self, rows: Values, logits: Values, deviations: Values, missed: float) -> None:
        precision = rows.T @ rows / missed**2 + np.diag(deviations**-2)
        self._root = np.linalg.cholesky(precision)
        self.mean = np.linalg.solve(precision, rows.T @ logits) / missed**2
        error = logits - rows @ self.mean
        fit = float(error @ error) / missed**2 + float(np.sum((self.mean / deviations) ** 2))
        size = len(logits) * np.log(missed) + np.log(deviations).sum()
        self.evidence = -fit / 2 - size - float(np.log(np.diag(self._root)).sum())

    def draw(self, rng: np.random.Generator) -> Values:
        """Return (columns,) effects."""
        away = np.linalg.solve(self._root.T, rng.normal(size=len(self.mean)))
        return np.asarray(self.mean + away)


@final
class CifarWorld:
    """Answers evaluations; every seed is another world of its kind."""

    def __init__(self) -> None:
        self.trained = TRAINED
        self.space = design_space()
        self.performance = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
        searches = [row for row in read_lines(SEARCHED, json.loads) if row["method"] == "random"]
        self.prototype_accuracy = float(searches[0]["prototype"]["accuracy"])
        trained = json.loads(FLOOR.read_text(encoding="utf-8"))["trained"]
        trained += [one for row in searches for one in row["trained"]]
        trained = [one for one in trained if one["confirm"] is not None]
        self.designs: Designs = np.array([one["design"] for one in trained])
        self.rows = self._rows(self.designs)
        self.logits = to_logits(np.array([one["confirm"] for one in trained]))
        self.effect, self.missed = max(
            product(EFFECTS.tolist(), MISSED.tolist()),
            key=lambda sizes: self.posterior(*sizes).evidence,
        )
        self._posterior = self.posterior(self.effect, self.missed)
        self.luck = float(json.loads(LUCK.read_text())["summary"]["logits"]["deviation"])
        self.own = max(self.missed**2 - self.luck**2, 0.0) ** 0.5

    def posterior(
        self, effect: float, missed: float, kept: NDArray[np.int64] | None = None
    ) -> Posterior:
        """Return what recorded trainings, or those that are kept, say of the effects."""
        rows = self.rows if kept is None else self.rows[kept]
        logits = self.logits if kept is None else self.logits[kept]
        deviations = np.full(rows.shape[1], effect)
        deviations[:PARABOLA] = WIDE
        return Posterior(rows, logits, deviations, missed)

    def _rows(self, designs: Designs) -> Values:
        """Return (n, columns): a parabola in both costs, and which options are active."""
        designs = self.space.canonical(designs)
        costs, active = self.space.costs(designs), self.space.active(designs)
        p, m = np.log2(costs.parameters) - 15, np.log2(costs.macs) - 22
        options = [
            (designs[:, i, None] == np.arange(count)) * active[:, i, None]
            for i, count in enumerate(self.space.options_per_choice)
        ]
        parabola = [np.ones(len(p)), p, m, p * p, m * m, p * m]
        return np.column_stack([*parabola, *options]).astype(np.float64)

    def truth(self, designs: Designs, seed: int, *, short: bool) -> Values:
        """Return (n,) logits of the accuracy on the images that judge, mean over trainings.

        Args:
            designs: (n, choices).
            seed: of the world.
            short: has no meaning; the cheap level has one fidelity.
        """
        del short
        effects = self._posterior.draw(np.random.default_rng([11, seed]))
        designs = self.space.canonical(designs)
        own = [np.random.default_rng([7, seed, *row]).normal(0, self.own) for row in designs]
        return np.asarray(self._rows(designs) @ effects + own)

    def network(self, candidate: Candidate, seed: int, *, short: bool) -> float:
        """Return the logit of the accuracy of one trained network on the images that judge it.

        Its luck is what was measured on the 5,000 confirm images: of training and of counting.
        The prototype, trained for longer, has the accuracy that was recorded.
        """
        if candidate.design == self.space.prototype_design:
            return float(to_logits(self.prototype_accuracy))
        luck = np.random.default_rng([seed, candidate.seed % 2**32]).normal(0, self.luck)
        return float(self.truth(np.array([candidate.design]), seed, short=short)[0] + luck)

    def evaluate(self, jobs: Sequence[Job], seed: int) -> Iterator[Evaluation]:
        """Yield what training would have given, in the world of this seed."""
        for job in jobs:
            candidate = job.candidate
            share = float(to_percent(self.network(candidate, seed, short=True))) / 100
            if candidate.design != self.space.prototype_design:
                rng = np.random.default_rng([seed, candidate.seed % 2**32, 1])
                share = rng.binomial(IMAGES, share) / IMAGES
            costs = self.space.costs(np.array([candidate.design]))
            measured = {
                "accuracy": 100 * share,
                "parameters": float(costs.parameters[0]),
                "macs": float(costs.macs[0]),
            }
            measured["net_score"] = float(self.performance.score(measured))
            yield Evaluation(
                candidate,
                f"{candidate.digest}-{candidate.seed}-{job.fidelity}-{job.split}",
                job.fidelity,
                job.split,
                "completed",
                measurements=measured,
                standard_errors={"accuracy": 100 * (share * (1 - share) / IMAGES) ** 0.5},
            )


def main() -> None:
    """Print how well trainings that were held out are predicted, with options' effects or none."""
    world, n = CifarWorld(), 0
    order = np.random.default_rng(0).permutation(len(world.logits))
    errors: dict[float, list[float]] = {world.effect: [], EFFECTS[0] / 10: []}
    for held_out in np.array_split(order, FOLDS):
        kept = np.setdiff1d(order, held_out)
        for effect, missed in errors.items():
            mean = world.posterior(effect, world.missed, kept).mean
            missed += (world.logits[held_out] - world.rows[held_out] @ mean).tolist()
        n += len(held_out)
    by_options, by_costs = (float(np.std(missed)) for missed in errors.values())
    print(
        f"n={n}, deviation {world.logits.std():.3f}; missed, held out: by costs {by_costs:.3f}, by "
        f"costs and options {by_options:.3f}. The world's options have effects of "
        f"{world.effect:.3f}, its designs {world.own:.3f} of their own, its trainings "
        f"{world.luck:.3f}"
    )


if __name__ == "__main__":
    main()
