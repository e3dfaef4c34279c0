"""What do tracking, figures and states on disk cost? Their share of a synthesis on CIFAR-10.

One synthesis of ResNet-20 on CIFAR-10 whose trainings have one epoch each, the least there is, so
that the share is the largest. Counted is the time that the synthesis spends in these calls, with
all that they call: every note (diary, MLflow, logged models), the journal, state files of
cycles, pictures, and the end of the tracking, against the time of all cycles and of the whole run,
the training of the prototype included.

    python benchmarks/recording_overhead.py --data data --candidates 2
"""

import argparse
import functools
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import torch

import gensynth
from gensynth.jobs import synthesize, watch
from gensynth.jobs.gallery import Gallery
from gensynth.jobs.watch import Telling
from gensynth.journal import Journal
from gensynth.network.hardware import detect_device, processor_name
from gensynth.synthesis import Synthesis
from gensynth.tracking.mlflow import MlflowTracker

RESULT = Path(__file__).parent / "results" / "recording_overhead.json"
RECORDING = [
    (Telling, "__call__"),
    (Journal, "append"),
    (Gallery, "add"),
    (MlflowTracker, "start"),
    (MlflowTracker, "close"),
    (watch, "write_whole"),
    (synthesize, "write_whole"),
]
"""The calls whose time counts; one inside another counts once."""

CYCLES = [(Synthesis, "run")]
RUN = ["experiment=cifar10", "cycles=1", "promoted=1", "long_networks=1", "control.long_networks=0"]
SHORT = [f"training.{kind}_epochs=1" for kind in ("short", "long", "prototype")]
FREE = ["requirements.accuracy.at_least=null", "open_test=false", "view=lines"]


class Clock:
    """Adds up the seconds of calls, outermost ones only; `during` is what a part of them took."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0
        self._depth = 0

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with its time added up here."""

        @functools.wraps(call)
        def counted(*args: Any, **settings: Any) -> Any:
            started, self._depth = time.perf_counter(), self._depth + 1
            try:
                return call(*args, **settings)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.perf_counter() - started
                    self.calls += 1

        return counted

    @contextmanager
    def on(self, calls: list[tuple[Any, str]]) -> Iterator[None]:
        """Count these calls while the block runs."""
        patches = [
            mock.patch.object(home, name, self.timed(getattr(home, name))) for home, name in calls
        ]
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in patches:
                patch.stop()


def main() -> None:
    """Run the synthesis, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="holds cifar-10-batches-py/")
    parser.add_argument("--candidates", type=int, default=2, help="of the cycle")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    recording, cycles, inside = Clock(), Clock(), {"seconds": 0.0}
    search = Synthesis.run

    def noted(*args: Any, **settings: Any) -> Any:
        before = recording.seconds
        try:
            return search(*args, **settings)
        finally:
            inside["seconds"] += recording.seconds - before

    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        # Its networks have learned next to nothing, and its prototype has to be trained each time.
        mock.patch.dict(os.environ, {"GENSYNTH_OUTPUTS": folder}),
        mock.patch.object(Synthesis, "run", noted),
        recording.on(RECORDING),
        cycles.on(CYCLES),
    ):
        store = f"tracking.uri=sqlite:///{folder}/mlflow.db"
        words = [*RUN, *SHORT, *FREE, f"candidates={options.candidates}", store]
        gensynth.synthesize(*words, data_dir=options.data.absolute())
    total = time.perf_counter() - started
    record = {
        "claim": "seconds of recording / seconds of all cycles, and / seconds of the whole run;"
        " ResNet-20 on CIFAR-10, every training one epoch, the prototype's included",
        "n": 1,
        "cycles": share(inside["seconds"], cycles.seconds),
        "run": share(recording.seconds, total),
        "calls": recording.calls,
        "device": processor_name(detect_device()),
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


def share(part: float, whole: float) -> dict[str, float]:
    """Return both times in seconds, and the part's share in percent."""
    return {"recording_seconds": part, "seconds": whole, "share_percent": 100 * part / whole}


if __name__ == "__main__":
    main()
