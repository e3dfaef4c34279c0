"""From words to a job that has run: the way that the command line and Python share."""

import importlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import final

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from gensynth import plugins
from gensynth.errors import ConfigurationError
from gensynth.jobs import arguments, places, resolvers, resume, runs
from gensynth.jobs.checks import check
from gensynth.jobs.compatibility import decorator
from gensynth.jobs.complaints import EXPECTED, owned
from gensynth.jobs.default_data import announcement, completed
from gensynth.jobs.suitability import check_suitability
from gensynth.run_files import SAVED

log = logging.getLogger(__name__)

HYDRA_FULL_ERROR = "HYDRA_FULL_ERROR"


def start(words: Sequence[str], task: Callable[[DictConfig], float]) -> None:
    """Let Hydra compose the configuration that words ask for, and call `task` with it.

    Args:
        words: a command line without the program's name.
        task: calls `work`, sooner or later; once for every job of a sweep.

    Raises:
        GensynthError: what a user can cause.
    """
    # Runs tell nobody anything unless the user wants it; MLflow reads this when it is imported.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # A store that is gone is tried again later anyway: 12 seconds are enough, 4 minutes are not.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    prepare_threads(os.environ)
    plugins.register()
    resolvers.register()
    asked = arguments.parse(words, places.job_names())
    with owned(asked.job, asked.hydra):
        places.fix(asked.data_dir, create=not asked.only_asks)
        if asked.folder is not None and not asked.only_asks:
            runs.check_free(asked.folder)  # before Hydra writes into it
        told = _started(asked) if asked.resume is None else _resumed(asked)
        with _hydra_reads(told):
            trusted = ["gensynth.*", "logging.*"]
            decorator(str(places.conf()), asked.job, trusted)(task)()


def prepare_threads(environment: MutableMapping[str, str]) -> None:
    """Let threads that wait spin briefly; GNU OpenMP reads this when torch loads.

    Those that spin for long starve each other as soon as anything else runs beside them, and those
    that sleep at once train small networks three times slower. How long one turn takes depends on
    the CPU: on some, 2,000 are over before a second thread gains anything. What the user has set
    stays.
    """
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", "8000")


def current() -> tuple[str, Path]:
    """Return the job that Hydra has composed, and its folder."""
    settings = HydraConfig.get()
    return str(settings.job.config_name), Path(settings.runtime.output_dir)


def work(cfg: DictConfig) -> float:
    """Check a composed configuration, run its job alone in its folder, and return its score.

    Raises:
        GensynthError: what a user can cause.
    """
    job, folder = current()
    with owned(job), runs.alone(folder), _Ending():
        runs.check_own(folder)
        for key in resume.PATHS:
            if cfg.get(key) is not None:
                cfg[key] = str(Path(str(cfg[key])).expanduser().absolute())
        config = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
        assert isinstance(config, dict)
        plain = {str(key): value for key, value in config.items()}
        _check(plain, job, folder)
        with runs.recorded(runs.saved_now(job, plain), folder):
            module = importlib.import_module(f"gensynth.jobs.{job}")
            return float(module.run(cfg, folder))


@final
class _Ending(AbstractContextManager[None]):
    """Tells a run's log what ended the run; the terminal is told by whoever catches that."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write a line; with a traceback where it is no user's doing."""
        if error is None:
            return
        usual = isinstance(error, (*EXPECTED, KeyboardInterrupt))
        words = " ".join(f"ended by {type(error).__name__}: {error}".split())
        info = None if usual else (type(error), error, trace)
        record = log.makeRecord(log.name, logging.ERROR, __file__, 0, words, (), info)
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.FileHandler):
                handler.handle(record)


def _check(config: dict[str, object], job: str, folder: Path) -> None:
    if (folder / SAVED).exists():
        changed = resume.differences(runs.Saved.read(folder).config, config)
        if changed:
            raise ConfigurationError(
                f"{folder.name} was started with another configuration ({'; '.join(changed)}):"
                " undo that, or start a new run"
            )
    check_suitability(config)
    check(config, job)
    settings, data_dir = HydraConfig.get(), Path(str(config.get("data_dir")))
    told = announcement(settings.runtime.choices, settings.overrides.task, data_dir)
    if told is not None:
        log.info(told)


def _started(asked: arguments.Arguments) -> list[str]:
    flags, overrides = arguments.split(asked.hydra)
    # In one piece: between overrides, a flag such as --cfg would end them.
    return [*overrides, *completed(asked.job, asked.hydra), *flags]


def _resumed(asked: arguments.Arguments) -> list[str]:
    folder = runs.find_run(str(asked.resume), asked.job)
    return resume.continued(folder, asked.job, asked.hydra)


@contextmanager
def _hydra_reads(words: Sequence[str]) -> Iterator[None]:
    """Let Hydra find words where it looks for them, and leave errors to us.

    It prints and exits by itself unless asked for the full error; we print shorter.
    """
    argv, asked = sys.argv, os.environ.get(HYDRA_FULL_ERROR)
    sys.argv = [argv[0] if argv else "gensynth", *words]
    os.environ[HYDRA_FULL_ERROR] = "1"
    try:
        yield
    finally:
        sys.argv = argv
        if asked is None:
            os.environ.pop(HYDRA_FULL_ERROR, None)
        else:
            os.environ[HYDRA_FULL_ERROR] = asked
