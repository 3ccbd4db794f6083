"""Everything that can be wrong with an HTTP camera has its name, within its budget, and harms no other."""

import asyncio
import hashlib
import statistics
import time
from collections.abc import AsyncIterator

import pytest

from config.schema import Vision
from domain.errors import SourceFault
from tests.fakes.bad_cameras import BadCameras
from tests.fakes.cameras import jpeg
from tests.vision.scenes import camera, street
from tests.vision.sources.fetching import failure, fetch
from vision.picture import Picture, decode
from vision.visitor import Visitor

BUDGET_S = 1.0
MARGIN_S = 2.0
"""A machine that is busy with other things must not fail a test."""


@pytest.fixture
async def cameras() -> AsyncIterator[BadCameras]:
    """Local peers of every bad kind."""
    async with BadCameras(jpeg(street())) as bad:
        yield bad


@pytest.mark.parametrize(
    ("name", "fault", "says"),
    [
        ("silent", SourceFault.TIMEOUT, "fell silent"),
        ("stops-in-picture", SourceFault.TIMEOUT, "fell silent"),
        ("reset", SourceFault.UNREACHABLE, "errno 104"),
        ("garbage", SourceFault.UNREACHABLE, "not an answer in HTTP"),
        ("long-head", SourceFault.UNREACHABLE, "not an answer in HTTP"),
        ("html", SourceFault.NOT_AN_IMAGE, "a page titled 'Login 登录'"),
        ("html-as-jpeg", SourceFault.NOT_AN_IMAGE, "a page titled 'Login 登录'"),
        ("huge-page", SourceFault.NOT_AN_IMAGE, "a page titled 'Login 登录'"),
        ("to-login", SourceFault.NOT_AN_IMAGE, "sent on to /html: status 200 with text/html"),
        ("json", SourceFault.NOT_AN_IMAGE, "application/json"),
        ("empty", SourceFault.NOT_AN_IMAGE, "nothing in it"),
        ("204", SourceFault.NOT_FOUND, "status 204"),
        ("huge", SourceFault.NOT_AN_IMAGE, "more than the 1048576 bytes"),
        ("bomb", SourceFault.NOT_AN_IMAGE, "more than the 1048576 bytes"),
        ("loop", SourceFault.NOT_FOUND, "from one address to the next"),
        ("cut-mjpeg", SourceFault.TRUNCATED, "ended within its first picture"),
        ("index/api/getSnap", SourceFault.PLACEHOLDER, "a PNG"),
    ],
)
async def test_each_fault_has_its_name_within_its_budget(
    cameras: BadCameras, name: str, fault: SourceFault, says: str
) -> None:
    """And says what an operator needs to mend it; never what stood in a query."""
    failed = await failure(cameras.url(name), limit_s=BUDGET_S)
    assert failed.error.fault is fault
    assert says in failed.error.detail
    assert "secret" not in failed.error.detail
    assert failed.took_s < BUDGET_S + MARGIN_S


@pytest.mark.parametrize("name", ["drops-of-head", "drops-of-picture"])
async def test_a_drop_at_a_time_ends_with_the_visit(cameras: BadCameras, name: str) -> None:
    """No pause is long; the wall clock ends it all the same."""
    async with Visitor(Vision(visit_timeout="500ms")) as visitor:
        brought = await visitor.visit(camera(source=cameras.url(name)))
    assert not isinstance(brought, Picture)
    assert brought.fault is SourceFault.TIMEOUT


@pytest.mark.parametrize("name", ["octets", "mjpeg", "mjpeg-unmeasured"])
async def test_a_picture_in_another_wrapping_is_a_picture(cameras: BadCameras, name: str) -> None:
    """The bytes decide, not what they are called; of an endless answer the first picture counts."""
    picture = await fetch(cameras.url(name))
    assert picture.data == cameras.picture
    assert decode(picture.data).shape == (563, 751, 3)


async def test_a_picture_that_did_not_change_is_not_sent_again(
    cameras: BadCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera with tags is asked for news only, and its word is checked at first: a whole picture, then none."""
    monkeypatch.setattr("vision.sources.http.CONDITIONAL_AFTER_S", 0.0)
    first, second = await fetch(cameras.url("tagged")), await fetch(cameras.url("tagged"), times=2)
    assert not first.unchanged
    assert second.unchanged
    assert second.data == b""
    assert len(cameras.asked) == 1 + 3  # the third of them asked without the tag
    assert (await fetch(cameras.url("tagged"), times=11)).unchanged
    assert len(cameras.asked) == 4 + 12


async def test_a_camera_whose_tags_lie_is_not_believed(cameras: BadCameras, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tag for ever, on pictures that differ: none of them counts as frozen."""
    monkeypatch.setattr("vision.sources.http.CONDITIONAL_AFTER_S", 0.0)
    cameras.tags_lie = True
    async with Visitor(Vision()) as visitor:
        for number in range(4):
            cameras.picture += bytes([number])
            brought = await visitor.visit(camera(source=cameras.url("tagged")))
            assert isinstance(brought, Picture)
            assert not brought.unchanged
            assert brought.data == cameras.picture
    assert len(cameras.asked) == 5


async def test_a_known_placeholder_is_no_picture(cameras: BadCameras) -> None:
    """A recorder's "no signal" card, named by its hash in the settings."""
    known = Vision(placeholders=("0" * 64, hashlib.sha256(cameras.picture).hexdigest()))
    async with Visitor(known) as visitor:
        brought = await visitor.visit(camera(source=cameras.url("octets")))
        good = await visitor.visit(camera(source=cameras.url("good"), camera_id="cam-2"))
    assert not isinstance(brought, Picture)
    assert brought.fault is SourceFault.PLACEHOLDER
    assert isinstance(good, Picture)


async def test_twenty_black_holes_do_not_delay_a_healthy_camera(cameras: BadCameras) -> None:
    """While they wait for their time to run out, a good camera is visited many times, as fast as without them."""

    async def visit_s(visitor: Visitor) -> float:
        began_s = time.monotonic()
        assert isinstance(await visitor.visit(camera(source=cameras.url("good"), camera_id="good")), Picture)
        return time.monotonic() - began_s

    async with Visitor(Vision(visit_timeout="1500ms")) as visitor:
        alone_s = [await visit_s(visitor) for _ in range(50)]
        holes = [
            asyncio.create_task(visitor.visit(camera(source=cameras.url("silent"), camera_id=f"hole-{number}")))
            for number in range(20)
        ]
        beside_s = []
        while not any(hole.done() for hole in holes):
            beside_s.append(await visit_s(visitor))
        faults = [brought.fault for brought in await asyncio.gather(*holes) if not isinstance(brought, Picture)]
    assert faults == [SourceFault.TIMEOUT] * 20
    assert statistics.median(beside_s) < 5 * statistics.median(alone_s)
