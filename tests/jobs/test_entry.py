"""The command line from the first word to the exit status."""

import json
import logging
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gensynth.errors import DataError, NothingMetRequirements
from gensynth.jobs import runs
from gensynth.run_files import FAILURE, SAVED
from gensynth.tracking.outbox import PATIENCE_SECONDS

Gensynth = Callable[..., Any]


def only_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]


def logged(outputs: Path) -> list[str]:
    """Return the lines of the only run's log."""
    (folder,) = (outputs / "runs").iterdir()
    return (folder / "gensynth.log").read_text(encoding="utf-8").splitlines()


def test_a_run_gets_its_configuration_and_a_folder_of_its_own(
    gensynth: Gensynth, outputs: Path
) -> None:
    seen: list[tuple[int, Path]] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append((cfg.seed, folder))
        return 1.0

    for _ in range(2):
        result = gensynth("seed=3", run=note)
        assert result.status == 0, result.err
    (seed, first), (_, second) = seen
    assert seed == 3
    assert first != second
    assert first.parent == second.parent == outputs / "runs"
    assert first.is_absolute()
    assert (first / "gensynth.log").is_file()


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    gensynth: Gensynth, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "network.safetensors").write_text("mine")
    (mine / ".hydra").mkdir()
    (mine / ".hydra" / "config.yaml").write_text("mine: 1")
    for words in (("seed=3",), ("ui",)):
        result = gensynth(*words, f"hydra.run.dir={mine}", run=lambda *_: 1.0)
        assert result.status == 1
        line = only_line(result.err)
        assert f"hydra.run.dir={mine} holds '.hydra'" in line
        assert (mine / "network.safetensors").read_text() == "mine"
        assert (mine / ".hydra" / "config.yaml").read_text() == "mine: 1"
        assert {path.name for path in mine.rglob("*") if path.is_file()} == {
            "config.yaml",
            "network.safetensors",
        }


def test_the_run_s_record_says_how_it_was_started(gensynth: Gensynth) -> None:
    gensynth("seed=3", "inquisitor=random")
    saved = runs.Saved.read(runs.find_run("last"))
    assert saved.job == "synthesize"
    assert saved.overrides == ("seed=3", "inquisitor=random")
    assert saved.choices["inquisitor"] == "random"
    assert saved.config["seed"] == 3
    assert Path(saved.config["data_dir"]).is_absolute()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["sed=1"], "did you mean seed?"),
        (["requirements.acuracy.at_least=3"], "requirements.accuracy.at_least"),
        (["batch_size=3"], "training.batch_size"),
        (["inquisitor=blnd"], "did you mean inquisitor=blind?"),
        (["experiment=tinny"], "did you mean experiment=tiny?"),
        (["experimnt=tiny"], "did you mean experiment?"),
        (["data=scenes"], "data=scenes has one class per pixel, task=classification needs one"),
        (["task=segmentation", "quality=miou"], "task.quality='miou' must be one of pixel_acc"),
        (
            ["task=segmentation", "requirements.accuracy.at_least=80"],
            "did you mean requirements.pixel_accuracy.at_least? requirements has ",
        ),
        (
            ["task=segmentation", "requirements.meaniou.at_least=50"],
            "did you mean requirements.mean_iou.at_least?",
        ),
        (["requirements.macs.atmost=5"], "requirements.macs has at_least, at_most"),
        (["trainin.short_epochs=3"], "did you mean training.short_epochs?"),
        (["probe=taylor"], "probe is chosen as a part of something else: probe@"),
        (["nonsense=1"], "has no setting 'nonsense'"),
        (["prior=default"], "prior is chosen as a part of something else: prior@inquisitor.prior="),
        (["seed=abc"], "seed='abc' must be a whole number"),
        (["cycles=1.5"], "cycles=1.5 must be a whole number"),
        (["open_test=perhaps"], "must be true or false"),
        (["control.cycles=x"], "control.cycles='x' must be a whole number"),
        (["training.batch_size=many"], "training.batch_size='many' must be a whole number"),
        (["+tracking.nonsense=1"], "tracking.nonsense is unknown"),
        (["tracking._target_=no.such.Thing"], "cannot be imported"),
        (["seed=[1"], "seed=[1 cannot be read"),
        (["seed=${nowhere}"], "nowhere"),
        (["seed=0,1"], "--multirun"),
        (["generate", "cycles=3"], "generate has no setting 'cycles'"),
        (["synthesise"], "did you mean 'synthesize'?"),
        (["resume=nonsense"], "no synthesize run 'nonsense'"),
        (["-m", "resume=last"], "not a sweep"),
        (["--config-dir", "/does/not/exist"], "/does/not/exist"),
    ],
)
def test_what_a_user_gets_wrong_is_one_line_with_a_hint(
    gensynth: Gensynth, words: list[str], hint: str
) -> None:
    result = gensynth(*words)
    assert result.status == 1
    line = only_line(result.err)
    assert line.startswith("gensynth: ")
    assert hint in line


