"""Networks by file or by the name in the result table; no two answer to one name."""

import shutil
from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs import places
from gensynth.jobs.named_networks import named
from gensynth.jobs.past_run import PastRun
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, save
from gensynth.prototypes.resnet import resnet


@pytest.fixture
def past(copied: Path, monkeypatch: pytest.MonkeyPatch) -> PastRun:
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    return PastRun.open(copied.name)


def test_without_names_it_is_the_nominated_one(past: PastRun) -> None:
    (one,) = named(past, [])
    nominated = load(past.folder / "network.safetensors")
    assert (one.name, one.trained) == ("network", True)
    assert weights_digest(one.network) == weights_digest(nominated)


def test_equal_file_names_are_told_apart(past: PastRun, tmp_path: Path) -> None:
    source = past.folder / "network.safetensors"
    for place in ["a/net", "b/net", "c/net-2"]:
        (tmp_path / place).parent.mkdir()
        shutil.copy(source, tmp_path / f"{place}.safetensors")
    paths = [str(tmp_path / f"{place}.safetensors") for place in ["a/net", "b/net", "c/net-2"]]
    assert [one.name for one in named(past, paths)] == ["net", "net-2", "net-2-2"]


def test_only_what_was_generated_and_no_more_is_untrained(past: PastRun, tmp_path: Path) -> None:
    network = load(past.folder / "network.safetensors")
    for name, metadata in [("drawn", {"trained": False}), ("mine", {})]:
        save(tmp_path / f"{name}.safetensors", network, metadata)
    paths = [str(tmp_path / f"{name}.safetensors") for name in ("drawn", "mine")]
    assert [one.trained for one in named(past, paths)] == [False, True]


def test_what_cannot_be_used_is_refused(past: PastRun, tmp_path: Path) -> None:
    rgb = GraphNetwork(resnet((3, 8, 8), 10, depth=8, widths=(4, 4, 4)))
    save(tmp_path / "rgb.safetensors", rgb)
    with pytest.raises(ConfigurationError, match="inputs and outputs of shapes"):
        named(past, [str(tmp_path / "rgb.safetensors")])
    with pytest.raises(ConfigurationError, match="'nobody' is no file"):
        named(past, ["nobody"])
    (tmp_path / "torn.safetensors").write_bytes(b"nonsense")
    with pytest.raises(DataError, match="is not a safetensors file"):
        named(past, [str(tmp_path / "torn.safetensors")])
