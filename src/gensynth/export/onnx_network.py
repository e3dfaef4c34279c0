"""An ONNX file as a module, so that there is one way to measure networks, whatever runs them."""

from pathlib import Path
from typing import final

import torch
from torch import Tensor, nn

from gensynth.network.graph_network import Output


@final
class OnnxNetwork(nn.Module):
    """Runs an ONNX file with onnxruntime: on the CPU, in float32, with as many threads as torch.

    Args:
        path: a file with one input.
    """

    def __init__(self, path: Path) -> None:
        from onnxruntime import InferenceSession, SessionOptions

        super().__init__()
        options = SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3  # errors
        self._session = InferenceSession(path, options, providers=["CPUExecutionProvider"])
        (self._input,) = [one.name for one in self._session.get_inputs()]
        self._outputs = [one.name for one in self._session.get_outputs()]

    def forward(self, images: Tensor) -> Output:
        """Return the output, or a dict of outputs by name if there are several.

        Args:
            images: (n, channels, height, width), on any device; answers are on the same.
        """
        plain = images.detach().to("cpu", torch.float32).contiguous().numpy()
        answers = self._session.run(self._outputs, {self._input: plain})
        values = [torch.from_numpy(answer).to(images.device) for answer in answers]
        if len(values) == 1:
            return values[0]
        return dict(zip(self._outputs, values, strict=True))
