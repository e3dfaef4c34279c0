"""What the exported files themselves are worth, by the measurement that networks are judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from gensynth.data.data_module import ImageData, Split
from gensynth.export.onnx_network import OnnxNetwork
from gensynth.pairing import gaps, paired_errors
from gensynth.records import MINUS_PROTOTYPE
from gensynth.report.result_table import Row
from gensynth.tasks.task import Quality, Task
from gensynth.training import Training, evaluate_quality


@final
@dataclass(frozen=True, slots=True)
class FileQuality:
    """Quality of an ONNX file, run by onnxruntime.

    Args:
        row: what was measured, under the file's name.
        losses: by how much values are below the first file's on the same images, in their unit;
            below 0: they are above. The first file has none.
        loss_errors: their standard errors, paired by image.
    """

    row: Row
    losses: Mapping[str, float]
    loss_errors: Mapping[str, float]


def file_qualities(
    files: Sequence[Path], split: Split, *, task: Task, data: ImageData, training: Training
) -> tuple[FileQuality, ...]:
    """Measure ONNX files on a split, each beside the first.

    Args:
        files: the float32 file first.
        split: whose images are read.
        task: what to measure.
        data: where the split is.
        training: its batch size applies; its precision does not, the files have their own.

    Raises:
        DataError: the split is closed or empty.
    """
    measured = [(p, evaluate_quality(OnnxNetwork(p), task, data, split, training)) for p in files]
    return tuple(_beside(path.name, split, one, measured[0][1]) for path, one in measured)


def _beside(file: str, split: Split, own: Quality, first: Quality) -> FileQuality:
    others = {} if own is first else own.examples
    row = Row(file, split, own.values, own.standard_errors, {}, intervals=own.intervals)
    return FileQuality(
        row,
        {_plain(name): 0.0 - gap for name, gap in gaps(others, first.examples).items()},
        {_plain(name): error for name, error in paired_errors(others, first.examples).items()},
    )


def _plain(name: str) -> str:
    return name.removesuffix(MINUS_PROTOTYPE)
