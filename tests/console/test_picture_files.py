"""A picture's file as an answer, also for who knows it already, or has gone before it was read."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from console.picture_files import jpeg

PICTURE = b"\xff\xd8\xff a picture"
KEPT = "private, no-cache"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a picture."""
    path = tmp_path / "look.jpg"
    path.write_bytes(PICTURE)
    return path


def asked(tag: str = "") -> web.Request:
    """Somebody asks, perhaps with a tag of before."""
    return make_mocked_request("GET", "/", headers={"If-None-Match": tag} if tag else {})


async def test_a_picture_is_sent_whole_and_to_who_has_it_not_again(path: Path) -> None:
    first = await jpeg(asked(), path, kept=KEPT)
    tag = first.headers["ETag"]
    assert (first.status, first.body, first.content_type) == (200, PICTURE, "image/jpeg")
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = await jpeg(asked(known), path, kept=KEPT)
        assert (again.status, again.body, again.headers["ETag"]) == (304, None, tag)
        assert again.headers["Cache-Control"] == KEPT
    assert (await jpeg(asked('"other"'), path, kept=KEPT)).status == 200


async def test_another_picture_in_its_place_has_another_tag(path: Path) -> None:
    """Of the same length, too."""
    tag = (await jpeg(asked(), path, kept=KEPT)).headers["ETag"]
    newer = path.with_suffix(".new")
    newer.write_bytes(PICTURE[::-1])
    os.utime(newer, ns=(1, 1))
    newer.replace(path)

    assert (await jpeg(asked(tag), path, kept=KEPT)).body == PICTURE[::-1]


async def test_one_that_has_gone_meanwhile_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(web.HTTPNotFound):
        await jpeg(asked(), tmp_path / "gone.jpg", kept=KEPT)


class Late(ThreadPoolExecutor):
    """Does its work at once, and never tells of it."""

    def __init__(self) -> None:
        super().__init__(1)
        self.worked = asyncio.Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        told: Future[Any] = Future()
        told.set_running_or_notify_cancel()
        self.result = fn(*args, **kwargs)
        self.worked.set()
        return told


def open_files() -> list[str]:
    """Of this process."""
    return [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]


async def test_a_request_that_is_given_up_leaves_no_file_open(path: Path) -> None:
    """Given up while the thread is at it, so that nobody takes what it has read."""
    late = Late()
    asyncio.get_running_loop().set_default_executor(late)
    asking = asyncio.create_task(jpeg(asked(), path, kept=KEPT))
    await late.worked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert PICTURE in late.result
    assert str(path) not in open_files()
