"""The command line: run the job that it asks for, and say how it went."""

import os
import select
import signal
import sys
import traceback
from typing import NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from gensynth.errors import GensynthError, NothingMetRequirements
from gensynth.jobs import places, sweeps
from gensynth.jobs.complaints import one_line
from gensynth.jobs.running import HYDRA_FULL_ERROR, current, start, work

FULL_ERROR = "GENSYNTH_FULL_ERROR"
"""Set from HYDRA_FULL_ERROR=1: tracebacks also for errors that a user can mend."""

READER_HAS_LEFT = 141
"""What a shell makes of SIGPIPE."""


def main() -> None:
    """Run the job that the command line asks for; the `gensynth` command.

    Exits 0 when all went well, 1 after an error (one line on stderr), 2 when no network met the
    requirements, 130 after Ctrl-C, when it is told to end (SIGTERM) or its terminal is closed
    (SIGHUP, unless `nohup` has it ignored), 141 when whoever read its output has left
    (`gensynth --help | head`).
    """
    # What is open is closed, a sweep's run with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    if os.environ.pop(HYDRA_FULL_ERROR, "0") not in {"0", ""}:
        os.environ[FULL_ERROR] = "1"
    try:
        start(sys.argv[1:], task)
        sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_has_left():
            raise
        raise SystemExit(READER_HAS_LEFT) from None
    except GensynthError as error:
        _leave(error)
    except KeyboardInterrupt:
        _interrupted("")


def task(cfg: DictConfig) -> float:
    """Run one job with its composed configuration; Hydra calls it, also in worker processes.

    Returns:
        what sweepers maximise: the job's score, or minus infinity for a failed job of a sweep.
    """
    job, folder = current()
    try:
        score = work(cfg)
        sweeps.went_well(folder)
        return score
    except GensynthError as error:
        if HydraConfig.get().mode is not RunMode.MULTIRUN:
            _leave(error)
        line = one_line(error)
        print(traceback.format_exc() if os.environ.get(FULL_ERROR) else line, flush=True)
        return sweeps.failed(folder, line)
    except KeyboardInterrupt:
        name = folder.relative_to(places.runs()) if folder.is_relative_to(places.runs()) else folder
        _interrupted(f"continue with: gensynth {job} resume={name}" if "resume" in cfg else "")


def _reader_has_left() -> bool:
    """Tell whether nobody reads the output any more; what is still to be written is dropped."""
    end = sys.stdout.fileno()
    poll = select.poll()
    poll.register(end)
    left = any(event & select.POLLERR for _, event in poll.poll(0))
    if left:
        os.dup2(os.open(os.devnull, os.O_WRONLY), end)
    return left


def _leave(error: GensynthError) -> NoReturn:
    if os.environ.get(FULL_ERROR):
        raise error
    print(f"gensynth: {one_line(error)}", file=sys.stderr)
    raise SystemExit(2 if isinstance(error, NothingMetRequirements) else 1)


def _interrupted(advice: str) -> NoReturn:
    print(
        f"\ngensynth: interrupted; {advice}" if advice else "\ngensynth: interrupted",
        file=sys.stderr,
    )
    raise SystemExit(130)
