"""A design space, and a made-up truth about it: quality of designs and responses of networks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace, derive
from gensynth.graph.coupling import coupling_groups
from gensynth.inquisitors.learning import LearningInquisitor
from gensynth.inquisitors.prior import Prior
from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.network.graph_network import GraphNetwork
from gensynth.performance.net_score import NetScore
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation, Fidelity, Response
from gensynth.requirements import Requirements, ResolvedRequirements

QUANTITY = "usable_class_information_bits"
IMAGES = 2000

Values = NDArray[np.float64]


@pytest.fixture(scope="session")
def space() -> DesignSpace:
    return derive(
        resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64)),
        width_ratios=[0.25, 0.375, 0.5, 0.75, 1.0],
        width_multiple=4,
        operations=["dense", "separable", "bottleneck", "inverted_bottleneck"],
        kernels=[3, 5],
        keep=True,
        downsampling=True,
        frozen=[],
    )


@final
@dataclass(frozen=True)
class Truth:
    """Quality falls by what each choice loses, choices differ widely, and pairs interact.

    Responses tell the losses of widths and blocks, distorted and noisy; nothing of operations.
    """

    space: DesignSpace
    seed: int
    importance: Values = field(init=False)
    saturation: Values = field(init=False)
    distortion: Values = field(init=False)
    pairs: Values = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        count = len(self.space.choices)
        put = object.__setattr__
        put(self, "importance", rng.lognormal(-0.5, 1.0, count))
        put(self, "saturation", rng.uniform(0.5, 6.0, count))
        put(self, "distortion", rng.lognormal(0.0, 0.3, count))
        put(self, "pairs", rng.normal(0.0, 0.02, (count, count)))

    def logits(self, designs: NDArray[np.int64], *, short: bool) -> Values:
        """Quality of perfectly measured networks, without the luck of training."""
        active = self.space.active(designs)
        lost = np.column_stack(
            [self._losses(i)[designs[:, i]] * active[:, i] for i in range(designs.shape[1])]
        )
        costs = self.space.costs(designs)
        own = self.space.costs(np.array([self.space.prototype_design]))
        halvings = np.log2(own.parameters / costs.parameters) + np.log2(own.macs / costs.macs)
        interaction = ((lost @ self.pairs) * lost).sum(1)
        long = 2.4 - 0.03 * halvings - lost.sum(1) + interaction
        return np.asarray(long - (0.5 - 0.02 * halvings) * short)

    def evaluate(self, design: tuple[int, ...], fidelity: Fidelity, seed: int) -> Evaluation:
        """Train (with luck) and measure (on few images) a network."""
        rng = np.random.default_rng([self.seed, seed])
        designs = np.array([design], dtype=np.int64)
        logit = self.logits(designs, short=fidelity == "short")[0] + rng.normal(0, 0.05)
        share = rng.binomial(IMAGES, 1 / (1 + np.exp(-logit))) / IMAGES
        costs = self.space.costs(designs)
        return Evaluation(
            Candidate(0, seed, seed, design, f"digest-{seed}"),
            f"key-{fidelity}-{seed}",
            fidelity,
            "search",
            "completed",
            measurements={
                "accuracy": 100 * share,
                "parameters": float(costs.parameters[0]),
                "macs": float(costs.macs[0]),
            },
            standard_errors={"accuracy": 100 * (share * (1 - share) / IMAGES) ** 0.5},
        )

    def respond(self, design: tuple[int, ...], seed: int) -> tuple[Response, ...]:
        """Probe a network: one curve per width choice, a rise of information across each block."""
        rng = np.random.default_rng([self.seed, seed, 1])
        groups = {g.name: g for g in coupling_groups(self.space.graph)}
        gains = {
            self._exit(c.target): self.importance[i] * self.distortion[i]
            for i, c in enumerate(self.space.choices)
            if c.kind == "keep"
        }
        there = {v.name for v in self.space.apply(design).vertices}
        responses = []
        for i, choice in enumerate(self.space.choices):
            if choice.kind == "width":
                width = int(choice.options[design[i]])
                own = int(choice.options[choice.prototype])
                level = self.importance[i] * self.distortion[i]
                kept = level * (1 - self._lost_share(i, np.arange(1, width + 1) / own))
                for place in self._places(groups[choice.target].values, gains):
                    if place in there:
                        kept = kept + gains.get(place, 0.0)
                        noisy = kept + rng.normal(0, 0.02, width)
                        responses.append(Response("made_up", place, QUANTITY, tuple(noisy)))
        return tuple(responses)

    def _losses(self, index: int) -> Values:
        choice = self.space.choices[index]
        scale = 0.08 * self.importance[index]
        if choice.kind == "width":
            widths = np.array([float(w) for w in choice.options])
            return np.asarray(scale * self._lost_share(index, widths / widths[choice.prototype]))
        if choice.kind == "keep":
            return np.array([0.0 if kept else scale for kept in choice.options])
        rng = np.random.default_rng([self.seed, index, 2])
        losses = rng.normal(0, 0.02, len(choice.options))
        return np.asarray(losses - losses[choice.prototype])

    def _lost_share(self, index: int, ratio: Values) -> Values:
        rate = self.saturation[index]
        return np.asarray(1 - (1 - np.exp(-rate * ratio)) / (1 - np.exp(-rate)))

    def _exit(self, region: str) -> str:
        return next(r.exit for r in self.space.graph.regions if r.name == region)

    def _places(self, values: tuple[str, ...], gains: Mapping[str, float]) -> list[str]:
        entries = {r.entry for r in self.space.graph.regions if r.exit in gains}
        read = [v for v in values if v in gains or v in entries]
        return read or [values[-1]]


@final
class Silent(Probe):
    """Stands for a probe; the truth answers in its place."""

    def stimuli(self, split: Stimulus, rng: np.random.Generator) -> Stimulus:
        raise NotImplementedError

    def respond(self, network: GraphNetwork, stimulus: Stimulus) -> tuple[Response, ...]:
        raise NotImplementedError


Build = Callable[..., LearningInquisitor]


@pytest.fixture(scope="session")
def requirements() -> ResolvedRequirements:
    return Requirements({"accuracy": {"at_least": 85}}).resolve({})


@pytest.fixture(scope="session")
def prior() -> Prior:
    return Prior(
        halving_cost_logits=0.2, prototype_epochs=8, short_epochs=2, long_epochs=8, inherit=False
    )


@pytest.fixture
def inquisitor(space: DesignSpace, requirements: ResolvedRequirements) -> Build:
    """Builds learning inquisitors for the space."""

    def build(
        wanted: ResolvedRequirements = requirements,
        *,
        probing: bool = False,
        prototype_epochs: int = 8,
    ) -> LearningInquisitor:
        performance = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
        return LearningInquisitor(
            space,
            wanted,
            performance,
            probes={"made_up": Silent()} if probing else {},
            quality="accuracy",
            prior=Prior(
                halving_cost_logits=0.15,
                prototype_epochs=prototype_epochs,
                short_epochs=2,
                long_epochs=8,
                inherit=False,
            ),
        )

    return build


@pytest.fixture(scope="session")
def make_truth(space: DesignSpace) -> Callable[[int], Truth]:
    return lambda seed: Truth(space, seed)
