"""Every figure shows every record that it is given, whatever is missing beside it."""

import re
from collections.abc import Callable
from html import unescape

import numpy as np
import pytest
from matplotlib.figure import Figure

from gensynth.graph.graph import Graph
from gensynth.records import Candidate, Evaluation, Foretold, Insight, Response
from gensynth.report.beliefs import Belief
from gensynth.report.figures.bars import Bar, bar_charts
from gensynth.report.figures.by_setting import Scores, by_setting
from gensynth.report.figures.foretold import foretold_figure
from gensynth.report.figures.generator import generator_figure, shown
from gensynth.report.figures.heat_table import MOST_ROWS, Cell, heat_table
from gensynth.report.figures.insights import insights_figure
from gensynth.report.figures.margins import Margin, margins_figure
from gensynth.report.figures.over_cycles import Expected, Tried, over_cycles
from gensynth.report.figures.responses import SHARES, responses_figure
from gensynth.report.figures.tradeoff import Spot, tradeoff
from gensynth.report.style import LOOKS, svg


def texts(figure: Figure) -> list[str]:
    return [unescape(text) for text in re.findall(r">([^<>\n]+)</text>", svg(figure))]


def test_every_network_has_its_number_in_every_panel() -> None:
    bars = [
        Bar("proto", "prototype", {"accuracy": 99.25, "macs": 2.5e6}),
        Bar("<a> & $b$", "nominated", {"accuracy": 97.5, "macs": 3.6e5}, {"accuracy": (96, 99)}),
        Bar("theirs", "published", {"accuracy": 91.5}),
    ]
    found = texts(bar_charts(bars, ["accuracy", "macs"]))
    for text in ("proto", "<a> & $b$", "theirs", "99.25", "97.50", "91.50", "2.5", "0.36"):
        assert text in found
    assert [text.strip() for text in found].count("not known") == 1
    assert "MACs (million)" in found


def test_spots_of_every_kind_are_explained_and_bounds_are_drawn() -> None:
    spots = [
        Spot(kind, kind, 50.0 + n, {"macs": 10.0 ** (n + 3), "parameters": 2.0 ** (n + 3)})
        for n, kind in enumerate(LOOKS)
    ]
    found = texts(tradeoff(spots, "accuracy", {"accuracy": [55.0], "macs": [1e6]}))
    assert {look.label for look in LOOKS.values()} <= set(found)
    assert "requirement" in found
    assert "requirement" not in texts(tradeoff(spots[:1], "accuracy", {}))


def test_the_drawn_front_is_that_of_the_confirm_split() -> None:
    costs = [{"macs": 1e3, "parameters": 1e3}, {"macs": 1e4, "parameters": 1e4}]
    spots = [
        Spot("finalist", "cheap", 60.0, costs[0]),
        Spot("prototype", "dear", 90.0, costs[1]),
        Spot("candidate", "lucky", 95.0, costs[0]),
    ]
    axes = tradeoff(spots, "accuracy", {}).axes[0]
    lines = [np.asarray(line.get_ydata()).tolist() for line in axes.lines]
    assert [line for line in lines if len(line) > 1] == [[60.0, 90.0]]


def test_cycles_show_what_was_tried_expected_and_required() -> None:
    tried = [
        Tried(0, "candidate", {"net_score": 100.0, "accuracy": 70.0}, meets=False),
        Tried(0, "promoted", {"net_score": 101.0, "accuracy": 85.0}, meets=True),
        Tried(1, "candidate", {"net_score": 102.0}, meets=True),
    ]
    expected = [Expected(0, {"net_score": 103.0}, 0.25), Expected(1, {}, None)]
    figure = over_cycles(tried, expected, ["net_score", "accuracy"], {"accuracy": [80.0]})
    assert len(figure.axes) == 3
    found = texts(figure)
    assert "requirement" in found
    assert any("met the requirements" in text for text in found)
    plain = over_cycles(tried[:1], [], ["net_score"], {})
    assert len(plain.axes) == 1
    assert "requirement" not in texts(plain)


@pytest.mark.parametrize(("margin", "limit"), [(2.0, 80.0), (-3.0, 80.0), (0.0, 80.0), (-1.0, 0.0)])
def test_margins_point_to_the_right_exactly_when_they_hold(margin: float, limit: float) -> None:
    one = Margin("accuracy at least 80 %", "confirm", margin, limit, "the margin")
    figure = margins_figure([one, Margin("accuracy at least 80 %", "test", 1.0, limit, "another")])
    (bar, *_) = figure.axes[0].patches
    low, high = bar.get_extents().x0, bar.get_extents().x1
    zero = figure.axes[0].transData.transform((0, 0))[0]
    assert (high > zero + 1e-6) == (margin > 0)
    assert (low < zero - 1e-6) == (margin < 0)
    found = texts(figure)
    assert ("the margin (missed)" if margin < 0 else "the margin") in found
    assert found.count("accuracy at least 80 %") == 1


