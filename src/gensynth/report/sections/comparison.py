"""The paper's bar charts for this run, and the paper's own figures where they fit."""

from collections.abc import Mapping

from gensynth.report.document import Block, Plot, Section, Table, Text
from gensynth.report.figures.bars import Bar, Interval, bar_charts
from gensynth.report.published import BENCHMARKS, EXPONENTS, Benchmark
from gensynth.report.result_table import Row
from gensynth.report.run_record import UNIFORM, RunRecord
from gensynth.report.wording import Z95, count, figure_of, plain

IMAGES_PER_JOULE = "images_per_joule"
KINDS = ("prototype", "nominated", "finalist", "uniform")


def comparison(run: RunRecord) -> Section:
    """Return the section that stands this run beside its prototype, its control and the paper."""
    paper = BENCHMARKS.get(run.task)
    if paper is None:
        about: list[Block] = [Text("The paper reports no figures for this task.", is_note=True)]
    elif fits(run, paper):
        about = _beside_paper(paper)
    else:
        about = [Text(_other(run, paper), is_note=True)]
    heading = "Beside the prototype, the control and the paper"
    return Section(heading, (*_charts(run, paper), *about))


def kind_of(run: RunRecord, row: Row) -> str:
    """Return what a row's network is, as a key of the looks."""
    if row.name == "prototype":
        return "prototype"
    if row.name.startswith(UNIFORM):
        return "uniform"
    return "nominated" if row.name == run.nominated else "finalist"


def fits(run: RunRecord, paper: Benchmark) -> bool:
    """Whether the paper's figures are of the same data and mean the same quality."""
    return run.data == paper.data and run.quality == paper.quality


def intervals(row: Row) -> Mapping[str, Interval]:
    """Return 95 % intervals of those measurements that are estimates."""
    normal = {
        name: (row.measurements[name] - Z95 * error, row.measurements[name] + Z95 * error)
        for name, error in row.standard_errors.items()
        if name in row.measurements
    }
    return {**normal, **row.intervals}


def _charts(run: RunRecord, paper: Benchmark | None) -> list[Block]:
    rows = sorted(run.of_split("confirm"), key=lambda row: KINDS.index(kind_of(run, row)))
    if len(rows) < 2:
        text = "Bar charts: no network besides the prototype was trained to the end."
        return [Text(text, is_note=True)]
    bars = [_bar(run, row) for row in rows]
    if paper and fits(run, paper):
        bars += [_published(run, paper, number) for number in range(len(paper.networks))]
    names = [run.quality, "information_density", "macs", run.score]
    energy = any(IMAGES_PER_JOULE in bar.values for bar in bars)
    names += [IMAGES_PER_JOULE] if energy else []
    where = f", as in {paper.figure} of the paper" if paper else ""
    theirs = any(bar.kind == "published" for bar in bars)
    caption = (
        "Quality, information density, MACs and score of every network that was trained to the end"
        f"{where}. Confirm split; black strokes are 95 % intervals."
        f"{' Grey: networks of the paper, derived, on its test split.' if theirs else ''}"
    )
    plot = Plot.of("comparison", bar_charts(bars, list(dict.fromkeys(names))), caption)
    if paper and paper.has_energy and not energy:
        text = "The paper's images per joule have no counterpart: energy was not measured."
        return [plot, Text(text, is_note=True)]
    return [plot]


def _bar(run: RunRecord, row: Row) -> Bar:
    kind = kind_of(run, row)
    word = "nominated" if kind == "nominated" else "nearest"
    name = f"{row.name} ({word})" if row.name == run.best else row.name
    values = dict(row.measurements)
    if values.get("energy_mj"):
        values[IMAGES_PER_JOULE] = 1000 / values["energy_mj"]
    return Bar(name, kind, values, intervals(row))


def _published(run: RunRecord, paper: Benchmark, number: int) -> Bar:
    network = paper.networks[number]
    values = network.measurements(paper.quality)
    asked = run.config.get("performance", {})
    if any(asked.get(name) != value for name, value in EXPONENTS.items()):
        values.pop("net_score", None)  # another NetScore than the paper's
    return Bar(network.name, "published", values)


def _other(run: RunRecord, paper: Benchmark) -> str:
    theirs = f"{plain(paper.quality)} on {paper.data_name}"
    ours = f"{plain(run.quality)} on {run.data or 'other data'}"
    return (
        f"The figures of the paper's networks are left out: they are {theirs}, these are {ours}, "
        "and the two say nothing about each other."
    )


def _beside_paper(paper: Benchmark) -> list[Block]:
    head = ("network of the paper", "quality (%)", "parameters", "MACs",
            "% per thousand parameters", "NetScore", "range, assumptions")  # fmt: skip
    rows = []
    for one in paper.networks:
        known = one.measurements(paper.quality)
        sizes = [count(known[n]) if n in known else "-" for n in ("parameters", "macs")]
        scores = [f"{known[n]:.3g}" if n in known else "-" for n in ("information_density",)]
        scores += [figure_of("net_score", known["net_score"]) if "net_score" in known else "-"]
        quality = figure_of(paper.quality, one.quality)
        rows.append((one.name, quality, *sizes, *scores, one.note))
    note = (
        f"The paper ({paper.requirement}) prints differences and ratios, not sizes. Its networks' "
        "figures are derived from those and from its charts, uncertain by some percent, and are of "
        f"the test split and the paper's own training. {paper.gains}"
    )
    return [Table(head, tuple(rows)), Text(note, is_note=True)]
