"""What is known of an exported network: the same for people, on its card, and for machines."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, final

from gensynth.export.agreement import BAR
from gensynth.export.file_quality import FileQuality
from gensynth.export.network_export import Exported
from gensynth.report.result_table import Row
from gensynth.requirements import ResolvedBound, own_margin


@final
@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a card says.

    Args:
        name: of the network.
        trained: whether its weights were.
        task: what it is asked to do.
        reading: how its outputs are read; one line.
        data: what the data set says of itself; see `ImageData.describe`.
        parameters: a count.
        macs: multiply-adds of convolutions and linear layers for one input.
        rows: what was measured, one row per split.
        bounds: the requirements, in the measurements' units on the confirm split.
        exported: the files.
        qualities: of the ONNX files themselves, the float32 one first.
        origin: how it was made, as plain JSON values.
        design: the option of every choice of the design space; empty: unknown.
    """

    name: str
    trained: bool
    task: str
    reading: str
    data: Mapping[str, Any]
    parameters: int
    macs: int
    rows: tuple[Row, ...]
    bounds: tuple[ResolvedBound, ...]
    exported: Exported
    qualities: tuple[FileQuality, ...]
    origin: Mapping[str, Any]
    design: Mapping[str, Any]

    @property
    def missed(self) -> dict[str, float]:
        """The requirements that do not hold on some split, and by how much at worst; above 0."""
        found: dict[str, float] = {}
        for row in self.rows:
            for name, margin in row.margins.items():
                if not margin >= 0:
                    found[name] = max(-margin, found.get(name, 0.0))
        return found

    @property
    def missed_by_files(self) -> dict[str, dict[str, float]]:
        """The requirements that files of their own quality miss, where the network meets them.

        File to measurement to by how much, above 0, with the slack of the network's own reading.
        """
        own = {row.split: row for row in self.rows}
        found: dict[str, dict[str, float]] = {}
        for one in self.qualities:
            if one.row.split not in own:
                continue
            network = own[one.row.split]
            for bound in self.bounds:
                name = bound.name
                if name in self.missed or name not in network.margins.keys() & one.row.measurements:
                    continue
                before = network.measurements[name]
                margin = own_margin(bound, self.bounds, before, network.margins[name])
                margin += bound.margin(one.row.measurements[name]) - bound.margin(before)
                if not margin >= 0:
                    found.setdefault(one.row.name, {})[name] = -margin
        return found

    def to_json(self) -> str:
        """Return JSON for machines; what was compared says whether it is within the bar.

        Differences that are no number are null.
        """
        plain = asdict(self)
        plain["bar"] = BAR
        plain["exported"]["folder"] = self.exported.folder.name
        for file, one in zip(plain["exported"]["files"], self.exported.files, strict=True):
            if one.agreement is not None:
                for key in ("absolute", "relative"):
                    value = file["agreement"][key]
                    file["agreement"][key] = value if math.isfinite(value) else None
                file["agreement"]["holds"] = one.agreement.holds
        return json.dumps(plain, indent=1)
