"""A stand-in for the cheap level of CIFAR-10: accuracies that follow what real trainings gave.

Fitted to the networks of `recorded/cheap_level_floor.json` and `recorded/cheap_level.jsonl`
(ResNet-20's designs, 10,000 images, three epochs). What costs explain is a parabola in the
logarithms of parameters and multiply-adds; every seed is another world, in which options of choices
have effects of their own, and every design and training some luck. How well it fits:

    python benchmarks/cifar_world.py
"""

import json
from collections.abc import Iterator, Sequence
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
from gensynth.records import Evaluation

HERE = Path(__file__).parent
FLOOR, SEARCHED = (
    HERE / "recorded" / name for name in ("cheap_level_floor.json", "cheap_level.jsonl")
)
GRAPH = resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64))
IMAGES = 2000
"""On which a search reads a network."""
CHOICES, OWN, TRAINING = 0.04, 0.04, 0.04
"""Standard deviations, in logits, of what the choices of random designs, designs, and trainings of
one design have to themselves: assumptions, to be compared with what the costs leave open."""
RIDGE = 0.01

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
class CifarWorld:
    """Answers evaluations; every seed is another world of its kind."""

    def __init__(self) -> None:
        self.trained = TRAINED
        self.space = design_space()
        self.performance = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
        searches = read_lines(SEARCHED, json.loads)
        self.prototype_accuracy = float(searches[0]["prototype"]["accuracy"])
        trained = json.loads(FLOOR.read_text(encoding="utf-8"))["trained"]
        trained += [one for row in searches for one in row["trained"]]
        trained = [one for one in trained if "design" in one and one["confirm"] is not None]
        self.designs: Designs = np.array([one["design"] for one in trained])
        self.logits = to_logits(np.array([one["confirm"] for one in trained]))
        rows = self._rows(self.designs)
        ridge = RIDGE * np.eye(rows.shape[1])
        ridge[0, 0] = 0.0
        self._slopes = np.linalg.solve(rows.T @ rows + ridge, rows.T @ self.logits)
        self.missed = float((self.logits - rows @ self._slopes).std())

    def _rows(self, designs: Designs) -> Values:
        """Return (n, 6): a parabola in both costs, around the middle of what was recorded."""
        costs = self.space.costs(designs)
        p, m = np.log2(costs.parameters) - 15, np.log2(costs.macs) - 22
        return np.column_stack([np.ones(len(p)), p, m, p * p, m * m, p * m])

    def truth(self, designs: Designs, seed: int, *, short: bool) -> Values:
        """Return (n,) logits of the accuracy on infinitely many images, mean over trainings.

        Args:
            designs: (n, choices).
            seed: of the world.
            short: has no meaning; the cheap level has one fidelity.
        """
        del short
        designs = self.space.canonical(designs)
        rng = np.random.default_rng([11, seed])
        active = self.space.active(designs)
        effects = np.zeros(len(designs))
        for i, options in enumerate(self.space.options_per_choice):
            effects += rng.normal(size=int(options))[designs[:, i]] * active[:, i]
        effects *= CHOICES / designs.shape[1] ** 0.5
        own = [np.random.default_rng([7, seed, *row]).normal(0, OWN) for row in designs.tolist()]
        return np.asarray(self._rows(designs) @ self._slopes + effects + own)

    def evaluate(self, jobs: Sequence[Job], seed: int) -> Iterator[Evaluation]:
        """Yield what training would have given, in the world of this seed.

        The prototype, trained for longer, has the accuracy that was recorded.
        """
        for job in jobs:
            candidate = job.candidate
            design = np.array([candidate.design])
            rng = np.random.default_rng([seed, candidate.seed % 2**32])
            logits = self.truth(design, seed, short=True) + rng.normal(0, TRAINING)
            share = rng.binomial(IMAGES, to_percent(logits)[0] / 100) / IMAGES
            if candidate.design == self.space.prototype_design:
                share = self.prototype_accuracy / 100
            costs = self.space.costs(design)
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
    """Print what the costs leave open, beside what the world adds to them."""
    world = CifarWorld()
    counting = (1 / (5000 * 0.25)) ** 0.5
    added = (CHOICES**2 + OWN**2 + TRAINING**2 + counting**2) ** 0.5
    print(
        f"n={len(world.logits)}, deviation {world.logits.std():.3f}, missed by costs "
        f"{world.missed:.3f}; the world adds, with counting images, {added:.3f}"
    )


if __name__ == "__main__":
    main()
