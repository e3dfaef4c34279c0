"""Every section has its figure, or a line that says why not."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from gensynth.records import Foretold, Response
from gensynth.report.document import Block, Picture, Plot, Section, Table, Text
from gensynth.report.parts import changes
from gensynth.report.picture import write_picture
from gensynth.report.published import BENCHMARKS, Benchmark
from gensynth.report.read_run import read_run
from gensynth.report.run_record import RunRecord
from gensynth.report.sections.changed import changed, counted
from gensynth.report.sections.comparison import comparison
from gensynth.report.sections.cost import cost
from gensynth.report.sections.learned import learned
from gensynth.report.sections.outcome import outcome
from gensynth.report.sections.pictures import LARGEST, WIDEST, pictures
from gensynth.report.sections.reproduction import commands, reproduction
from gensynth.report.sections.results import results
from gensynth.report.sections.runs import Spread, grouped, two_decimals
from gensynth.report.sections.search import search
from gensynth.requirements import ResolvedBound
from gensynth.run_files import ENVIRONMENT, SAVED

SECTIONS: list[Callable[[RunRecord], Section]] = [
    outcome, comparison, cost, changed, search, learned, results, reproduction,
]  # fmt: skip


def plots(blocks: tuple[Block, ...]) -> list[str]:
    return [block.name for block in blocks if isinstance(block, Plot)]


def plot_blocks(section: Section) -> list[Plot]:
    return [block for block in section.blocks if isinstance(block, Plot)]


def notes(section: Section) -> str:
    return " ".join(b.text for b in section.blocks if isinstance(b, Text) and b.is_note)


def test_a_whole_run_has_every_figure(whole: Path) -> None:
    run = read_run(whole)
    found = {name for section in SECTIONS for name in plots(section(run).blocks)}
    quantity = "usable_class_information_bits"
    assert found == {
        "margins",
        "comparison",
        "cost",
        "networks",
        "cycles",
        "generator",
        f"insight_map_{quantity}",
        f"responses_{quantity}",
        "insights_predicted_quality_change_points",
        "foretold",
    }


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.__name__)
def test_a_run_that_hardly_began_says_what_is_missing(
    section: Callable[[RunRecord], Section], made: Callable[..., Any]
) -> None:
    run = made().begun()
    run.without(ENVIRONMENT)
    found = section(read_run(run.folder))
    assert not plots(found.blocks)
    assert notes(found)


@pytest.mark.parametrize("relative", [False, True])
def test_margins_to_the_prototype_are_explained_where_there_are_any(
    whole: Path, relative: bool
) -> None:
    run = read_run(whole)
    run = replace(run, bounds=tuple(replace(bound, relative=relative) for bound in run.bounds))
    (margins,) = [plot for plot in plot_blocks(outcome(run)) if plot.name == "margins"]
    assert ("from the prototype's" in margins.caption) == relative


def test_the_main_table_holds_all_measures_and_the_test_figure(whole: Path) -> None:
    run = read_run(whole)
    (table,) = [block for block in outcome(run).blocks if isinstance(block, Table)]
    assert table.head[-2:] == ("uniform control", "nominated, test split")
    assert [row[0] for row in table.rows][:3] == ["accuracy (%)", "parameters", "MACs"]
    assert table.rows[0][1:4] == ("90.00 ± 0.98", "88.00 ± 0.98", table.rows[0][3])


def test_the_main_table_holds_whatever_is_required(whole: Path) -> None:
    def first(run: RunRecord) -> list[str]:
        (table,) = (block for block in outcome(run).blocks if isinstance(block, Table))
        return [row[0] for row in table.rows]

    run = read_run(whole)
    rows = tuple(replace(row, measurements={**row.measurements, "kappa": 0.5}) for row in run.rows)
    bounds = (*run.bounds, ResolvedBound("kappa", "at_least", 0.4, relative=False))
    assert "kappa" not in first(replace(run, rows=rows))
    assert first(replace(run, rows=rows, bounds=bounds))[:2] == ["accuracy (%)", "kappa"]


def test_the_papers_figures_stand_beside_runs_on_its_data_alone(made: Callable[..., Any]) -> None:
    for data, stands in (("digits", False), ("cifar10", True)):
        run = made(data).begun(data=data).prepared().finalist("a", 88.0)
        section = comparison(read_run(run.concluded(nominated="a").folder))
        tables = [block for block in section.blocks if isinstance(block, Table)]
        (chart,) = [block for block in section.blocks if isinstance(block, Plot)]
        assert bool(tables) == stands
        assert ("FermiNet-D" in chart.svg) == stands
        assert ("derived" if stands else "left out") in notes(section)


@pytest.mark.parametrize("has_energy", [True, False])
def test_energy_that_the_paper_has_and_the_run_has_not_is_said(
    made: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, has_energy: bool
) -> None:
    one = replace(BENCHMARKS["classification"], has_energy=has_energy)
    monkeypatch.setitem(cast("dict[str, Benchmark]", BENCHMARKS), "classification", one)
    run = made().begun(data="digits").prepared().finalist("a", 88.0).concluded(nominated="a")
    assert ("energy was not measured" in notes(comparison(read_run(run.folder)))) == has_energy


def test_another_kind_of_net_score_is_not_compared_with_the_papers(
    made: Callable[..., Any],
) -> None:
    run = made().begun(data="cifar10").prepared().finalist("a", 88.0).concluded(nominated="a")
    saved = json.loads((run.folder / SAVED).read_text(encoding="utf-8"))
    numbers = []
    for alpha in (2.0, 1.0):
        saved["config"]["performance"]["alpha"] = alpha
        run.write(SAVED, saved)
        (chart,) = plot_blocks(comparison(read_run(run.folder)))
        numbers.append(chart.svg.count("not known"))
    known = sum(one.parameters is not None for one in BENCHMARKS["classification"].networks)
    assert numbers[1] - numbers[0] == known


def test_every_trained_network_is_a_spot(whole: Path) -> None:
    run = read_run(whole)
    (plot,) = [block for block in cost(run).blocks if isinstance(block, Plot)]
    for kind in ("prototype", "nominated", "finalist", "candidate", "promoted", "uniform control"):
        assert kind in plot.svg


def test_finalists_of_a_run_that_stopped_are_spots_too(made: Callable[..., Any]) -> None:
    run = made().begun().prepared().finalist("a", 88.0)
    run.finalist("uniform b", 85.0, "uniform finalist")
    (plot,) = plot_blocks(cost(read_run(run.folder)))
    assert all(kind in plot.svg for kind in ("prototype", "finalist", "uniform control"))
    (plot,) = plot_blocks(cost(read_run(run.concluded(nominated="a").folder)))
    assert "finalist" not in plot.svg


def test_the_sentence_about_parts_counts_them(whole: Path) -> None:
    run = read_run(whole)
    compared = changes(run.graphs["prototype"], run.graphs["generated"])
    parts = [one for one in compared if one.before.parameters]
    told = counted(compared)
    assert told.startswith(f"Of {len(parts)} parts")
    assert f"{sum(one.after is None for one in parts)} dropped" in told
    (table,) = [block for block in changed(run).blocks if isinstance(block, Table)]
    assert len(table.rows) == len(parts)


def test_a_run_without_probes_or_states_says_so(made: Callable[..., Any]) -> None:
    run = made().begun().prepared(probed=False).cycle(0, insights=False).finalist("a", 88.0)
    record = read_run(run.concluded(nominated="a").folder)
    assert "not probed" in notes(learned(record))
    assert "Insights per choice: the inquisitor noted none" in notes(learned(record))
    without = replace(record, foretold=())
    assert "Predictions: the inquisitor noted none" in notes(learned(without))


def test_how_often_predictions_held_is_counted_by_fidelity(whole: Path) -> None:
    told = [
        Foretold("a", "short", 70.0, 60.0, 80.0, 73.0),
        Foretold("b", "short", 70.0, 60.0, 80.0, 85.0),
        Foretold("c", "short", 70.0, 60.0, 80.0, 60.0),
        Foretold("d", "long", 90.0, 85.0, 95.0, 88.0),
    ]
    (plot,) = (
        block
        for block in plot_blocks(learned(replace(read_run(whole), foretold=tuple(told))))
        if block.name == "foretold"
    )
    # errors of +3, +15 and -10: their mean is 2.67, their root mean square 10.55
    assert (
        "Trained short: 2 of 3 in their 95 % interval, typically 10.55 points off" in plot.caption
    )
    assert "+2.67 in the mean" in plot.caption
    assert "Trained long: 1 of 1" in plot.caption


def test_what_is_told_of_blocks_alone_is_drawn_on_the_map_alone(whole: Path) -> None:
    run = read_run(whole)
    assert run.prototype is not None
    block = next(r for r in run.graphs["prototype"].regions if r.kind == "block")
    of_block = Response("p", block.exit, "through_block_share", (0.4,))
    prototype = replace(run.prototype, responses=(*run.prototype.responses, of_block))
    found = plots(learned(replace(run, prototype=prototype)).blocks)
    assert "insight_map_through_block_share" in found
    assert "responses_through_block_share" not in found
    assert "responses_usable_class_information_bits" in found


def test_all_rows_are_listed_and_the_nominated_one_stands_out(whole: Path) -> None:
    run = read_run(whole)
    (table,) = [block for block in results(run).blocks if isinstance(block, Table)]
    assert [row[0] for row in table.rows] == [row.name for row in run.rows]
    assert "information density" not in " ".join(table.head)  # not among the result's columns


def test_commands_can_be_pasted(whole: Path) -> None:
    run = read_run(whole)
    told = commands(run)
    assert f"gensynth evaluate run={run.folder} train=false" in told
    assert "resume" not in told
    (first,) = [line for line in told.splitlines() if "title" in line]
    assert first.startswith("gensynth 'title=<script>")
    with_options = commands(replace(run, config_dir="/my own/options", rows=()))
    assert "gensynth --config-dir '/my own/options' " in with_options
    assert f"gensynth resume={run.folder}" in with_options


def test_large_pictures_are_made_smaller(made: Callable[..., Any]) -> None:
    run = made().begun().prepared().finalist("a", 88.0).concluded(nominated="a")
    name = run.finalists["a"].candidate.name
    noise = np.random.default_rng(0).integers(0, 256, (900, 2 * WIDEST, 3), dtype=np.uint8)
    write_picture(run.folder / "pictures" / "prototype-segments.png", noise[:20, :40])
    write_picture(run.folder / "pictures" / f"{name}-segments.png", noise)
    write_picture(run.folder / "pictures" / "other-segments.png", noise[:20, :40])
    section = pictures(read_run(run.folder))
    assert section is not None
    small, large = (block for block in section.blocks if isinstance(block, Picture))
    assert small.name == "prototype-segments.png"
    with Image.open(BytesIO(large.data)) as image:
        assert image.width == WIDEST
    assert len(large.data) <= 2 * LARGEST
    assert pictures(read_run(made("none").begun().folder)) is None


def test_spreads_are_means_and_deviations_of_what_there_is() -> None:
    assert Spread((1.0, 3.0)).text(two_decimals) == "2.00 ± 1.41"
    assert Spread((1.0,)).text(two_decimals) == "1.00"
    assert Spread(()).text(two_decimals) == "-"


def test_runs_are_grouped_by_setting(made: Callable[..., Any]) -> None:
    runs = [read_run(made(str(n)).begun(seed=n).folder) for n in range(3)]
    groups = grouped(runs, ["b", "a", "b"])
    assert {name: [run.seed for run in alike] for name, alike in groups.items()} == {
        "b": [0, 2],
        "a": [1],
    }
