"""What `auto` became on the machine that started a run holds for the whole run."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from gensynth.errors import ConfigurationError
from gensynth.jobs.environment import detect, pin, refuse_other_device
from gensynth.network.hardware import available_cores, detect_device, detect_precision


def configuration(**executor: Any) -> DictConfig:
    name = "workers.Workers" if "workers" in executor else "this_process.ThisProcess"
    target = {"_target_": f"gensynth.executors.{name}", "launcher_jobs": 1}
    return OmegaConf.create({"training": {"precision": "auto"}, "executor": target | executor})


@pytest.fixture(autouse=True)
def _threads() -> Any:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_auto_and_null_become_what_this_machine_has(tmp_path: Path) -> None:
    cfg = configuration(workers=None, threads=None)
    pin(cfg, tmp_path)
    assert cfg.training.precision == detect_precision(detect_device())
    assert cfg.executor.workers >= 1
    assert cfg.executor.workers * cfg.executor.threads <= available_cores()
    assert torch.get_num_threads() == available_cores()


def test_what_was_chosen_stays(tmp_path: Path) -> None:
    cfg = configuration(threads=5)
    cfg.training.precision = "bfloat16"
    pin(cfg, tmp_path)
    assert (cfg.training.precision, cfg.executor.threads) == ("bfloat16", 5)
    assert "workers" not in cfg.executor


def test_a_continued_run_takes_it_from_the_file(tmp_path: Path) -> None:
    pin(configuration(workers=2, threads=1), tmp_path)
    path = tmp_path / "environment.json"
    other = json.loads(path.read_text()) | {"precision": "bfloat16", "workers": 7, "threads": 3}
    path.write_text(json.dumps(other | {"main_threads": 2}))
    cfg = configuration(workers=2, threads=1)
    pin(cfg, tmp_path)
    assert (cfg.training.precision, cfg.executor.workers, cfg.executor.threads) == (
        "bfloat16",
        7,
        3,
    )
    assert torch.get_num_threads() == 2


def test_whoever_limits_the_candidates_limits_the_prototype_too(tmp_path: Path) -> None:
    pin(configuration(threads=1), tmp_path)
    assert torch.get_num_threads() == 1


def test_the_note_names_what_results_depend_on() -> None:
    found = detect(configuration(threads=2))
    assert found["threads"] == 2
    assert found["workers"] == 1
    assert found["packages"]["torch"] == torch.__version__.partition("+")[0]
    assert json.loads(json.dumps(found)) == found


def test_a_run_is_not_continued_on_another_kind_of_device(tmp_path: Path) -> None:
    refuse_other_device(tmp_path)  # a new run has nothing to contradict
    pin(configuration(threads=1), tmp_path)
    refuse_other_device(tmp_path)
    path = tmp_path / "environment.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"device": "tpu"}))
    with pytest.raises(ConfigurationError, match=r"was started on tpu and this machine would go"):
        refuse_other_device(tmp_path)


@pytest.mark.parametrize(
    ("other", "warning"),
    [
        ({"packages": {"torch": "1.0"}}, "started with torch 1.0 (now "),
        ({"processor": "an abacus"}, "started on an abacus (now "),
    ],
)
def test_other_packages_and_another_processor_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, other: dict[str, Any], warning: str
) -> None:
    pin(configuration(threads=1), tmp_path)
    pin(configuration(threads=1), tmp_path)
    assert not caplog.records
    path = tmp_path / "environment.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | other))
    pin(configuration(threads=1), tmp_path)
    assert warning in caplog.text
