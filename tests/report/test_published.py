"""The paper's derived figures agree with what the paper prints."""

import math

import pytest

from gensynth.report.published import BENCHMARKS

CLASSIFIERS = {
    one.name: one.measurements("accuracy") for one in BENCHMARKS["classification"].networks
}


@pytest.mark.parametrize(
    ("name", "density", "score"),
    [("FermiNet-A", 12.5, 11.8), ("FermiNet-B", 20, 15), ("FermiNet-C", 19, 15.6),
     ("FermiNet-D", 26.4, 17.5)],
)  # fmt: skip
def test_gains_over_mobilenet(name: str, density: float, score: float) -> None:
    mobile, fermi = CLASSIFIERS["MobileNet"], CLASSIFIERS[name]
    ratio = fermi["information_density"] / mobile["information_density"]
    assert math.isclose(ratio, density, rel_tol=0.03)
    assert math.isclose(fermi["net_score"] - mobile["net_score"], score, abs_tol=0.15)


@pytest.mark.parametrize(
    ("name", "fewer"),
    [("FermiNet-A", 2.7), ("FermiNet-B", 3.6), ("FermiNet-C", 4.5), ("FermiNet-D", 5)],
)
def test_work_saved_over_nasnet(name: str, fewer: float) -> None:
    nasnet = CLASSIFIERS["NASNet-L2C(S)"]
    assert math.isclose(nasnet["macs"] / CLASSIFIERS[name]["macs"], fewer, rel_tol=0.03)
    assert "net_score" not in nasnet


@pytest.mark.parametrize(
    ("task", "place", "density", "work", "score"),
    [
        ("segmentation", 1, 3, 2.2, 8),
        ("segmentation", 2, 12, 2.6, 15),
        ("detection", 1, 10, 11, 20),
    ],
)
def test_gains_over_the_prototype(
    task: str, place: int, density: float, work: float, score: float
) -> None:
    paper = BENCHMARKS[task]
    old, new = (paper.networks[n].measurements(paper.quality) for n in (0, place))
    assert math.isclose(
        new["information_density"] / old["information_density"], density, rel_tol=0.03
    )
    assert math.isclose(old["macs"] / new["macs"], work, rel_tol=0.03)
    assert math.isclose(new["net_score"] - old["net_score"], score, abs_tol=0.3)
