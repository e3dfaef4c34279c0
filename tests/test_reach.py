"""What cannot be met is refused before anything is trained, with the nearest that can."""

import pytest

from gensynth.design.space import DesignSpace, derive
from gensynth.errors import RequirementError
from gensynth.prototypes.resnet import resnet
from gensynth.reach import check_reach, reach_text
from gensynth.requirements import Requirements, ResolvedRequirements


@pytest.fixture(scope="module")
def space() -> DesignSpace:
    return derive(
        resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 8)),
        width_ratios=[1.0, 2.0],
        width_multiple=4,
        operations=[],
        kernels=[],
        keep=True,
        downsampling=False,
        frozen=[],
    )


def required(**bounds: dict[str, float | str]) -> ResolvedRequirements:
    return Requirements(bounds).resolve({"parameters": 2000.0, "macs": 40_000.0})


def test_the_line_names_both_ends_the_prototype_and_the_number(space: DesignSpace) -> None:
    reach = space.reach()
    line = reach_text(reach)
    for cost in (reach.smallest, reach.prototype, reach.largest):
        assert f"{cost.parameters:,}" in line.replace(
            f"{cost.parameters} ", f"{cost.parameters:,} "
        )
        assert f"{cost.macs:,}" in line
    assert "designs" in line
    assert "\n" not in line


def test_the_ends_of_the_range_are_within_reach(space: DesignSpace) -> None:
    reach = space.reach()
    check_reach(reach, required(parameters={"at_most": float(reach.smallest.parameters)}))
    check_reach(reach, required(macs={"at_least": float(reach.largest.macs)}))
    check_reach(reach, required(accuracy={"at_least": 99.9}))


def test_what_lies_beyond_is_refused_with_the_nearest_value(space: DesignSpace) -> None:
    reach = space.reach()
    below = float(reach.smallest.parameters - 1)
    with pytest.raises(RequirementError, match=r"requirements\.parameters\.at_most=.* nearest has"):
        check_reach(reach, required(parameters={"at_most": below}))
    with pytest.raises(RequirementError, match=r"requirements\.macs\.at_least="):
        check_reach(reach, required(macs={"at_least": reach.largest.macs + 1.0}))
    with pytest.raises(RequirementError, match=r"macs\.at_most=4:"):
        check_reach(reach, required(macs={"at_most": "0.01%"}))
