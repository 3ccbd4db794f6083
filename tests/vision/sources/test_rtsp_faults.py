"""Everything that can be wrong with an RTSP camera has its name, within its budget, and harms no other."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest

from config.schema import Vision
from domain.errors import SourceError, SourceFault
from tests.fakes.bad_rtsp import BadRtsp
from tests.vision.scenes import camera
from tests.vision.sources.fetching import failure, fetch
from vision.picture import Picture, decode
from vision.sources.threads import Threads
from vision.visitor import Visitor

BUDGET_S = 1.0
MARGIN_S = 2.0
"""A machine that is busy with other things must not fail a test."""


@pytest.fixture
async def peers() -> AsyncIterator[BadRtsp]:
    """Local peers of every bad kind."""
    async with BadRtsp() as bad:
        yield bad


@pytest.mark.parametrize(
    ("name", "fault", "says"),
    [
        ("silent", SourceFault.TIMEOUT, "no whole answer for 0.5 s"),
        ("stalls-at-describe", SourceFault.TIMEOUT, "no whole answer for 0.5 s"),
        ("hangs-up", SourceFault.UNREACHABLE, "hangs up"),
        ("garbage", SourceFault.UNREACHABLE, "speaks no RTSP"),
        ("401", SourceFault.AUTH_FAILED, "refuses our password"),
        ("403", SourceFault.AUTH_FAILED, "refuses our password"),
        ("404", SourceFault.NOT_FOUND, "no such stream"),
        ("453", SourceFault.UNREACHABLE, "perhaps too many watch"),
        ("503", SourceFault.UNREACHABLE, "perhaps too many watch"),
        ("unknown-codec", SourceFault.CODEC, "no video in it that we can decode"),
        ("only-sound", SourceFault.CODEC, "no video in it that we can decode"),
        ("stalls-after-play", SourceFault.TIMEOUT, "connected, but no picture data"),
        ("stalls-in-key-frame", SourceFault.TIMEOUT, "connected, but no picture data"),
        ("ends-before-key-frame", SourceFault.TRUNCATED, "the stream ended after"),
        ("damaged-key-frames", SourceFault.CODEC, "key frames, none of them whole"),
        ("never-a-key-frame", SourceFault.TIMEOUT, "set the camera's I-frame interval to 2 s"),
    ],
)
async def test_each_fault_has_its_name_within_its_budget(
    peers: BadRtsp, name: str, fault: SourceFault, says: str
) -> None:
    """And says what an operator needs to mend it; never the password that FFmpeg puts into its own errors."""
    failed = await failure(peers.url(name), limit_s=BUDGET_S)
    assert failed.error.fault is fault
    assert says in failed.error.detail
    assert "s3cret" not in failed.error.detail
    assert failed.took_s < BUDGET_S + MARGIN_S


async def test_nobody_there_is_unreachable() -> None:
    """A port on which nobody listens any more."""
    async with BadRtsp() as gone:
        url = gone.url("good")
    failed = await failure(url)
    assert failed.error.fault is SourceFault.UNREACHABLE
    assert "nobody listens" in failed.error.detail


async def test_a_stream_that_is_going_on_gives_its_next_key_frame(peers: BadRtsp) -> None:
    """What comes before it is left alone: it could only be decoded into something that never was."""
    picture = await fetch(peers.url("good"))
    assert picture.pixels is not None
    assert picture.pixels.shape == (576, 768, 3)
    seen = decode(picture.data)
    assert float(abs(seen.astype(int) - picture.pixels.astype(int)).mean()) < 3
    assert float(picture.pixels.std()) > 30


async def test_twenty_black_holes_do_not_delay_a_healthy_stream(peers: BadRtsp) -> None:
    """Each of them has a thread of its own, so that a good one needs to wait for none."""
    async with Visitor(Vision(visit_timeout="3s")) as visitor:
        names = ["silent", "stalls-at-describe", "stalls-after-play", "never-a-key-frame"] * 5
        holes = [
            asyncio.create_task(visitor.visit(camera(source=peers.url(name), camera_id=f"hole-{number}")))
            for number, name in enumerate(names)
        ]
        took_s = []
        while not any(hole.done() for hole in holes):
            began_s = time.monotonic()
            assert isinstance(await visitor.visit(camera(source=peers.url("good"), camera_id="good")), Picture)
            took_s.append(time.monotonic() - began_s)
        faults = [brought.fault for brought in await asyncio.gather(*holes) if not isinstance(brought, Picture)]
    assert faults == [SourceFault.TIMEOUT] * 20
    assert len(took_s) >= 5  # in the 1.5 s until the first of them ends; one after the other, there would be none


async def test_a_visit_that_is_given_up_ends_its_thread_soon() -> None:
    """Even one whose stream would go on for ever; until then it is counted."""
    threads = Threads()
    loop = asyncio.get_running_loop()
    started, ended = asyncio.Event(), asyncio.Event()

    def hang(stop: threading.Event) -> None:
        loop.call_soon_threadsafe(started.set)
        stop.wait()
        loop.call_soon_threadsafe(ended.set)

    visit = asyncio.create_task(threads.run(hang))
    await started.wait()
    visit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await visit
    async with asyncio.timeout(60):
        await ended.wait()


async def test_threads_that_hang_are_counted_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that ignores every limit costs a thread at a time, and not more than so many."""
    monkeypatch.setattr("vision.sources.threads.MOST_LEFT", 2)
    threads, let_go = Threads(), threading.Event()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await threads.run(lambda _stop: let_go.wait())
    assert threads.left == 2
    with pytest.raises(SourceError, match="2 earlier visits hang"):
        await threads.run(lambda _stop: None)
    let_go.set()
    async with asyncio.timeout(60):
        await asyncio.to_thread(_join_visits)
    assert threads.left == 0
    assert await threads.run(lambda _stop: 7) == 7


def _join_visits() -> None:
    for thread in threading.enumerate():
        if thread.name == "visit":
            thread.join()
