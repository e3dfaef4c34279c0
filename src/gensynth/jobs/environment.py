"""What `auto` and null became on this machine; a continued run uses what it was started with."""

import json
import logging
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig

from gensynth.errors import ConfigurationError
from gensynth.executors.executor import Executor
from gensynth.jobs.build import build
from gensynth.jobs.origin import origin
from gensynth.jobs.places import launcher_jobs
from gensynth.journal import write_whole
from gensynth.network.hardware import (
    detect_device,
    keep_freed_memory,
    processor_name,
    threads_per_process,
)
from gensynth.run_files import ENVIRONMENT
from gensynth.training.precision import resolve

log = logging.getLogger(__name__)

PACKAGES = ("gensynth", "torch", "pytorch-lightning", "numpy", "mlflow", "hydra-core")


def pin(cfg: DictConfig, folder: Path) -> None:
    """Replace settings that depend on the machine by their values, and keep these beside the run.

    Precision, threads and workers change the last digits of every result, so a run that is
    continued takes them from where it was started; what cannot be taken over is warned of.
    """
    path = folder / ENVIRONMENT
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _warn_of_other_packages(found)
        _warn_of_another_processor(found)
    else:
        found = detect(cfg)
        write_whole(path, json.dumps(found, indent=1))
    cfg.training.precision = found["precision"]
    for key in ("threads", "workers"):
        if key in cfg.executor:
            cfg.executor[key] = found[key]
    torch.set_num_threads(found["main_threads"])
    keep_freed_memory()
    log.info(
        "machine: %s, %s, %d worker(s) with %d thread(s)",
        found["device"], found["precision"], found["workers"], found["threads"],
    )  # fmt: skip


def refuse_other_device(folder: Path) -> None:
    """Refuse to continue a run on another kind of device: nothing measured before would be found.

    Raises:
        ConfigurationError: naming both devices.
    """
    path = folder / ENVIRONMENT
    if not path.exists():
        return
    before, now = json.loads(path.read_text(encoding="utf-8"))["device"], detect_device().type
    if before != now:
        raise ConfigurationError(
            f"{folder.name} was started on {before} and this machine would go on with {now}:"
            f" continue it where there is {before}, or start a new run"
        )


def _warn_of_other_packages(found: Mapping[str, Any]) -> None:
    before: Mapping[str, str] = found.get("packages", {})
    other = [
        f"{name} {before[name]} (now {now})"
        for name, now in _packages().items()
        if name in before and before[name] != now
    ]
    if other:
        log.warning("started with %s: last digits may differ", ", ".join(other))


def _warn_of_another_processor(found: Mapping[str, Any]) -> None:
    now = processor_name(detect_device())
    if "processor" in found and found["processor"] != now:
        log.warning(
            "started on %s (now %s): times differ, and last digits may", found["processor"], now
        )


def _packages() -> dict[str, str]:
    return {name: version(name) for name in PACKAGES}


def detect(cfg: DictConfig) -> dict[str, Any]:
    """Return this machine's device, precision, threads and workers, and the packages in use."""
    executor: Executor = build(cfg.executor)
    device = detect_device()
    at_once = executor.workers * executor.threads
    return {
        "device": device.type,
        "processor": processor_name(device),
        "precision": resolve(cfg.training.precision, device),
        "workers": executor.workers,
        "threads": executor.threads,
        # What trains in this process may have as many cores as the candidates share.
        "main_threads": min(at_once, threads_per_process(1, launcher_jobs())),
        "python": platform.python_version(),
        "packages": _packages(),
        "origin": origin(Path.cwd()),
    }
