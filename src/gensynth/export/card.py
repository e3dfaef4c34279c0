"""The model card: what somebody who gets the files has to know, as Markdown."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gensynth.evaluation import CONFIRM
from gensynth.export.agreement import BAR
from gensynth.export.facts import Facts
from gensynth.export.file_quality import FileQuality
from gensynth.export.network_export import INT8, ONNX, PROGRAM, SAVED, ExportedFile
from gensynth.report.result_table import Z95, Row, value_text
from gensynth.requirements import ResolvedBound, own_margin

PURPOSE = {
    ONNX: "ONNX, float32",
    INT8: "ONNX, int8 (static, QDQ)",
    PROGRAM: "`torch.export.load(path).module()`; needs PyTorch",
    SAVED: "`gensynth.load(path)`; weights and graph, to go on with",
}


def model_card(facts: Facts) -> str:
    """Return the card; everything on it is in the facts."""
    parts = (
        _head,
        _files,
        _input,
        _outputs,
        _measurements,
        _qualities,
        _requirements,
        _data,
        _origin,
    )
    return "\n\n".join(part(facts) for part in parts) + "\n"


def agreement_text(file: ExportedFile) -> str:
    """Return how far a file's answers are from PyTorch's, and whether that is within the bar."""
    one = file.agreement
    if one is None:
        return "-"
    verdict = "holds" if one.holds else f"MISSED: above {BAR:g} relative"
    return f"{one.absolute:.2g} absolute, {one.relative:.2g} relative: {verdict}"


def misses_text(missed: Mapping[str, float]) -> str:
    """Return which measurements miss their requirements, and by how much."""
    return ", ".join(f"{name} by {by:,.4g}" for name, by in missed.items())


def loss_text(quality: FileQuality, name: str) -> str:
    """Return by how much a measurement is below the float32 file's, with its 95 % interval."""
    if name not in quality.losses:
        return "-"
    return f"{quality.losses[name]:+.2f} ±{Z95 * quality.loss_errors[name]:.2f}"


def _head(facts: Facts) -> str:
    lines = [f"# {facts.name}: {facts.task} on {facts.data['name']}", ""]
    lines.append(
        f"A network of {facts.parameters:,} parameters and {facts.macs:,} multiply-adds per image"
        " (convolutions and linear layers), made by gensynth (generative synthesis, Wong et al."
        " 2018)."
    )
    if not facts.trained:
        lines.append("**It is not trained yet**: its weights are what it inherited.")
    if facts.missed:
        lines.append(f"**It misses requirements of its synthesis**: {misses_text(facts.missed)}.")
    elif facts.bounds and facts.trained:
        lines.append("It meets every requirement of its synthesis where it was measured.")
    for file, missed in facts.missed_by_files.items():
        lines.append(f"**`{file}` misses requirements that it meets**: {misses_text(missed)}.")
    lines.append("Nothing is known of how it does on images of another kind.")
    return "\n".join(lines)


def _files(facts: Facts) -> str:
    files = facts.exported.files
    head = ["file", "bytes", "what", "largest difference to PyTorch"]
    rows = [
        [f"`{f.name}`", f"{f.size_bytes:,}", PURPOSE.get(f.name, ""), agreement_text(f)]
        for f in files
    ]
    images = max(f.agreement.images for f in files if f.agreement is not None)
    return (
        f"## Files\n\n{_table(head, rows)}\n\n"
        f"ONNX opset {facts.exported.opset}. Differences are those to PyTorch in float32 on"
        f" {images} images of the {CONFIRM} split, largest over all numbers; relative ones are"
        " divided by the largest magnitude that PyTorch has in the same output on these images."
        f" Up to {BAR:g} relative is rounding."
    )


