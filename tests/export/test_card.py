"""The card says what the facts say."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gensynth.export.card import agreement_text, loss_text, model_card
from gensynth.export.facts import Facts
from gensynth.report.result_table import Row


@pytest.mark.parametrize(
    "told",
    [
        "# c01-2-abcdef01: detection on made",
        "1,234 parameters",
        "56,789 multiply-adds",
        "| `network.pt2` |",
        "ONNX opset 20",
        "on 11 images of the confirm split",
        "`images`: float32 (batch, 3, 9, 7)",
        "mean = [0.5, 0.4, 0.3]",
        "std = [0.2, 0.2, 0.1]",
        "Before that: cut out by hand.",
        "| `coverage` | float32 (batch, 2, 5, 4) |",
        "| `boxes` | float32 (batch, 4, 5, 4) |",
        "Read them from left to right.",
        "Classes: 0: a, 1: b.",
        "| ap_50 | 55.00 (50.00 .. 60.00) |",
        "| ap_50 | 55.00 (50.00 .. 60.00) | 51.00 ±1.96 | +4.00 ±0.98 |",
        "| ap_50 | at least 50 | +5 |",
        "| macs | at most 56,889 (follows from the prototype) | +100 |",
        "Licence of the data: ask Ada.",
        "| run_seed | `3` |",
        "Its design: stem.width 4, depth 2.",
        "It meets every requirement",
    ],
)
def test_it_says(told: str, facts: Facts) -> None:
    assert told in model_card(facts)


def test_every_table_has_as_many_cells_in_every_line(facts: Facts) -> None:
    blocks = model_card(facts).split("\n\n")
    tables = [block.split("\n") for block in blocks if block.startswith("|")]
    assert len(tables) == 6
    for lines in tables:
        assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1


def test_what_does_not_hold_is_not_passed_over(
    facts: Facts, missing: Callable[[Facts], Facts]
) -> None:
    assert "MISSED" not in model_card(facts)
    assert "MISSED: above 0.0001 relative" in model_card(missing(facts))
    untrained = model_card(replace(facts, trained=False))
    assert "not trained yet" in untrained
    assert "It meets" not in untrained
    row = Row("a", "confirm", {"ap_50": 45.0}, {}, {"ap_50": -5.0})
    card = model_card(replace(facts, rows=(row,)))
    assert "**It misses requirements of its synthesis**: ap_50 by 5." in card
    assert "It meets every requirement" not in card


def test_a_file_that_misses_what_the_network_meets_is_named(facts: Facts) -> None:
    row = replace(facts.rows[0], margins={"ap_50": 3.0, "macs": 100.0})
    card = model_card(replace(facts, rows=(row,)))
    assert "**`network.int8.onnx` misses requirements that it meets**: ap_50 by 1." in card


def test_without_requirements_none_are_claimed_to_be_met(facts: Facts) -> None:
    card = model_card(replace(facts, bounds=(), design={}))
    assert "The synthesis had none." in card
    assert "It meets" not in card
    assert "Its design" not in card


def test_texts_are_those_of_the_terminal(facts: Facts) -> None:
    by_name = {file.name: file for file in facts.exported.files}
    assert agreement_text(by_name["network.safetensors"]) == "0 absolute, 0 relative: holds"
    assert agreement_text(by_name["network.int8.onnx"]) == "-"
    first, second = facts.qualities
    assert loss_text(first, "ap_50") == "-"
    assert loss_text(second, "ap_50") == "+4.00 ±0.98"
