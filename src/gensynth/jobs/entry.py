"""The command line: pick the job, compose its configuration with Hydra, run it, say how it went."""

import importlib
import logging
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from gensynth import plugins
from gensynth.errors import ConfigurationError, NothingMetRequirements
from gensynth.jobs import arguments, places, resolvers, resume, runs, sweeps
from gensynth.jobs.checks import check
from gensynth.jobs.compatibility import decorator
from gensynth.jobs.complaints import EXPECTED, one_line
from gensynth.jobs.default_data import announcement, completed
from gensynth.jobs.suitability import check_suitability
from gensynth.run_files import SAVED

log = logging.getLogger(__name__)

FULL_ERROR = "GENSYNTH_FULL_ERROR"
"""Set from HYDRA_FULL_ERROR=1: tracebacks also for errors that a user can mend."""


def main() -> None:
    """Run the job that the command line asks for; the `gensynth` command.

    Exits 0 when all went well, 1 after an error (one line on stderr), 2 when no network met the
    requirements, 130 after Ctrl-C.
    """
    job = arguments.DEFAULT_JOB
    if os.environ.pop("HYDRA_FULL_ERROR", "0") not in {"0", ""}:
        os.environ[FULL_ERROR] = "1"
    # Hydra prints and exits by itself unless asked for the full error; we print shorter.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # Runs tell nobody anything unless the user wants it; MLflow reads this when it is imported.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    prepare_threads(os.environ)
    try:
        plugins.register()
        resolvers.register()
        asked = arguments.parse(sys.argv[1:], places.job_names())
        job = asked.job
        places.fix(asked.data_dir, create=not asked.only_asks)
        sys.argv[1:] = _started(asked) if asked.resume is None else _resumed(asked)
        decorator(str(places.conf()), job, trusted=["gensynth.*", "logging.*"])(task)()
    except EXPECTED as error:
        _leave(error, job)
    except KeyboardInterrupt:
        _interrupted("")


def prepare_threads(environment: MutableMapping[str, str]) -> None:
    """Let threads that wait spin briefly; GNU OpenMP reads this when torch loads.

    Those that spin for long starve each other as soon as anything else runs beside them, and those
    that sleep at once train small networks three times slower. What the user has set stays.
    """
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", "2000")


def task(cfg: DictConfig) -> float:
    """Run one job with its composed configuration; Hydra calls it, also in worker processes.

    Returns:
        what sweepers maximise: the job's score, or minus infinity for a failed job of a sweep.
    """
    settings = HydraConfig.get()
    job, folder = str(settings.job.config_name), Path(settings.runtime.output_dir)
    sweeping = settings.mode is RunMode.MULTIRUN
    try:
        return _run(cfg, job, folder)
    except EXPECTED as error:
        if not sweeping:
            _leave(error, job)
        line = one_line(error, job)
        log.error("%s", line, exc_info=bool(os.environ.get(FULL_ERROR)))
        return sweeps.failed(folder, line)
    except KeyboardInterrupt:
        name = folder.relative_to(places.runs()) if folder.is_relative_to(places.runs()) else folder
        _interrupted(f"continue with: gensynth {job} resume={name}" if "resume" in cfg else "")


def _run(cfg: DictConfig, job: str, folder: Path) -> float:
    with runs.alone(folder):
        return _locked_run(cfg, job, folder)


def _locked_run(cfg: DictConfig, job: str, folder: Path) -> float:
    for key in resume.PATHS:
        if cfg.get(key) is not None:
            cfg[key] = str(Path(str(cfg[key])).expanduser().absolute())
    config = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    assert isinstance(config, dict)
    plain = {str(key): value for key, value in config.items()}
    if (folder / SAVED).exists():
        _check_unchanged(folder, plain)
    check_suitability(plain)
    check(plain, job)
    settings = HydraConfig.get()
    data_dir = Path(str(plain.get("data_dir")))
    told = announcement(settings.runtime.choices, settings.overrides.task, data_dir)
    if told is not None:
        log.info(told)
    with runs.recorded(runs.saved_now(job, plain), folder):
        module = importlib.import_module(f"gensynth.jobs.{job}")
        return float(module.run(cfg, folder))


def _check_unchanged(folder: Path, config: dict[str, object]) -> None:
    changed = resume.differences(runs.Saved.read(folder).config, config)
    if changed:
        raise ConfigurationError(
            f"{folder.name} was started with another configuration ({'; '.join(changed)}):"
            " undo that, or start a new run"
        )


def _started(asked: arguments.Arguments) -> list[str]:
    return [*asked.hydra, *completed(asked.job, asked.hydra)]


def _resumed(asked: arguments.Arguments) -> list[str]:
    folder = runs.find_run(str(asked.resume), asked.job)
    return resume.continued(folder, asked.job, asked.hydra)


def _leave(error: BaseException, job: str) -> NoReturn:
    if os.environ.get(FULL_ERROR):
        raise error
    print(f"gensynth: {one_line(error, job)}", file=sys.stderr)
    raise SystemExit(2 if isinstance(error, NothingMetRequirements) else 1)


def _interrupted(advice: str) -> NoReturn:
    print(
        f"\ngensynth: interrupted; {advice}" if advice else "\ngensynth: interrupted",
        file=sys.stderr,
    )
    raise SystemExit(130)