def _input(facts: Facts) -> str:
    data, one = facts.data, facts.exported
    channels, height, width = one.input_shape
    kind = {1: "grey", 3: "red, green, blue"}.get(channels, "as in the data")
    return (
        f"## Input\n\n`{one.input_name}`: float32 (batch, {channels}, {height}, {width}), any"
        f" number of images; channels: {kind}. The caller normalises, per channel:\n\n"
        "    input = (pixel / 255 - mean) / std\n"
        f"    mean = {data['mean']}\n    std = {data['std']}\n\n"
        f"Before that: {data['preparation'] or 'whatever was done to the training images'}."
    )


def _outputs(facts: Facts) -> str:
    shapes = [
        [f"`{name}`", f"float32 (batch, {', '.join(map(str, shape))})"]
        for name, shape in facts.exported.outputs.items()
    ]
    classes = ", ".join(f"{index}: {name}" for index, name in enumerate(facts.data["classes"]))
    reading = f"\n\n{facts.reading[:1].upper()}{facts.reading[1:]}." if facts.reading else ""
    return f"## Outputs\n\n{_table(['name', 'shape'], shapes)}{reading}\n\nClasses: {classes}."


def _measurements(facts: Facts) -> str:
    return (
        f"## Measurements\n\n{_columns(facts.rows, [row.split for row in facts.rows])}\n\n"
        f"PyTorch's, at the precision of the synthesis, with 95 % intervals. The {CONFIRM} split"
        " took part in choosing the network, the test split did not."
    )


def _qualities(facts: Facts) -> str:
    rows = [one.row for one in facts.qualities]
    losses = facts.qualities[1:]
    more = {name: [loss_text(one, name) for one in losses] for name in rows[0].measurements}
    head = [*(f"`{row.name}`" for row in rows), *(f"`{one.row.name}` loses" for one in losses)]
    return (
        f"The files themselves, run by onnxruntime on the {rows[0].split} split; losses are paired"
        f" by image:\n\n{_columns(rows, head, more)}"
    )


def _columns(
    rows: Sequence[Row], head: Sequence[str], more: Mapping[str, Sequence[str]] | None = None
) -> str:
    """Return a table with a line per measurement and a column per row, and more columns."""
    names = dict.fromkeys(name for row in rows for name in row.measurements)
    lines = [
        [name, *(value_text(row, name) for row in rows), *(more or {}).get(name, ())]
        for name in names
    ]
    return _table(["", *head], lines)


def _requirements(facts: Facts) -> str:
    if not facts.bounds:
        return "## Requirements\n\nThe synthesis had none."
    rows = []
    for bound in facts.bounds:
        own = " (follows from the prototype)" if bound.relative else ""
        limit = f"{bound.side.replace('_', ' ')} {bound.limit:,.6g}{own}"
        told = [_margin(bound, facts, row) for row in facts.rows]
        rows.append([bound.name, limit, *told])
    head = ["measurement", "bound", *(f"margin, {row.split}" for row in facts.rows)]
    return (
        f"## Requirements\n\n{_table(head, rows)}\n\nMargins below 0 are misses. On the"
        f" {CONFIRM} split they are less what is kept for the step to other images."
    )


def _margin(bound: ResolvedBound, facts: Facts, row: Row) -> str:
    if bound.name not in row.margins:
        return "-"
    value, nearest = row.measurements[bound.name], row.margins[bound.name]
    return f"{own_margin(bound, facts.bounds, value, nearest):+,.4g}"


def _data(facts: Facts) -> str:
    data = facts.data
    counts = ", ".join(f"{count:,} {split}" for split, count in data["counts"].items())
    return (
        f"## Data\n\n`{data['name']}`: {counts} images.\n\nLicence of the data: {data['licence']}."
    )


def _origin(facts: Facts) -> str:
    rows = [[key, _plain(value)] for key, value in facts.origin.items()]
    chosen = ", ".join(f"{name} {option}" for name, option in facts.design.items())
    design = f"\n\nIts design: {chosen}." if chosen else ""
    return f"## How it was made\n\n{_table(['', ''], rows)}{design}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else f"`{json.dumps(value)}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
