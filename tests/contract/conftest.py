"""A small design space, and every option of a configuration group."""

from collections.abc import Callable
from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from gensynth.design.space import DesignSpace, derive
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet

ROOT = Path(__file__).parents[2]


def files(group: str, option: str = "*") -> list[Path]:
    """Return the files of a group's options, plugins included."""
    places = (f"conf/{group}", f"plugins/gensynth_plugins/*/conf/{group}")
    return [file for place in places for file in ROOT.glob(f"{place}/{option}.yaml")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a class that names its `group` once for every option of that group, plugins included."""
    group = getattr(metafunc.cls, "group", None)
    if group is not None:
        ordered = sorted(files(group), key=lambda path: path.stem)
        assert ordered, f"no option of {group}"
        metafunc.fixturenames.append("option")
        metafunc.parametrize("option", ordered, ids=[path.stem for path in ordered])


@pytest.fixture
def cfg(option: Path) -> DictConfig:
    """The option's configuration, in a classification."""
    group = option.parent.name
    training = {"prototype_epochs": 4, "short_epochs": 1, "long_epochs": 2, "inherit": False}
    whole = OmegaConf.create(
        {"quality": "accuracy", "training": training, group: OmegaConf.load(option)}
    )
    part = whole[group]
    assert isinstance(part, DictConfig)
    for default in part.pop("defaults", []):  # as Hydra would: "/group@package: option"
        for key, name in default.items():
            source, _, package = key.lstrip("/").partition("@")
            (file,) = files(source, name)
            OmegaConf.update(part, package, OmegaConf.load(file), force_add=True)
    return part


@pytest.fixture(scope="session")
def small_space() -> DesignSpace:
    """Every kind of choice that a residual network offers, few options each."""
    return derive(
        resnet((1, 8, 8), 10, depth=8, widths=(8, 8, 16)),
        width_ratios=[0.5, 1.0],
        width_multiple=4,
        operations=["separable", "inverted_bottleneck_se"],
        kernels=[5],
        keep=True,
        downsampling=True,
        frozen=[],
    )


@pytest.fixture
def small_network() -> Callable[[], GraphNetwork]:
    """Builds a small residual network for 8x8 images of one channel and 10 classes."""
    return lambda: GraphNetwork(resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 8)))
