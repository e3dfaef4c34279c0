"""A choice: its options differ, one is the prototype's, names follow from kind and target."""

import pytest

from gensynth.design.choice import Choice, choice
from gensynth.errors import InvalidDesign


def test_options_and_indices_are_inverse() -> None:
    widths = choice("width", "stem", (4, 8, 16), 16)
    assert [widths.index(option) for option in widths.options] == [0, 1, 2]
    assert widths.options[widths.prototype] == 16


def test_names() -> None:
    assert choice("keep", "stage1.block0", (False, True), True).name == "stage1.block0.keep"
    assert choice("downsampling", "graph", ("1-2", "2-2"), "1-2").name == "downsampling"


@pytest.mark.parametrize("option", [5, "4", True, None])
def test_an_option_it_does_not_have_is_refused_with_those_it_has(option: object) -> None:
    with pytest.raises(InvalidDesign, match=r"stem\.kernel has no option .*: choose one of 1, 3"):
        choice("kernel", "stem", (1, 3), 3).index(option)


@pytest.mark.parametrize(("options", "prototype"), [((4,), 0), ((4, 4), 0), ((4, 8), 2)])
def test_a_choice_without_a_choice_is_refused(options: tuple[int, ...], prototype: int) -> None:
    with pytest.raises(ValueError, match="stem"):
        Choice("stem.width", "width", "stem", options, prototype)
