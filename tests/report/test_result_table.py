"""The result table says what its rows hold."""

from gensynth.report.result_table import Row, result_table


def test_every_network_has_a_line_with_interval_and_margins() -> None:
    full = Row(
        "c00-0-abcd",
        "confirm",
        {"accuracy": 90.0, "parameters": 12345.0},
        {"accuracy": 0.5},
        {"accuracy": 1.25},
        "*",
    )
    bare = Row("broken failed: NaN", "confirm", {}, {}, {})
    head, first, second = result_table([full, bare]).splitlines()
    assert head.split() == ["network", "split", "accuracy", "parameters", "requirement", "margins"]
    assert first.startswith("*")
    assert "90.00 ±0.98" in first  # 1.96 standard errors
    assert "12,345" in first
    assert "accuracy +1.25" in first
    assert second.split("confirm")[1].split() == ["-", "-", "-"]


def test_counts_are_whole_and_estimates_and_ratios_have_decimals() -> None:
    values = {"parameters": 770.0, "net_score": 151.25, "accuracy": 86.0}
    _, line = result_table([Row("a", "test", values, {"accuracy": 1.0}, {})]).splitlines()
    assert line.split()[2:6] == ["770", "151.25", "86.00", "±1.96"]


def test_an_interval_takes_the_place_of_a_standard_error() -> None:
    row = Row(
        "a", "test", {"mean_iou": 54.25}, {"mean_iou": 1.0}, {}, intervals={"mean_iou": (52, 56.5)}
    )
    assert "54.25 (52.00 .. 56.50)" in result_table([row])
