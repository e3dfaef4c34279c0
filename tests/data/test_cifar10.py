"""The reader against a made release: pixels, policy of the test split, and every refusal."""

import hashlib
import logging
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gensynth.data import cifar10 as module
from gensynth.data.cifar10 import Cifar10
from gensynth.errors import DataError

Make = Callable[..., Cifar10]
FOLDER = "cifar-10-batches-py"


class Command:
    """Pickles to a shell command."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch owned",)


def change(release: Path, name: str, **entries: Any) -> None:
    path = release / FOLDER / name
    content = pickle.loads(path.read_bytes())  # noqa: S301 - made by conftest
    content |= {key.encode(): value for key, value in entries.items()}
    path.write_bytes(pickle.dumps(content, protocol=4))


def test_pixels_and_targets_are_those_of_the_files(cifar10: Make, release: Path) -> None:
    rows = []
    for number in range(1, 6):
        content = pickle.loads((release / FOLDER / f"data_batch_{number}").read_bytes())  # noqa: S301
        rows += [(bytes(p), y) for p, y in zip(content[b"data"], content[b"labels"], strict=True)]
    data, read = cifar10(), []
    for split in ("train", "search", "confirm"):
        images, targets = data.images(split)
        assert images.shape[1:] == data.input_shape
        pixels = images.contiguous().numpy()
        read += [(p.tobytes(), int(y)) for p, y in zip(pixels, targets, strict=True)]
    assert sorted(read) == sorted(rows)
    assert data.counts == {"train": 50, "search": 20, "confirm": 30, "test": 20}


def test_test_images_are_those_of_the_test_batch_in_order(cifar10: Make, release: Path) -> None:
    data = cifar10()
    data.open_test()
    images, targets = data.images("test")
    content = pickle.loads((release / FOLDER / "test_batch").read_bytes())  # noqa: S301
    np.testing.assert_array_equal(images.flatten(1).numpy(), content[b"data"])
    assert targets.tolist() == content[b"labels"]


def test_the_test_batch_is_not_read_before_it_is_opened(cifar10: Make, release: Path) -> None:
    (release / FOLDER / "test_batch").write_bytes(b"rubbish")
    data = cifar10()
    before = data.digest, data.counts
    with pytest.raises(DataError, match="test split of cifar10 is closed"):
        data.images("test")
    with pytest.raises(DataError, match="test_batch is damaged"):
        data.open_test()
    assert (data.digest, data.counts) == before


def test_the_digest_follows_contents_and_settings(cifar10: Make, release: Path) -> None:
    digest = cifar10().digest
    assert cifar10(download=True).digest == digest
    assert cifar10(split_seed=1).digest != digest
    assert cifar10(train_images=10).digest != digest
    change(release, "test_batch", labels=[0] * 20)
    assert cifar10().digest == digest
    change(release, "data_batch_3", labels=[0] * 20)
    assert cifar10().digest != digest


def test_other_files_than_the_official_are_named_in_the_log(
    cifar10: Make, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, release: Path
) -> None:
    for name in module.OFFICIAL_MD5:
        payload = (release / FOLDER / name).read_bytes()
        checksum = hashlib.md5(payload, usedforsecurity=False).hexdigest()
        if name != "data_batch_2":
            monkeypatch.setitem(module.OFFICIAL_MD5, name, checksum)
    with caplog.at_level(logging.INFO):
        cifar10().open_test()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith("not the official CIFAR-10 (md5): data_batch_2")


def test_missing_files_are_an_error_that_says_what_to_do(cifar10: Make, release: Path) -> None:
    (release / FOLDER / "data_batch_4").unlink()
    (release / FOLDER / "test_batch").unlink()
    with pytest.raises(DataError) as caught:
        cifar10().prepare_data()
    message = str(caught.value)
    assert "\n" not in message
    for part in (
        str(release),
        f"no {FOLDER}/data_batch_4 and 1 more",
        "data_batch_1 .. data_batch_5 and test_batch",
        "data_dir=",
        "GENSYNTH_DATA",
        "data.download=true",
        "data=digits",
    ):
        assert part in message
    with pytest.raises(DataError, match="CIFAR-10 is not in"):
        cifar10().images("train")


def test_pointing_at_the_inner_folder_is_recognised(cifar10: Make, release: Path) -> None:
    with pytest.raises(DataError, match=f"did you mean data_dir={release}\\?"):
        cifar10(data_dir=release / FOLDER).prepare_data()


def test_a_malicious_batch_is_refused(cifar10: Make, release: Path, tmp_path: Path) -> None:
    change(release, "data_batch_2", data=Command())
    with pytest.raises(DataError, match=f"data_batch_2: refused to run {os.name}.system"):
        cifar10().images("train")
    assert not (tmp_path / "owned").exists()
    assert not Path("owned").exists()


def test_a_cut_batch_is_one_line_with_checksums_and_fix(cifar10: Make, release: Path) -> None:
    path = release / FOLDER / "data_batch_1"
    path.write_bytes(path.read_bytes()[:30_000])
    with pytest.raises(DataError) as caught:
        cifar10().images("train")
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    assert hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() in message
    assert module.OFFICIAL_MD5["data_batch_1"] in message
    assert "delete it and set data.download=true" in message


@pytest.mark.parametrize(
    "entries",
    [
        {"data": np.zeros((20, 3072), np.int16)},
        {"data": np.zeros((20, 3071), np.uint8)},
        {"data": np.zeros((0, 3072), np.uint8), "labels": []},
        {"data": [[0] * 3072] * 20},
        {"data": None},
        {"labels": [0] * 19},
        {"labels": [0] * 19 + [10]},
        {"labels": [0] * 19 + [-1]},
        {"labels": [0] * 19 + [0.5]},
        {"labels": None},
    ],
)
def test_contents_of_another_shape_are_refused(
    cifar10: Make, release: Path, entries: dict[str, Any]
) -> None:
    change(release, "data_batch_5", **entries)
    with pytest.raises(DataError, match=r"data_batch_5: b'(data|labels)' is no "):
        cifar10().images("train")


def test_labels_may_be_an_array(cifar10: Make, release: Path) -> None:
    digest = cifar10().images("confirm")[1]
    for number in range(1, 6):
        change(release, f"data_batch_{number}", labels=np.arange(20) % 10)
    assert cifar10().images("confirm")[1].tolist() == digest.tolist()


def test_download_fetches_what_is_missing_and_keeps_what_is_there(
    cifar10: Make, release: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    archive = tmp_path / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(release / FOLDER, arcname=FOLDER)
    checksum = hashlib.md5(archive.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(module, "URL", archive.as_uri())
    monkeypatch.setattr(module, "ARCHIVE_MD5", checksum)
    digest = cifar10().digest
    (release / FOLDER / "data_batch_1").unlink()
    change(release, "test_batch", labels=[3] * 20)
    data = cifar10(download=True)
    data.open_test()
    assert data.digest == digest
    assert data.images("test")[1].tolist() == [3] * 20
    assert cifar10(data_dir=tmp_path / "elsewhere", download=True).digest == digest


def test_offline_download_is_one_line(
    cifar10: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "URL", "http://127.0.0.1:9/cifar-10-python.tar.gz")
    with pytest.raises(DataError, match=r"cannot download http://127\.0\.0\.1:9") as caught:
        cifar10(data_dir=tmp_path / "empty", download=True).prepare_data()
    assert "\n" not in str(caught.value)
