"""Sweeps: a failed job is noted beside it, the sweep goes on and says so at its end."""

import math
import sys
from pathlib import Path
from typing import Any, final

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

NOTE = "failure.txt"


def failed(folder: Path, line: str) -> float:
    """Note a job's failure in its folder and return the worst score there is."""
    (folder / NOTE).write_text(f"{line}\n", encoding="utf-8")
    return -math.inf


def failures(sweep: Path) -> list[str]:
    """Return `number: line` for every failed job of a sweep."""
    notes = sorted(sweep.glob(f"*/{NOTE}"), key=lambda path: (len(path.parent.name), path))
    return [f"{path.parent.name}: {path.read_text(encoding='utf-8').strip()}" for path in notes]


@final
class SweepReport(Callback):
    """Ends a sweep with exit status 1 when one of its jobs failed; Hydra calls it."""

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Name the failed jobs; `kwargs` is Hydra's and not needed."""
        del kwargs
        folder = Path(str(config.hydra.sweep.dir))
        lines = failures(folder)
        if lines:
            print(f"gensynth: {len(lines)} failed in {folder}: {'; '.join(lines)}", file=sys.stderr)
            raise SystemExit(1)
