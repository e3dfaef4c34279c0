"""Heights and widths are two numbers, large enough."""

import pytest

from gensynth.data.input_size import checked_size
from gensynth.errors import ConfigurationError


def test_a_size_is_height_and_width() -> None:
    assert checked_size([32, 240]) == (32, 240)


@pytest.mark.parametrize("wrong", [[31, 64], [64, 31], [64], [64, 64, 3], []])
def test_anything_else_is_refused_in_one_line(wrong: list[int]) -> None:
    with pytest.raises(ConfigurationError, match=r"data.input_size=\[.*\] must be height"):
        checked_size(wrong)
