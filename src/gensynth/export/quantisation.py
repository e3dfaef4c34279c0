"""An ONNX file that computes in whole numbers of eight bits."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

from gensynth.export.program import INPUT
from gensynth.export.quiet import quiet

BATCH = 8
"""Images that go through the network at once."""


def write_int8(source: Path, path: Path, images: Tensor) -> None:
    """Write an int8 version of a float32 ONNX file: static, in QDQ form.

    Weights have a scale per channel, and seven bits: of eight, the sum of two products overflows
    the sixteen bits that x86 processors without VNNI have for it, and answers depend on the
    machine. The ranges of other values are the smallest and largest that the images bring about.

    Args:
        source: the float32 file.
        path: the file to write, by convention `*.int8.onnx`.
        images: (n, channels, height, width) to calibrate on, one or more, as the network reads
            them; training images.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with quiet(), TemporaryDirectory() as folder:
        prepared = Path(folder) / source.name
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            path,
            _reader(images),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
        )


def _reader(images: Tensor) -> Any:
    """Return what hands the quantiser one batch after the other, then None."""
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self, batches: Iterator[Tensor]) -> None:
            self._batches = batches

        def get_next(self) -> Any:
            batch = next(self._batches, None)
            return None if batch is None else {INPUT: batch.numpy()}

    return Reader(iter(torch.split(images.cpu().float().contiguous(), BATCH)))
