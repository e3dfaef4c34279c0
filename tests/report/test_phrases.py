"""Phrases say what rows hold, in the measurement's unit."""

from gensynth.report.phrases import fewer, listed, requirement, uncertain, uncertain_amount
from gensynth.report.result_table import Row
from gensynth.requirements import ResolvedBound


def row(**measurements: float) -> Row:
    return Row("a", "confirm", measurements, {"accuracy": 0.5}, {})


def test_an_interval_takes_the_place_of_a_standard_error() -> None:
    wide = Row(
        "a", "test", {"mean_iou": 54.25}, {"mean_iou": 1.0}, {}, intervals={"mean_iou": (52, 56.5)}
    )
    assert uncertain(wide, "mean_iou") == "54.25 (52.00 to 56.50)"
    assert uncertain_amount(wide, "mean_iou") == "54.25 % (52.00 to 56.50)"
    assert uncertain_amount(row(accuracy=90.0), "accuracy") == "90.00 ± 0.98 %"
    assert uncertain(row(), "accuracy") == "-"


def test_counts_are_compared_both_ways() -> None:
    base, other = row(macs=200.0), row(macs=50.0)
    assert fewer(base, other, "macs") == "4 times fewer MACs (50)"
    assert fewer(other, base, "macs") == "4 times as many MACs (200)"
    assert fewer(base, base, "macs") == "as many MACs (200)"


def test_bounds_in_words() -> None:
    assert requirement(ResolvedBound("macs", "at_most", 15e6, relative=False)) == (
        "MACs at most 15,000,000"
    )
    relative = ResolvedBound("accuracy", "at_least", 89.5, relative=True)
    assert requirement(relative) == "accuracy at least 89.5 % (from the prototype's)"


def test_lists() -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed([])] == ["a", "a and b", ""]
