"""A synthesis that is opened again is what it was, whatever this machine would choose now."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs import places
from gensynth.jobs.past_run import PastRun, keep_prototype
from gensynth.network.digest import weights_digest
from gensynth.network.saving import load


@pytest.fixture(autouse=True)
def _here(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))


def test_it_holds_prototype_generator_and_inquisitor_as_they_were_left(copied: Path) -> None:
    past = PastRun.open("last")
    assert past.folder == copied
    assert weights_digest(past.prototype) == past.evaluation.key
    assert past.confirmation.requirements.margins(past.evaluation.measurements)
    assert past.generator().state_dict() == json.loads((copied / "generator.json").read_text())
    observed = past.inquisitor().state_dict()["observations"]
    lines = (copied / "evaluations.jsonl").read_text().splitlines()
    assert set(observed) == {past.evaluation.key} | {json.loads(line)["key"] for line in lines}


def test_the_order_of_completion_changes_no_judgement(copied: Path) -> None:
    designs = PastRun.open("last").generator().generate(range(20))
    before = PastRun.open("last").inquisitor().judge(designs)
    path = copied / "evaluations.jsonl"
    path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))
    after = PastRun.open("last").inquisitor().judge(designs)
    np.testing.assert_array_equal(before.utility, after.utility)
    np.testing.assert_array_equal(before.probability, after.probability)


def test_precision_and_threads_are_those_it_was_started_with(copied: Path) -> None:
    path = copied / "environment.json"
    was = json.loads(path.read_text())
    other = "float32" if was["precision"] == "bfloat16" else "bfloat16"
    path.write_text(json.dumps({**was, "precision": other, "threads": 3}))
    threads = torch.get_num_threads()
    a = PastRun.open("last").assembly
    assert (a.training.precision, a.executor.threads) == (other, 3)
    torch.set_num_threads(threads)


def test_what_allows_designs_is_the_requirement_on_exact_costs(copied: Path) -> None:
    path = copied / "overrides.json"
    record = json.loads(path.read_text())
    record["config"]["requirements"]["parameters"]["at_most"] = "60%"
    path.write_text(json.dumps(record))
    past = PastRun.open("last")
    rng = np.random.default_rng(0)
    space = past.assembly.space
    designs = space.repair(rng.integers(0, space.options_per_choice, (50, len(space.choices))))
    limit = 0.6 * past.prototype.graph.parameters
    small = [space.apply(design).parameters <= limit for design in designs]
    assert past.allowed(designs).tolist() == small
    assert 0 < sum(small) < 50


def test_data_may_have_moved_in_the_meantime(copied: Path) -> None:
    path = copied / "overrides.json"
    record = json.loads(path.read_text())
    cifar10 = OmegaConf.load(places.conf() / "data" / "cifar10.yaml").data
    OmegaConf.update(cifar10, "data_dir", "/then")
    record["config"]["data"] = OmegaConf.to_container(cifar10)
    path.write_text(json.dumps(record))
    with pytest.raises(DataError, match="/then"):
        PastRun.open("last")
    with pytest.raises(DataError, match="/now"):
        PastRun.open("last", "/now")


@pytest.mark.parametrize("missing", ["prototype.json", "generator.json"])
def test_a_run_that_did_not_get_that_far_says_how_to_go_on(copied: Path, missing: str) -> None:
    (copied / missing).unlink()
    with pytest.raises(DataError, match=r"continue it with resume="):
        PastRun.open("last").generator()


def test_its_ledger_is_opened_by_one_process_at_a_time(copied: Path) -> None:
    past = PastRun.open("last")
    with past.ledger() as ledger:
        assert ledger.find(weights_digest(past.prototype)) is not None
        with pytest.raises(ConfigurationError, match="in use"), past.ledger():
            pass


def test_a_kept_prototype_is_read_back_whole(copied: Path, tmp_path: Path) -> None:
    past = PastRun.open("last")
    keep_prototype(tmp_path, past.prototype, past.evaluation)
    again = load(tmp_path / "prototype.safetensors")
    assert weights_digest(again) == weights_digest(past.prototype)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "prototype.json",
        "prototype.safetensors",
    ]


def test_a_run_is_not_continued_with_another_prototype(copied: Path) -> None:
    past = PastRun.open("last")
    before = (copied / "prototype.safetensors").read_bytes()
    keep_prototype(copied, past.prototype, past.evaluation)
    other = replace(past.evaluation, key="0" * 64)
    with pytest.raises(
        DataError, match=r"was started with another prototype \(weights .* now 0{12}"
    ):
        keep_prototype(copied, past.prototype, other)
    assert (copied / "prototype.safetensors").read_bytes() == before
