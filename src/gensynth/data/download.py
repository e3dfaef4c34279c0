"""Fetch a published archive: checksum, progress, and no half-written file under its own name."""

import contextlib
import hashlib
import logging
import os
import shutil
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.request import urlopen

from gensynth.errors import DataError

log = logging.getLogger(__name__)

_CHUNK = 1 << 18
_TIMEOUT_SECONDS = 30


def fetch(url: str, target: Path, *, md5: str) -> None:
    """Download a file beside `target`, check it, and only then give it its name.

    A file that is there already with the right checksum is kept and nothing is downloaded.

    Args:
        url: where from.
        target: where to; its folder is created.
        md5: published checksum of the file, hexadecimal.

    Raises:
        DataError: offline, interrupted, not writable, or not the published file.
    """
    if target.is_file() and _md5(target) == md5:
        log.info("using %s", target)
        return
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with urlopen(url, timeout=_TIMEOUT_SECONDS) as source, part.open("wb") as sink:  # noqa: S310 - the URL is a constant of the data set
            total = int(source.headers.get("Content-Length") or 0)
            found = _copy(source, sink, _progress(target.name, total))
        if found != md5:
            raise DataError(
                f"{url} gave a file with md5 {found}, published is {md5}: the download was cut "
                f"short or changed on the way; try again, or put the right file at {target}"
            )
        part.replace(target)
    except (OSError, HTTPException) as error:
        raise DataError(
            f"cannot download {url} to {target} ({error}); check the connection and the folder, or "
            f"put the file there yourself and run again, or use an embedded data set"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def unpack(archive: Path, members: Iterable[str], folder: Path) -> None:
    """Write the named regular files of a tar archive below a folder, and nothing else of it.

    Args:
        archive: a tar archive, compressed or not.
        members: their names in the archive, which are their paths below `folder`.
        folder: files that are there already are overwritten.

    Raises:
        DataError: a member is missing, no regular file, or damaged.
    """
    try:
        with tarfile.open(archive) as tar:
            for name in members:
                member = tar.extractfile(name) if tar.getmember(name).isreg() else None
                if member is None:
                    raise DataError(f"{archive}: {name} is not a regular file; delete the archive")
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                part = target.with_name(f"{target.name}.{os.getpid()}.part")
                part.write_bytes(member.read())
                part.replace(target)
    except (OSError, tarfile.TarError, EOFError, KeyError, zlib.error) as error:
        raise DataError(f"cannot unpack {archive} ({error}); delete it and try again") from error


def unpack_all(archive: Path, folder: Path) -> None:
    """Write all regular files of a tar archive below a folder, once all of them are unpacked.

    Files that are there already are overwritten.

    Args:
        archive: a tar archive, compressed or not.
        folder: files that are there already are overwritten.

    Raises:
        DataError: the archive is damaged, or a member's name leads out of the folder.
    """
    try:
        with tarfile.open(archive) as tar:
            names = [member.name for member in tar if member.isreg()]
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"cannot unpack {archive} ({error}); delete it and try again") from error
    outside = [name for name in names if not _is_inside(name)]
    if outside:
        raise DataError(f"{archive}: {outside[0]!r} leads out of {folder}; delete the archive")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacking") as scratch:
        unpack(archive, names, Path(scratch))
        for top in Path(scratch).iterdir():
            if (folder / top.name).is_dir() and top.is_dir():
                shutil.copytree(top, folder / top.name, dirs_exist_ok=True)
            else:
                top.replace(folder / top.name)


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, _new_md5).hexdigest()


def _new_md5() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)


def _copy(source: BinaryIO, sink: BinaryIO, progress: Callable[[int], None]) -> str:
    checksum, done = _new_md5(), 0
    while chunk := source.read(_CHUNK):
        sink.write(chunk)
        checksum.update(chunk)
        done += len(chunk)
        progress(done)
    return checksum.hexdigest()


def _progress(name: str, total: int) -> Callable[[int], None]:
    """Return a function that shows bytes done: one moving line on a terminal, else ten lines."""
    started, said = time.monotonic(), -1
    moving = sys.stderr.isatty()

    def show(done: int) -> None:
        nonlocal said
        steps = 1000 if moving else 10
        step = done * steps // total if total else done >> 24
        if step == said:
            return
        said = step
        speed = done / 1e6 / max(time.monotonic() - started, 1e-9)
        of = f" of {total / 1e6:.0f} MB ({done / total:.0%})" if total else " MB"
        line = f"downloading {name}: {done / 1e6:.0f}{of}, {speed:.1f} MB/s"
        if moving:
            sys.stderr.write(f"{line:<78}" + ("\n" if done == total else "\r"))
            sys.stderr.flush()
        else:
            log.info("%s", line)

    return show
