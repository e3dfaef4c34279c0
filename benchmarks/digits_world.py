"""A stand-in for training networks on digits: accuracies that follow what real trainings gave.

Fitted to `recorded/digits_evaluations.jsonl.gz`: accuracies of designs of a ResNet-20 (8 x 8
digits, design=full, training of data=digits) after short trainings, on 300 images, and long ones,
on 400. A gradient boosting and a Gaussian process explain what of it designs have in common; their
mean, plus a part of every design's own and the noise of training and of counting images, is the
world in which methods of search can be compared in seconds instead of minutes. How well it fits:

    python benchmarks/digits_world.py
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct
from sklearn.model_selection import GroupKFold

from gensynth.data.partition import Split
from gensynth.design.space import DesignSpace, derive
from gensynth.evaluation import CONFIRM, Job
from gensynth.inquisitors.logit import to_percent
from gensynth.performance.net_score import NetScore
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation

RECORDED = Path(__file__).parent / "recorded" / "digits_evaluations.jsonl.gz"
GRAPH = resnet((1, 8, 8), 10, depth=20, widths=(16, 32, 64))
IMAGES: Mapping[Split, int] = {"search": 300, "confirm": 400, "test": 300}
OWN = 0.08
"""Standard deviation, in logits, of what a design has to itself: an assumption, to be compared with
what held-out designs miss beyond the noise of counting images."""
TRAINING = {"short": 0.08, "long": 0.06}
"""Standard deviation, in logits, between trainings of one design: an assumption as well."""
TRAINED: dict[str, Any] = {
    "prototype_epochs": 40,
    "short_epochs": 12,
    "long_epochs": 40,
    "inherit": True,
}
"""What data=digits trains."""

Values = NDArray[np.float64]
Designs = NDArray[np.int64]


def design_space() -> DesignSpace:
    """Return the space that the recorded designs are of: design=full."""
    return derive(
        GRAPH,
        width_ratios=[0.25, 0.375, 0.5, 0.625, 0.75, 1.0, 1.5],
        width_multiple=4,
        operations=[
            "dense",
            "separable",
            "bottleneck",
            "inverted_bottleneck",
            "inverted_bottleneck_se",
        ],
        kernels=[3, 5],
        keep=True,
        downsampling=True,
        frozen=[],
    )


@final
class Blend:
    """Gradient boosting and a Gaussian process, in equal parts: rows and their errors to logits.

    Args:
        rows: (n, columns) what is known of every evaluation.
        logits: (n,) what it gave.
        errors: (n,) standard errors.
    """

    def __init__(self, rows: Values, logits: Values, errors: Values) -> None:
        weights = 1 / (errors**2 + 0.15**2)
        self._trees = [
            HistGradientBoostingRegressor(
                max_iter=300,
                learning_rate=0.05,
                max_leaf_nodes=8,
                l2_regularization=1,
                max_features=0.5,
                random_state=seed,
            ).fit(rows, logits, sample_weight=weights)
            for seed in range(3)
        ]
        self._middle, self._spread = rows.mean(0), rows.std(0) + 1e-9
        kernel = ConstantKernel(0.67) * DotProduct(0.03) + ConstantKernel(0.115) * RBF(0.25)
        self._process = GaussianProcessRegressor(
            kernel, alpha=errors**2 + 0.01, normalize_y=True, optimizer=None
        ).fit(self._scaled(rows), logits)

    def __call__(self, rows: Values) -> Values:
        """Return (n,) logits."""
        trees = np.mean([tree.predict(rows) for tree in self._trees], axis=0)
        return np.asarray((trees + self._process.predict(self._scaled(rows))) / 2)

    def _scaled(self, rows: Values) -> Values:
        return np.asarray((rows - self._middle) / self._spread / np.sqrt(rows.shape[1]))


@final
class DigitsWorld:
    """Answers evaluations; every seed is another world of its kind.

    Args:
        images: on which a network is read, by split.
    """

    def __init__(self, images: Mapping[Split, int] = IMAGES) -> None:
        self.images = images
        self.trained = TRAINED
        self.space = design_space()
        self.performance = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
        with gzip.open(RECORDED, "rt") as lines:
            recorded = [json.loads(line) for line in lines]
        self.designs: Designs = np.array([one["design"] for one in recorded])
        self.short = np.array([one["fidelity"] == "short" for one in recorded])
        counted = np.where(self.short, IMAGES["search"], IMAGES["confirm"])
        trainings = np.array([len(one["accuracies"]) for one in recorded])
        shares = np.array([np.mean(one["accuracies"]) for one in recorded]) / 100
        shares = (shares * counted + 1) / (counted + 2)
        self.logits = np.log(shares / (1 - shares))
        self.errors = 1 / np.sqrt(counted * trainings * shares * (1 - shares))

    @cached_property
    def blend(self) -> Blend:
        """What all worlds share, fitted to all that was recorded."""
        return Blend(self.rows(self.designs, self.short), self.logits, self.errors)

    def rows(self, designs: Designs, short: NDArray[np.bool_]) -> Values:
        """Return (n, columns): fidelity, exact costs, and which options are active."""
        designs = self.space.canonical(designs)
        active, costs = self.space.active(designs), self.space.costs(designs)
        flag = short.astype(np.float64)
        sizes = np.log2(np.column_stack([costs.parameters, costs.macs]) + 1.0)
        options = [
            (designs[:, i, None] == np.arange(count)) * active[:, i, None]
            for i, count in enumerate(self.space.options_per_choice)
        ]
        shares = np.column_stack([self._share(designs, active, kind) for kind in ("width", "keep")])
        known = [flag, sizes, sizes.mean(1) ** 2, sizes * flag[:, None], shares, *options]
        return np.column_stack(known).astype(np.float64)

    def _share(self, designs: Designs, active: NDArray[np.bool_], kind: str) -> Values:
        places = [i for i, choice in enumerate(self.space.choices) if choice.kind == kind]
        level = designs[:, places] / (self.space.options_per_choice[places] - 1)
        return np.asarray(
            (level * active[:, places]).sum(1) / np.maximum(active[:, places].sum(1), 1)
        )

    def truth(self, designs: Designs, seed: int, *, short: bool) -> Values:
        """Return (n,) logits of the accuracy on infinitely many images, mean over trainings."""
        designs = self.space.canonical(designs)
        common = self.blend(self.rows(designs, np.full(len(designs), short)))
        own = [np.random.default_rng([7, seed, *row]).normal(0, OWN) for row in designs.tolist()]
        return np.asarray(common + own)

    def network(self, candidate: Candidate, seed: int, *, short: bool) -> float:
        """Return the logit of the accuracy on infinitely many images of one trained network."""
        rng = np.random.default_rng([seed, candidate.seed % 2**32, short])
        luck = rng.normal(0, TRAINING["short" if short else "long"])
        return float(self.truth(np.array([candidate.design]), seed, short=short)[0] + luck)

    def evaluate(self, jobs: Sequence[Job], seed: int) -> Iterator[Evaluation]:
        """Yield what training would have given, in the world of this seed."""
        for job in jobs:
            short, images = job.fidelity == "short", self.images[job.split]
            share = to_percent(self.network(job.candidate, seed, short=short)) / 100
            split = int(job.split == CONFIRM)
            rng = np.random.default_rng([seed, job.candidate.seed % 2**32, short, 1 + split])
            yield self._evaluation(job, int(rng.binomial(images, share)), images)

    def _evaluation(self, job: Job, right: int, images: int) -> Evaluation:
        costs = self.space.costs(np.array([job.candidate.design]))
        measured: dict[str, Any] = {
            "accuracy": 100 * right / images,
            "parameters": float(costs.parameters[0]),
            "macs": float(costs.macs[0]),
        }
        measured["net_score"] = float(self.performance.score(measured))
        share = (right + 2) / (images + 4)
        error = 100 * np.sqrt(share * (1 - share) / (images + 4))
        return Evaluation(
            job.candidate,
            f"{job.candidate.digest}-{job.candidate.seed}-{job.fidelity}-{job.split}",
            job.fidelity,
            job.split,
            "completed",
            measurements=measured,
            standard_errors={"accuracy": float(error), "accuracy_minus_prototype": 0.5},
        )


def main() -> None:
    """Print how well designs that were held out are predicted, in squared logits."""
    world = DigitsWorld()
    rows = world.rows(world.designs, world.short)
    groups = np.unique(world.space.canonical(world.designs), axis=0, return_inverse=True)[1]
    predicted = np.zeros(len(rows))
    for train, test in GroupKFold(5).split(rows, world.logits, groups):
        blend = Blend(rows[train], world.logits[train], world.errors[train])
        predicted[test] = blend(rows[test])
    for name, mask in (("short", world.short), ("long", ~world.short)):
        missed = (world.logits - predicted)[mask]
        spread = world.logits[mask].var()
        noise = (world.errors[mask] ** 2).mean()
        print(
            f"{name}: n={mask.sum()}, variance {spread:.3f}, missed {np.mean(missed**2):.3f},"
            f" of that counting images {noise:.3f}; the world adds to that"
            f" {OWN**2 + TRAINING[name] ** 2:.3f}"
        )


if __name__ == "__main__":
    main()
