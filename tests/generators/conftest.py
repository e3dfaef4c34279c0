"""A small design space with every kind of choice that a residual network offers."""

import pytest

from gensynth.design.space import DesignSpace, derive
from gensynth.prototypes.resnet import resnet


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
