"""Pictures from files and folders."""

import os
from pathlib import Path

import pytest

from domain.errors import ConfigError, SourceFault
from tests.vision.sources.fetching import failure, fetch
from vision.picture import Picture

END = b"\xff\xd9"


async def fault(url: str, *, max_bytes: int = 100) -> SourceFault:
    """Why it gives nothing."""
    return (await failure(url, max_bytes=max_bytes)).error.fault


async def test_a_file_is_read_anew_at_each_visit(tmp_path: Path) -> None:
    """Its name may have blanks and Chinese in it."""
    path = tmp_path / "门 前.jpg"
    for data in (b"first", b"second"):
        path.write_bytes(data)
        assert await fetch(path.as_uri()) == Picture(data=data)


async def test_of_a_folder_the_newest_picture_counts(tmp_path: Path) -> None:
    """By the time it was written, which is its own time; other files don't count."""
    for name, at_s in (("b.jpg", 2000), ("a.JPG", 3000), ("c.png", 1000), ("notes.txt", 9000)):
        (tmp_path / name).write_bytes(name.encode() + END)
        os.utime(tmp_path / name, (at_s, at_s))
    assert await fetch(f"folder://{tmp_path}") == Picture(data=b"a.JPG" + END, own_ms=3_000_000)


async def test_a_picture_that_is_still_being_written_waits(tmp_path: Path) -> None:
    """An upload in progress is the newest file and half a picture: the one before it counts."""
    for name, at_s, data in (("whole.jpg", 1000, b"whole" + END + b"own"), ("half.jpg", 2000, b"half")):
        (tmp_path / name).write_bytes(data)
        os.utime(tmp_path / name, (at_s, at_s))
    assert (await fetch(f"folder://{tmp_path}")).own_ms == 1_000_000
    (tmp_path / "whole.jpg").unlink()
    assert await fault(f"folder://{tmp_path}") is SourceFault.TRUNCATED


async def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A pipe would keep its reader for ever."""
    os.mkfifo(tmp_path / "pipe.jpg")
    assert await fault((tmp_path / "pipe.jpg").as_uri()) is SourceFault.UNREACHABLE


async def test_what_is_not_there_or_too_long_is_named(tmp_path: Path) -> None:
    """Files and folders fail by the same names as cameras do."""
    (tmp_path / "long.jpg").write_bytes(bytes(101))
    assert await fault((tmp_path / "none.jpg").as_uri()) is SourceFault.NOT_FOUND
    assert await fault((tmp_path / "long.jpg").as_uri()) is SourceFault.NOT_AN_IMAGE
    assert await fault(tmp_path.as_uri()) is SourceFault.UNREACHABLE
    assert await fault(f"folder://{tmp_path}/none") is SourceFault.NOT_FOUND
    assert await fault(f"folder://{tmp_path}/long.jpg") is SourceFault.UNREACHABLE
    (tmp_path / "empty").mkdir()
    assert await fault(f"folder://{tmp_path}/empty") is SourceFault.NOT_FOUND


async def test_a_path_that_is_not_whole_is_refused() -> None:
    """`file://pictures/x.jpg` would be a host called pictures."""
    with pytest.raises(ConfigError, match="write the whole path after file://"):
        await fetch("file://pictures/x.jpg")
