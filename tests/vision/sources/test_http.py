"""Snapshots over HTTP, from real servers that do what cameras do."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest

from domain.errors import SourceError, SourceFault
from tests.fakes.cameras import PASSWORD, USER, FakeCameras
from tests.vision.scenes import street
from tests.vision.sources.fetching import failure, fetch
from vision.picture import decode


@pytest.fixture
async def cameras() -> AsyncIterator[FakeCameras]:
    """Local cameras that show the street."""
    async with FakeCameras(street()) as fakes:
        yield fakes


async def fault(url: str) -> SourceError:
    """Why it gives nothing."""
    return (await failure(url)).error


async def test_a_good_camera_gives_its_picture(cameras: FakeCameras) -> None:
    """Whole, and different each time."""
    first, second = await fetch(cameras.url("good/a")), await fetch(cameras.url("good/a"))
    assert decode(first.data).shape == (563, 751, 3)
    assert first.data != second.data
    assert first.own_ms is None


@pytest.mark.parametrize("path", ["basic", "digest"])
async def test_user_and_password_in_the_url_answer_both_kinds_of_challenge(cameras: FakeCameras, path: str) -> None:
    """With a password that has a colon in it, percent-encoded; and again at the next visit."""
    user = f"{USER}:{PASSWORD.replace(':', '%3A')}"
    assert decode((await fetch(cameras.url(path, user=user), times=2)).data).shape == (563, 751, 3)


@pytest.mark.parametrize("path", ["basic", "digest"])
@pytest.mark.parametrize("user", ["", f"{USER}:wrong"])
async def test_a_wrong_or_missing_password_is_auth_failed(cameras: FakeCameras, path: str, user: str) -> None:
    """And the message shows neither user nor password."""
    error = await fault(cameras.url(path, user=user))
    assert error.fault is SourceFault.AUTH_FAILED
    assert "wrong" not in str(error)
    assert USER not in str(error)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("status/403", SourceFault.AUTH_FAILED),
        ("status/404", SourceFault.NOT_FOUND),
        ("status/410", SourceFault.NOT_FOUND),
        ("status/202", SourceFault.NOT_AN_IMAGE),
        ("status/500", SourceFault.UNREACHABLE),
        ("status/503", SourceFault.UNREACHABLE),
        ("cut-answer", SourceFault.TRUNCATED),
        ("large", SourceFault.NOT_AN_IMAGE),
    ],
)
async def test_each_fault_has_its_name(cameras: FakeCameras, path: str, named: SourceFault) -> None:
    """Answers that are none, ended early, or are longer than a picture can be."""
    assert (await fault(cameras.url(path))).fault is named


async def test_what_only_decoding_shows_is_found_in_decoding(cameras: FakeCameras) -> None:
    """Half a picture that claims to be whole."""
    picture = await fetch(cameras.url("cut-picture"))
    with pytest.raises(SourceError) as caught:
        decode(picture.data)
    assert caught.value.fault is SourceFault.TRUNCATED


async def test_nobody_there_is_unreachable() -> None:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    error = await fault(f"http://{USER}:secret@127.0.0.1:{port}/x.jpg?token=hidden")
    assert error.fault is SourceFault.UNREACHABLE
    assert f"http://127.0.0.1:{port}/x.jpg" in str(error)
    assert "secret" not in str(error)
    assert "hidden" not in str(error)


@pytest.mark.parametrize("kind", ["slow", "black hole"])
async def test_a_visit_that_is_cut_short_ends(cameras: FakeCameras, kind: str) -> None:
    """The caller's time limit holds against silence and against a drop at a time."""
    url = cameras.black_hole if kind == "black hole" else cameras.url("slow")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await fetch(url)


async def test_a_server_tells_how_old_its_picture_is(cameras: FakeCameras) -> None:
    """By its own clock, which here is that of another day."""
    picture = await fetch(cameras.url("old"))
    assert picture.age_ms(0) == 21 * 86_400_000


async def test_no_credentials_in_the_log(cameras: FakeCameras, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at DEBUG."""
    caplog.set_level(logging.DEBUG)
    await fault(cameras.url("digest", user=f"{USER}:wr0ng"))
    await fetch(cameras.url("basic", user=f"{USER}:{PASSWORD.replace(':', '%3A')}"))
    assert not any(word in caplog.text for word in (USER, "wr0ng", PASSWORD, "s3cret"))
