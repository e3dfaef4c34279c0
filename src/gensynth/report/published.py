"""What the paper reports (Wong et al. 2018, "FermiNets"), where task and data are the paper's.

The paper prints differences and ratios, not sizes. The figures here are derived from them and from
the ranges of the paper's charts; each is uncertain by some percent, and whoever shows it says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from gensynth.performance.information_density import InformationDensity
from gensynth.performance.net_score import NetScore

QUALITY = "quality"
EXPONENTS = {"alpha": 2.0, "beta": 0.5, "gamma": 0.5}
"""Of the paper's NetScore."""


@final
@dataclass(frozen=True, slots=True)
class Published:
    """One network of the paper.

    Args:
        name: as the paper calls it.
        quality: in percent.
        parameters: None: not published.
        macs: multiply-adds for one input.
        note: ranges, and what was assumed.
    """

    name: str
    quality: float
    parameters: float | None
    macs: float
    note: str

    def measurements(self, quality: str) -> dict[str, float]:
        """Return what is known of it, by measurement; the quality under the name given."""
        known = {quality: self.quality, "macs": self.macs}
        if self.parameters is None:
            return known
        known["parameters"] = self.parameters
        for function in (
            InformationDensity(quality=quality),
            NetScore(quality=quality, **EXPONENTS),
        ):
            known[function.name] = float(function.score(known))
        return known


@final
@dataclass(frozen=True, slots=True)
class Benchmark:
    """A task of the paper.

    Args:
        figure: which of its figures shows it.
        data: its data set, as an option of `data`.
        data_name: what that is called.
        quality: the measurement that the paper means.
        requirement: 1_r there.
        networks: with figures of their own.
        gains: what generation gained there, as printed.
        has_energy: whether it reports images per joule, too.
    """

    figure: str
    data: str
    data_name: str
    quality: str
    requirement: str
    networks: tuple[Published, ...]
    gains: str
    has_energy: bool = False


_CLASSIFICATION = Benchmark(
    figure="Figure 1",
    data="cifar10",
    data_name="CIFAR-10",
    quality="accuracy",
    requirement="accuracy at least 89 %",
    networks=(
        Published("FermiNet-A", 91.4, 152e3, 25e6, "90.4 to 92.0 %, 138 K to 169 K, 21 M to 30 M"),
        Published("FermiNet-B", 90.4, 94e3, 19e6, "85 K to 105 K, 16 M to 22 M"),
        Published("FermiNet-C", 90.0, 98e3, 15e6, "89 K to 110 K, 13 M to 18 M"),
        Published("FermiNet-D", 89.8, 71e3, 13.4e6, "89 to 90.4 %, 64 K to 79 K, 11 M to 16 M"),
        Published("MobileNet", 86.6, 1.81e6, 26e6, "85 to 89 %, 1.64 M to 2.02 M, 21 M to 34 M"),
        Published(
            "NASNet-L2C(S)", 90.0, None, 67e6, "89 to 90.6 %, size unpublished, 57 M to 80 M"
        ),
    ),
    gains=(
        "As printed, over MobileNet: information density more than 12.5 times (A) to more than "
        "26.4 times (D), NetScore more than 11.8 (A) to more than 17.5 (D) points; over "
        "NASNet-L2C(S): MACs fewer by more than 2.7 times (A) to about 5 times (D)."
    ),
)
_IF_REFINENET = "counted on RefineNet-101 at 360 x 480, 11 classes: an assumption"
_SEGMENTATION = Benchmark(
    figure="Figure 2",
    data="camvid",
    data_name="CamVid",
    quality="pixel_accuracy",
    requirement="pixel accuracy at least 90 %",
    networks=(
        Published("RefineNet (paper)", 90.3, 118.0e6, 174.3e9, _IF_REFINENET),
        Published("FermiNet-SS, one text", 90.2, 39e6, 79e9, _IF_REFINENET),
        Published("FermiNet-SS, other text", 90.4, 9.8e6, 67e9, _IF_REFINENET),
    ),
    gains=(
        "Two texts of the paper differ. As printed, over its prototype: information density about "
        "3 times, MACs about 2.2 times fewer, NetScore about 8 points more; or more than 12 times, "
        "about 2.6 times fewer, about 15 points more."
    ),
)
_IF_DETECTNET = "counted on NVIDIA's network at 480 x 640: an assumption"
_DETECTION = Benchmark(
    figure="Figure 3",
    data="parse27k",
    data_name="Parse-27k",
    quality="detectnet_map",
    requirement="mAP at least 61 %",
    networks=(
        Published("DetectNet (paper)", 61.8, 5.98e6, 11.9e9, _IF_DETECTNET),
        Published("FermiNet-OD", 61.0, 590e3, 1.08e9, f"at most so large; {_IF_DETECTNET}"),
    ),
    gains=(
        "As printed, over its prototype: information density more than 10 times, MACs more than 11 "
        "times fewer, NetScore more than 21 points more, more than 4 times the images per joule on "
        "a Tegra X2."
    ),
    has_energy=True,
)
BENCHMARKS: Mapping[str, Benchmark] = {
    "classification": _CLASSIFICATION,
    "segmentation": _SEGMENTATION,
    "detection": _DETECTION,
}
"""By task."""
