"""A small design space with every kind of choice that a residual network offers."""

from collections.abc import Callable

import numpy as np
import pytest

from gensynth.design.space import DesignSpace, derive
from gensynth.generators.factorised import FactorisedGenerator
from gensynth.generators.generator import Allowed
from gensynth.prototypes.resnet import resnet
from gensynth.testing.generator_suite import KnownOptimum


@pytest.fixture(scope="session")
def space() -> DesignSpace:
    return derive(
        resnet((3, 32, 32), 10, depth=14, widths=(16, 32, 64)),
        width_ratios=[0.25, 0.5, 0.75, 1.0],
        width_multiple=4,
        operations=["separable", "bottleneck"],
        kernels=[5],
        keep=True,
        downsampling=True,
        frozen=[],
    )


@pytest.fixture
def build() -> Callable[..., FactorisedGenerator]:
    """Builds a factorised generator; few samples and steps, so that tests are quick."""

    def build(
        space: DesignSpace,
        allowed: Allowed | None = None,
        *,
        samples: int = 256,
        trust_region_nats: float = 2.0,
        floor: float = 0.02,
        variety: float = 0.0,
    ) -> FactorisedGenerator:
        return FactorisedGenerator(
            space,
            allowed,
            samples=samples,
            steps=8,
            elite_fraction=0.25,
            trust_region_nats_per_choice=trust_region_nats / len(space.choices),
            floor=floor,
            variety=variety,
        )

    return build


@pytest.fixture
def optimum(space: DesignSpace) -> KnownOptimum:
    """Prefers one design, away from the prototype, that keeps every block (all choices active)."""
    best = np.array([(c.prototype + 1) % len(c.options) for c in space.choices])
    for i, choice in enumerate(space.choices):
        if choice.kind == "keep":
            best[i] = choice.prototype
    return KnownOptimum(best)
