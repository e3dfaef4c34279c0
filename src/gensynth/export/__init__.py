"""Networks in forms that run without gensynth: ONNX, `torch.export` programs, model cards."""

from gensynth.export.network_export import Exported, ExportedFile, export_network

__all__ = ["Exported", "ExportedFile", "export_network"]