def test_an_error_of_the_job_is_one_line_on_the_terminal_and_one_in_the_log(
    gensynth: Gensynth, outputs: Path
) -> None:
    def fail(cfg: Any, folder: Path) -> float:
        raise DataError("nothing at /there:\n  expected 100% of it")

    result = gensynth(run=fail)
    assert (result.status, only_line(result.err)) == (
        1,
        "gensynth: nothing at /there:; expected 100% of it",
    )
    assert "nothing at" not in result.out
    assert logged(outputs)[-1].endswith(
        "ended by DataError: nothing at /there: expected 100% of it"
    )


def test_nothing_found_has_its_own_exit_status(gensynth: Gensynth) -> None:
    def fail(cfg: Any, folder: Path) -> float:
        raise NothingMetRequirements("the nearest was c01")

    result = gensynth(run=fail)
    assert (result.status, only_line(result.err)) == (2, "gensynth: the nearest was c01")


def test_a_bug_keeps_its_traceback_and_the_log_has_it_too(
    gensynth: Gensynth, outputs: Path
) -> None:
    def fail(cfg: Any, folder: Path) -> float:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        gensynth(run=fail)
    lines = logged(outputs)
    first = next(i for i, line in enumerate(lines) if "ended by ZeroDivisionError: a bug" in line)
    assert lines[first + 1].startswith("Traceback")
    assert lines[-1] == "ZeroDivisionError: a bug"


def test_hydra_full_error_shows_tracebacks_again(
    gensynth: Gensynth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")

    def fail(cfg: Any, folder: Path) -> float:
        raise DataError("nothing there")

    with pytest.raises(DataError):
        gensynth(run=fail)


@pytest.fixture
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_handlers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interruption_says_how_to_continue(
    gensynth: Gensynth, outputs: Path, number: signal.Signals
) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def interrupted(cfg: Any, folder: Path) -> float:
        signal.raise_signal(number)
        return 0.0

    result = gensynth(run=interrupted)
    assert result.status == 130
    (folder,) = (outputs / "runs").iterdir()
    assert only_line(result.err).endswith(f"gensynth synthesize resume={folder.name}")
    assert "ended by KeyboardInterrupt" in logged(outputs)[-1]


@pytest.mark.usefixtures("_handlers")
def test_a_run_under_nohup_outlives_its_terminal(gensynth: Gensynth) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def closed(cfg: Any, folder: Path) -> float:
        signal.raise_signal(signal.SIGHUP)
        return 1.0

    assert gensynth(run=closed).status == 0


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nothing_is_said_to_a_reader_that_has_left(unbuffered: str) -> None:
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "gensynth", "--help"],
        stdout=written,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        check=False,
    )
    os.close(written)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_broken_pipe_elsewhere_keeps_its_traceback(gensynth: Gensynth) -> None:
    def fail(cfg: Any, folder: Path) -> float:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        gensynth(run=fail)


def test_continuing_uses_the_same_folder_and_configuration(gensynth: Gensynth) -> None:
    seen: list[tuple[Path, int, str]] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append((folder, cfg.seed, cfg.data.size))
        return 0.0

    gensynth("seed=3", "data.size=16", run=note)
    result = gensynth("resume=last", run=note)
    assert result.status == 0, result.err
    gensynth(f"resume={seen[0][0].name}", "seed=3", "open_test=false", run=note)
    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_continuing_refuses_what_contradicts_by_name(gensynth: Gensynth) -> None:
    gensynth("seed=3")
    result = gensynth("resume=last", "seed=4", "inquisitor=random")
    assert result.status == 1
    line = only_line(result.err)
    assert "seed=4 contradicts the saved seed=3" in line
    assert "inquisitor=random contradicts" in line


def test_continuing_refuses_a_configuration_that_changed_on_disk(gensynth: Gensynth) -> None:
    gensynth()
    record = runs.find_run("last") / SAVED
    raw = json.loads(record.read_text())
    raw["config"]["training"]["batch_size"] = 77
    record.write_text(json.dumps(raw))
    result = gensynth("resume=last")
    assert result.status == 1
    assert "training.batch_size was 77, is " in only_line(result.err)


def test_continuing_keeps_the_data_set_that_was_found_then(
    gensynth: Gensynth, tmp_path: Path
) -> None:
    seen: list[str] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append(cfg.data._target_)
        return 0.0

    gensynth(run=note)
    lay_out_cifar10(tmp_path / "data")
    gensynth("resume=last", run=note)
    assert seen[0] == seen[1]
    assert "digits" in seen[0]


