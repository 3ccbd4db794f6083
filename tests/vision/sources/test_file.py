"""Pictures from files and folders, and the choice of a source."""

import os
from pathlib import Path

import aiohttp
import pytest

from domain.errors import ConfigError, SourceError, SourceFault
from domain.register import Camera
from tests.vision.scenes import camera
from vision.picture import Picture
from vision.sources import SOURCES, check_source, host_of, open_source


def at(url: str) -> Camera:
    """A camera with this source."""
    return camera(source=url)


async def fetch(url: str, *, max_bytes: int = 100) -> Picture:
    """What the source gives."""
    async with aiohttp.ClientSession() as session:
        return await open_source(at(url), session, max_bytes=max_bytes).fetch()


async def fault(url: str, *, max_bytes: int = 100) -> SourceFault:
    """Why it gives nothing."""
    with pytest.raises(SourceError) as caught:
        await fetch(url, max_bytes=max_bytes)
    return caught.value.fault


async def test_a_file_is_read_anew_at_each_visit(tmp_path: Path) -> None:
    """Its name may have blanks and Chinese in it."""
    path = tmp_path / "门 前.jpg"
    for data in (b"first", b"second"):
        path.write_bytes(data)
        assert await fetch(path.as_uri()) == Picture(data=data)


async def test_of_a_folder_the_newest_picture_counts(tmp_path: Path) -> None:
    """By the time it was written, which is its own time; other files don't count."""
    for name, at_s in (("b.jpg", 2000), ("a.JPG", 3000), ("c.png", 1000), ("notes.txt", 9000)):
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, (at_s, at_s))
    assert await fetch(f"folder://{tmp_path}") == Picture(data=b"a.JPG", own_ms=3_000_000)


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


def test_a_source_this_version_cannot_read_is_refused_without_its_password() -> None:
    """The message names the camera and what can be read."""
    with pytest.raises(ConfigError) as caught:
        check_source(at("rtsp://admin:pa55@192.0.2.7:554/main?token=t0k"))
    assert (
        str(caught.value) == "camera cam-1: source rtsp://192.0.2.7/main: this version reads http, https, file, folder"
    )


def test_every_scheme_has_a_source_and_every_camera_a_host() -> None:
    """Visits are counted by host and port: two cameras behind two ports of a recorder are two."""
    assert set(SOURCES) == {"http", "https", "file", "folder"}
    assert host_of(at("http://u:p@cam.example/x")) == "cam.example"
    assert host_of(at("http://cam.example:81/x")) == "cam.example:81"
    assert host_of(at("file:///srv/x.jpg")) == "file:///srv/x.jpg"
