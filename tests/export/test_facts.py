"""Facts are plain JSON that says whether what was promised holds."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gensynth.export.agreement import BAR
from gensynth.export.facts import Facts
from gensynth.report.result_table import Row


def test_json_holds_every_field_and_what_follows_from_it(facts: Facts) -> None:
    plain: dict[str, Any] = json.loads(facts.to_json())
    assert plain["bar"] == BAR
    assert plain["exported"]["folder"] == "detector"  # not where it was on this machine
    files = {one["name"]: one["agreement"] for one in plain["exported"]["files"]}
    assert files["network.onnx"]["holds"] is True
    assert files["network.int8.onnx"] is None
    assert plain["rows"][0]["margins"] == {"ap_50": 5.0, "macs": 100.0}
    assert set(plain) == {*Facts.__slots__, "bar"}


def test_a_miss_is_in_the_json(facts: Facts, missing: Callable[[Facts], Facts]) -> None:
    plain: dict[str, Any] = json.loads(missing(facts).to_json())
    told = {one["name"]: one["agreement"] for one in plain["exported"]["files"]}
    assert told["network.onnx"]["holds"] is False
    assert told["network.onnx"]["absolute"] == 0.5
    assert told["network.onnx"]["relative"] is None  # no number


def test_a_file_misses_what_the_network_meets_with_the_same_slack(facts: Facts) -> None:
    assert facts.missed_by_files == {}  # 51, and at least 50
    row = replace(facts.rows[0], margins={"ap_50": 3.0, "macs": 100.0})  # a slack of 2
    assert replace(facts, rows=(row,)).missed_by_files == {"network.int8.onnx": {"ap_50": 1.0}}
    missed = replace(facts.rows[0], margins={"ap_50": -1.0, "macs": 100.0})
    assert replace(facts, rows=(missed,)).missed_by_files == {}  # told of the network itself


def test_requirements_are_missed_where_a_margin_is_below_0(facts: Facts) -> None:
    assert facts.missed == {}
    test = Row("a", "test", {"ap_50": 45.0}, {}, {"ap_50": -5.0, "macs": 100.0})
    assert replace(facts, rows=(*facts.rows, test)).missed == {"ap_50": 5.0}
