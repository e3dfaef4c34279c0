"""Numbers as people write them: nothing is lost that matters, nothing shown that does not."""

import math

from hypothesis import given
from hypothesis import strategies as st

from gensynth.report.wording import (
    MINUS,
    Z95,
    count,
    estimate,
    label,
    plain,
    quantity,
    scaled,
    signed,
)


@given(st.floats(1, 1e12))
def test_a_count_is_right_to_three_digits(number: float) -> None:
    value, _, letter = count(number).partition(" ")
    factor = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}[letter]
    assert math.isclose(float(value) * factor, number, rel_tol=0.006)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 50))
def test_an_estimate_says_its_value_and_half_its_interval(value: float, error: float) -> None:
    shown, half = estimate(value, error).split(" ± ")
    read = float(shown.replace(",", "").replace(MINUS, "-"))
    assert abs(read - value) <= 0.005 + 1e-9
    assert abs(float(half) - Z95 * error) <= 0.005 + 1e-9


@given(st.floats(-1e6, 1e6))
def test_a_signed_number_has_its_sign(value: float) -> None:
    assert signed(value)[0] == ("+" if f"{value:+.2f}"[0] == "+" else MINUS)


def test_names_get_their_units() -> None:
    assert label("pixel_accuracy") == "pixel accuracy (%)"
    assert label("iou_road") == "iou road (%)"
    assert label("somebody_elses") == "somebody elses"
    assert plain("energy_mj") == "energy per inference"
    assert quantity("predicted_quality_change_points") == "predicted quality change (points)"


def test_axes_of_counts_are_scaled_and_others_are_not() -> None:
    assert scaled("parameters", [1500.0, 20.0]) == (1e3, "parameters (thousand)")
    assert scaled("parameters", []) == (1.0, "parameters")
    assert scaled("net_score", [1500.0]) == (1.0, "NetScore")
