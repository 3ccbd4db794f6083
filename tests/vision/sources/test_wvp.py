"""GB/T 28181 cameras behind a WVP server."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from config.schema import Vision
from domain.errors import SourceFault
from tests.fakes.bad_rtsp import BadRtsp
from tests.fakes.cameras import jpeg
from tests.fakes.wvp import TOKEN, FakeWvp
from tests.vision.scenes import camera, street
from tests.vision.sources.fetching import failure, fetch
from vision.picture import Picture
from vision.visitor import Visitor


@pytest.fixture
async def media() -> AsyncIterator[BadRtsp]:
    """The media server's streams."""
    async with BadRtsp() as peers:
        yield peers


@pytest.fixture
async def wvp(media: BadRtsp) -> AsyncIterator[FakeWvp]:
    """A server whose channels all have a good stream."""
    async with FakeWvp(media.url("good"), snapshot=jpeg(street())) as server:
        yield server


async def test_a_channel_is_started_looked_at_and_stopped(wvp: FakeWvp) -> None:
    """At each visit; between them nothing is sent."""
    picture = await fetch(wvp.url("ch-1"), times=2)
    assert picture.pixels is not None
    assert picture.pixels.shape == (576, 768, 3)
    assert wvp.told == ["start ch-1", "stop ch-1"] * 2
    assert not wvp.playing


@pytest.mark.parametrize(
    ("channel", "fault", "says"),
    [
        ("late", SourceFault.TIMEOUT, "code -2, 收流超时"),
        ("silent-device", SourceFault.TIMEOUT, "code 486"),
        ("no-token", SourceFault.AUTH_FAILED, "code 401"),
        ("unknown", SourceFault.NOT_FOUND, "code 404"),
        ("no-channel", SourceFault.NOT_FOUND, "通道不存在"),
        ("never-played", SourceFault.TIMEOUT, "点播超时"),
        ("broken", SourceFault.UNREACHABLE, "code 100"),
        ("html", SourceFault.UNREACHABLE, "not an answer of WVP"),
        ("no-rtsp", SourceFault.UNREACHABLE, "tells no rtsp or flv address"),
    ],
)
async def test_a_failure_with_status_200_has_its_name(
    wvp: FakeWvp, channel: str, fault: SourceFault, says: str
) -> None:
    """And the channel is stopped all the same: the recorder may have begun."""
    failed = await failure(wvp.url(channel))
    assert failed.error.fault is fault
    assert says in failed.error.detail
    assert TOKEN not in failed.error.detail
    assert wvp.told == [f"start {channel}", f"stop {channel}"]


async def test_a_stream_that_fails_is_stopped(media: BadRtsp) -> None:
    """Its fault is that of the stream."""
    async with FakeWvp(media.url("404")) as wvp:
        assert (await failure(wvp.url("ch-1"))).error.fault is SourceFault.NOT_FOUND
        assert wvp.told == ["start ch-1", "stop ch-1"]


async def test_a_start_that_is_given_up_is_stopped(wvp: FakeWvp) -> None:
    """The visit ends at its limit, and the recorder is told to stop even as the worker itself ends."""
    async with Visitor(Vision(visit_timeout="300ms")) as visitor:
        brought = await visitor.visit(camera(source=wvp.url("never-says")))
    assert not isinstance(brought, Picture)
    assert brought.fault is SourceFault.TIMEOUT
    async with asyncio.timeout(60):
        await wvp.stopped.wait()
    assert not wvp.playing


async def test_the_media_server_may_be_reached_by_another_name(media: BadRtsp) -> None:
    """Where it tells the address it has inside."""
    outside = media.url("good").partition("@")[2].partition("/")[0]
    async with FakeWvp("rtsp://10.255.255.1:554/good") as wvp:
        assert (await fetch(wvp.url("ch-1", more=f"&media={outside}"))).pixels is not None


async def test_a_stored_snapshot_is_a_picture_and_the_servers_own_picture_is_none(wvp: FakeWvp) -> None:
    """The server calls both PNG; the logo it gives for a camera that gave nothing is one."""
    assert (await fetch(wvp.url("ch-1", more="&mode=snap"))).data == jpeg(street())
    assert (await failure(wvp.url("logo", more="&mode=snap"))).error.fault is SourceFault.PLACEHOLDER
    assert (await failure(wvp.url("none", more="&mode=snap"))).error.fault is SourceFault.NOT_FOUND
    assert wvp.told == ["snap ch-1", "snap logo", "snap none"]


@pytest.mark.parametrize(
    "told",
    [
        "file:///etc/hostname",
        "/etc/hostname",
        "concat:/etc/hostname|/etc/passwd",
        "rtsp:///no-host",
        "rtsp://[bad/x",
        "rtsp://127.0.0.1:99999/x",
    ],
)
async def test_only_a_streams_address_is_opened(told: str) -> None:
    """Whatever the server tells: a path is a file of this machine. The channel is stopped all the same."""
    async with FakeWvp(told) as wvp:
        failed = await failure(wvp.url("ch-1"))
        assert failed.error.fault is SourceFault.UNREACHABLE
        assert "no stream's" in failed.error.detail
        assert wvp.told == ["start ch-1", "stop ch-1"]
