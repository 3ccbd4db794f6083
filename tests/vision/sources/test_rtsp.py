"""Streams of a real RTSP server."""

import gc
import subprocess
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from domain.errors import SourceFault
from tests.fakes.rtsp import PASSWORD, ROAD, RtspServer, rtsp_server
from tests.vision.scenes import road
from tests.vision.sources.fetching import failure, fetch
from vision.picture import decode

pytestmark = pytest.mark.server

VISITS = 60
GROWTH_BYTES = 24 << 20
"""Sixty streams that are never closed are some 230 MB. Closed, 700 visits came to 13 MB, and the last 300 to none."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    """It plays the road, and a small drawing, by either codec."""
    folder = tmp_path_factory.mktemp("rtsp")
    drawn = ("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25", "-t", "4", "-g", "25", "-pix_fmt", "yuv420p")
    for codec, name in (("libx264", "small.mp4"), ("libx265", "small-h265.mp4")):
        subprocess.run(["ffmpeg", "-v", "quiet", *drawn, "-c:v", codec, str(folder / name)], check=True)
    with rtsp_server(road=ROAD, small=folder / "small.mp4", newer=folder / "small-h265.mp4") as running:
        yield running


@pytest.mark.parametrize("method", ["", "basic", "digest"])
async def test_the_key_frame_is_the_picture_of_the_road(server: RtspServer, method: str) -> None:
    """The same as the file's own first frame; with a password that has a colon and an at sign in it."""
    picture = await fetch(server.url("road", method=method))
    seen, file = decode(picture.data), road()[0]
    assert seen.shape == file.shape
    assert float(np.abs(seen.astype(int) - file.astype(int)).mean()) < 4
    assert picture.pixels is not None
    assert picture.pixels.shape == file.shape


@pytest.mark.parametrize("method", ["basic", "digest"])
@pytest.mark.parametrize("password", ["wrong", ""])
async def test_a_wrong_or_missing_password_is_auth_failed(server: RtspServer, method: str, password: str) -> None:
    """And the message shows neither user nor password."""
    failed = await failure(server.url("road", method=method, user="looker" if password else "", password=password))
    assert failed.error.fault is SourceFault.AUTH_FAILED
    assert not any(word in str(failed.error) for word in ("looker", "wrong", PASSWORD))


async def test_a_mount_that_is_not_there_is_not_found(server: RtspServer) -> None:
    """By the server's own word."""
    assert (await failure(server.url("none"))).error.fault is SourceFault.NOT_FOUND


async def test_both_codecs_show_the_same(server: RtspServer) -> None:
    """H.264 and H.265 of one drawing."""
    older, newer = [decode((await fetch(server.url(name))).data) for name in ("small", "newer")]
    assert float(np.abs(older.astype(int) - newer.astype(int)).mean()) < 6


async def test_visits_leave_no_memory_behind(server: RtspServer) -> None:
    """Streams are opened and closed at each visit, for weeks."""
    process = psutil.Process()
    await fetch(server.url("small"), times=10)
    gc.collect()
    before = process.memory_info().rss
    threads, files = process.num_threads(), process.num_fds()
    await fetch(server.url("small"), times=VISITS)
    gc.collect()
    assert process.memory_info().rss - before < GROWTH_BYTES
    assert process.num_threads() <= threads
    assert process.num_fds() <= files