def test_every_cell_is_written() -> None:
    rows: list[tuple[str, list[Cell | None]]] = [
        ("first", [Cell(0.5, "x & y"), None]),
        ("second", [Cell(-0.5, "z")]),
    ]
    found = texts(
        heat_table(rows, columns=["1", "2"], below="b", quantity="q (bits)", scale=(-1, 1))
    )
    assert {"first", "second", "x & y", "z", "1", "2", "b", "q (bits)"} <= set(found)


def test_the_generator_shows_its_likeliest_options_and_the_prototypes() -> None:
    states = [{"stage.keep": Belief(("False", "True"), (p, 1 - p))} for p in (0.4, 0.9)]
    found = texts(generator_figure(states, ["0", "end"], {"stage.keep": "True"}))
    assert {"stage.keep [keep]", "keep", "drop", "0", "end"} <= set(found)


def test_of_many_choices_those_that_moved_most_are_shown_in_their_order() -> None:
    names = [f"choice {n}" for n in range(MOST_ROWS + 20)]
    first = {name: Belief(("a", "b"), (0.5, 0.5)) for name in names}
    last = {
        name: Belief(("a", "b"), (0.5, 0.5) if n < 20 else (0.9, 0.1))
        for n, name in enumerate(names)
    }
    assert shown([first, last]) == names[20:]
    assert shown([first]) == names[:MOST_ROWS]


def test_insights_show_every_option_with_its_value() -> None:
    insights = [
        Insight("light", "quality_change_points", (0.0, -1.5), 1.0),
        Insight("heavy", "quality_change_points", (0.0, -3.5, 2.0), 4.0),
    ]
    found = texts(insights_figure(insights, {"heavy": ("4", "8", "16"), "light": ("dense",)}))
    assert {"4: 0", "8: -3.5", "16: +2", "option 1: -1.5"} <= set(found)
    assert found.index("heavy") < found.index("light")


@pytest.mark.parametrize(
    ("quantity", "text"),
    [("quality_change_points", "4: +1.5"), ("information_lost_bits", "4: 1.5")],
)
def test_changes_have_signs_and_losses_have_none(quantity: str, text: str) -> None:
    insights = [Insight("only", quantity, (1.5, 0.0), 1.0)]
    assert text in texts(insights_figure(insights, {"only": ("4", "8")}))


def evaluation(responses: tuple[Response, ...]) -> Evaluation:
    candidate = Candidate(0, 0, 0, (), "digest")
    return Evaluation(candidate, "key", "short", "search", "completed", responses=responses)


def test_responses_show_what_the_first_channels_hold() -> None:
    curve = tuple(n / 16 for n in range(1, 17))
    responses = (
        Response("p", "place", "a_bits", curve),
        Response("p", "other", "b_bits", (1.0, 2.0)),
    )
    found = texts(responses_figure(evaluation(responses)))
    assert "place (16)" in found
    assert "other (2)" not in found
    assert {f"{share:.2f}" for share in SHARES} <= set(found)
    assert "other (2)" in texts(responses_figure(evaluation(responses), "b_bits"))


def test_a_network_that_was_not_probed_says_so() -> None:
    assert "this network was not probed" in texts(responses_figure(evaluation(())))
    whole = (Response("p", "place", "a_bits", (1.0,)),)
    assert "this network was not probed" in texts(responses_figure(evaluation(whole)))


def test_settings_show_their_runs_and_failures() -> None:
    settings = [Scores("inquisitor=<a>", (100.0, 102.0), (99.0,), 0), Scores("b", (), (), 2)]
    found = texts(by_setting(settings, "net_score"))
    assert {"inquisitor=<a>", "b", "2 met nothing"} <= set(found)


def test_every_foretold_network_has_a_mark_at_what_was_read() -> None:
    short = [Foretold(f"s{i}", "short", 70.0 + i, 60.0, 80.0, 71.0 + i) for i in range(3)]
    long = Foretold("l", "long", 82.0, 78.0, 85.0, 88.0)
    figure = foretold_figure([*short, long], "accuracy")
    marks = [line for line in figure.axes[0].lines if line.get_marker() in {"o", "D"}]
    assert [np.asarray(one.get_ydata()).tolist() for one in marks] == [[71, 72, 73], [88]]
    ends = [path for bars in figure.axes[0].collections for path in bars.get_paths()]
    assert [sorted(np.asarray(path.vertices)[:, 0]) for path in ends] == [[60, 80]] * 3 + [[78, 85]]
    assert {"trained short", "trained long"} <= set(texts(figure))


def test_no_figure_needs_a_display(
    graphs: dict[str, Graph], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    draw: Callable[[], Figure] = lambda: margins_figure([Margin("a", "test", 1.0, 1.0, "b")])  # noqa: E731
    assert svg(draw()) == svg(draw())
