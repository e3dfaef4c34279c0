"""Fetching and unpacking against local files: checksum, progress, refusals."""

import hashlib
import io
import logging
import tarfile
from pathlib import Path

import pytest

from gensynth.data.download import fetch, unpack, unpack_all
from gensynth.errors import DataError

PAYLOAD = bytes(range(256)) * 5000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "published.bin"
    path.write_bytes(PAYLOAD)
    return path


def md5(payload: bytes) -> str:
    return hashlib.md5(payload, usedforsecurity=False).hexdigest()


def test_fetches_checks_and_shows_progress(
    source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target = tmp_path / "new" / "folder" / "file.bin"
    with caplog.at_level(logging.INFO):
        fetch(source.as_uri(), target, md5=md5(PAYLOAD))
    assert target.read_bytes() == PAYLOAD
    assert list(target.parent.iterdir()) == [target]
    assert "of 1 MB (100%)" in caplog.messages[-1]


def test_a_file_that_is_right_already_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "file.bin"
    target.write_bytes(PAYLOAD)
    fetch((tmp_path / "nothing there").as_uri(), target, md5=md5(PAYLOAD))
    assert target.read_bytes() == PAYLOAD


def test_a_wrong_checksum_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.bin"
    with pytest.raises(DataError, match=f"md5 {md5(PAYLOAD)}, published is {md5(b'')}"):
        fetch(source.as_uri(), target, md5=md5(b""))
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/file.bin", "http://no-such-host.invalid/file.bin"]
)
def test_offline_is_one_line_that_helps(url: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot download .*put the file there") as caught:
        fetch(url, tmp_path / "file.bin", md5=md5(b""))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(source: Path) -> None:
    with pytest.raises(DataError, match=r"cannot download"):
        fetch(source.as_uri(), source / "below a file" / "file.bin", md5=md5(PAYLOAD))


def archive(path: Path, members: dict[str, bytes], link: str | None = None) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, payload in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(payload)
            tar.addfile(entry, io.BytesIO(payload))
        if link is not None:
            entry = tarfile.TarInfo("link")
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            tar.addfile(entry)
    return path


def test_unpacks_the_named_members_and_nothing_else(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar.gz", {"set/one": b"1", "set/two": b"2", "../evil": b"3"})
    unpack(packed, ["set/one"], tmp_path / "data")
    assert [p.relative_to(tmp_path) for p in sorted(tmp_path.rglob("*")) if p.is_file()] == [
        Path("a.tar.gz"),
        Path("data/set/one"),
    ]
    assert (tmp_path / "data/set/one").read_bytes() == b"1"


def test_links_are_refused(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar.gz", {}, link="/etc/passwd")
    with pytest.raises(DataError, match="link is not a regular file"):
        unpack(packed, ["link"], tmp_path)


def test_missing_members_and_damage_are_one_line(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar.gz", {"set/one": PAYLOAD})
    with pytest.raises(DataError, match=r"cannot unpack .*set/two"):
        unpack(packed, ["set/two"], tmp_path)
    packed.write_bytes(packed.read_bytes()[:-400])
    with pytest.raises(DataError, match=r"cannot unpack .*delete it and try again"):
        unpack(packed, ["set/one"], tmp_path)


def test_all_of_an_archive_is_unpacked_beside_what_is_there(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar.gz", {"set/one": b"1", "set/in/two": b"2", "three": b"3"})
    folder = tmp_path / "data"
    (folder / "set").mkdir(parents=True)
    (folder / "set" / "mine").write_bytes(b"kept")
    (folder / "set" / "one").write_bytes(b"old")
    unpack_all(packed, folder)
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == {"set/one": b"1", "set/in/two": b"2", "three": b"3", "set/mine": b"kept"}


def test_an_archive_that_breaks_off_leaves_nothing_of_itself(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar", {"set/one": b"1", "set/two": PAYLOAD})
    packed.write_bytes(packed.read_bytes()[:-600])
    folder = tmp_path / "data"
    folder.mkdir()
    with pytest.raises(DataError, match="cannot unpack"):
        unpack_all(packed, folder)
    assert list(folder.iterdir()) == []


def test_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    packed = archive(tmp_path / "a.tar.gz", {"set/one": b"1", "../evil": b"3"})
    with pytest.raises(DataError, match=r"'../evil' leads out of"):
        unpack_all(packed, tmp_path / "data")