def test_places_are_kept_absolute(
    gensynth: Gensynth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append(cfg.prototype_checkpoint)
        return 0.0

    monkeypatch.chdir(tmp_path)
    gensynth("prototype_checkpoint=mine.safetensors", run=note)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    result = gensynth("resume=last", run=note)
    assert result.status == 0, result.err
    assert seen == 2 * [str(tmp_path / "mine.safetensors")]


def test_a_run_in_use_is_not_continued(gensynth: Gensynth, outputs: Path) -> None:
    inner: list[Any] = []

    def again(cfg: Any, folder: Path) -> float:
        code = (
            "import sys; from gensynth.jobs.entry import main;"
            "sys.argv = ['gensynth', 'resume=last']; main()"
        )
        command = [sys.executable, "-c", code]
        env = {k: v for k, v in os.environ.items() if k != "HYDRA_FULL_ERROR"}
        inner.append(subprocess.run(command, capture_output=True, text=True, check=False, env=env))
        return 0.0

    assert gensynth(run=again).status == 0
    assert inner[0].returncode == 1
    assert "in use by another process" in only_line(inner[0].stderr)
    assert not any("ended by" in line for line in logged(outputs))  # the run's that goes on


def test_default_data_is_the_real_set_where_it_is_present(
    gensynth: Gensynth, tmp_path: Path
) -> None:
    seen: list[str] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append(cfg.data._target_)
        return 0.0

    embedded = gensynth(run=note)
    assert "data: digits (embedded), because cifar10 is not in" in embedded.out
    assert "data=cifar10" in embedded.out
    lay_out_cifar10(tmp_path / "elsewhere")
    real = gensynth(f"data_dir={tmp_path / 'elsewhere'}", run=note)
    assert "embedded" not in real.out
    asked = gensynth("data=digits", run=note)
    assert "because" not in asked.out
    assert [name.split(".")[-1] for name in seen] == ["Digits", "Cifar10", "Digits"]


def test_a_sweep_goes_on_after_a_failure_and_names_it_at_the_end(
    gensynth: Gensynth, outputs: Path
) -> None:
    done: list[int] = []

    def second_fails(cfg: Any, folder: Path) -> float:
        if cfg.seed == 1:
            raise NothingMetRequirements("nothing for seed 1")
        done.append(cfg.seed)
        return 0.0

    result = gensynth("-m", "seed=0,1,2", run=second_fails)
    assert result.status == 1
    assert done == [0, 2]
    assert re.search(r"1 failed in .*: 1: nothing for seed 1", only_line(result.err))
    (sweep,) = (outputs / "runs").iterdir()
    saved = {folder.name for folder in sweep.iterdir() if (folder / SAVED).is_file()}
    assert saved == {"0", "1", "2"}


def test_a_failed_job_of_a_sweep_that_then_ends_well_has_failed_no_more(
    gensynth: Gensynth, outputs: Path
) -> None:
    ends = [NothingMetRequirements("nothing")]

    def run(cfg: Any, folder: Path) -> float:
        if ends:
            raise ends.pop()
        return 1.0

    gensynth("-m", "seed=4,5", run=run)
    (sweep,) = (outputs / "runs").iterdir()
    assert (sweep / "0" / FAILURE).exists()
    assert gensynth(f"resume={sweep.name}/0", run=run).status == 0
    assert not (sweep / "0" / FAILURE).exists()


def test_one_job_of_a_sweep_can_be_continued(gensynth: Gensynth, outputs: Path) -> None:
    seen: list[tuple[int, Path]] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append((cfg.seed, folder))
        return -math.inf

    gensynth("-m", "seed=4,5", run=note)
    sweep = seen[0][1].parent.name
    result = gensynth(f"resume={sweep}/0", run=note)
    assert result.status == 0, result.err
    assert seen[2] == seen[0]


def test_a_store_that_is_gone_is_given_up_soon_and_quietly(
    gensynth: Gensynth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    seen: list[int] = []

    def look(cfg: Any, folder: Path) -> float:
        seen.append(logging.getLogger("urllib3.connectionpool").getEffectiveLevel())
        return 1.0

    assert gensynth("seed=3", run=look).status == 0
    assert seen == [logging.ERROR]
    retries, factor = int(os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]), 2
    assert sum(factor * 2**n for n in range(1, retries)) > PATIENCE_SECONDS  # one round is enough


@pytest.mark.parametrize("flag", ["--help", "--cfg=job"])
def test_asking_leaves_nothing_behind(gensynth: Gensynth, outputs: Path, flag: str) -> None:
    assert gensynth(flag).status == 0
    assert not outputs.exists()


@pytest.mark.parametrize("question", [["--cfg", "job"], ["--info", "config"]])
def test_a_question_may_follow_what_it_is_about(
    gensynth: Gensynth, tmp_path: Path, question: list[str]
) -> None:
    lay_out_cifar10(tmp_path / "data")  # so that the choice of it is added to the command line
    result = gensynth("task=classification", *question)
    assert result.status == 0, result.err
    assert "gensynth.data.cifar10.Cifar10" in result.out


def test_help_imports_nothing_that_is_slow_to_import() -> None:
    code = (
        "import sys; sys.argv = ['gensynth', '--help']; from gensynth.jobs.entry import main\n"
        "try: main()\n"
        "finally: print(*(n for n in ['torch', 'mlflow', 'sklearn'] if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def lay_out_cifar10(folder: Path) -> None:
    batches = folder / "cifar-10-batches-py"
    batches.mkdir(parents=True)
    for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
        (batches / name).write_bytes(b"")
