"""People who are told."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.demo.scenes import CameraScene, Scene
from app.demo.shopkeepers import Shopkeepers

SCENES = {
    "CZ-0001": CameraScene(camera_id="CZ-0001", scene=Scene.BIKES, obeys=True),
    "CZ-0002": CameraScene(camera_id="CZ-0002", scene=Scene.BIKES, obeys=False),
    "CZ-0003": CameraScene(camera_id="CZ-0003", scene=Scene.CLEAR),
}


class Street:
    """Where bicycles are taken away."""

    def __init__(self) -> None:
        self.cleared: list[str] = []
        self.news = asyncio.Event()

    def clear_up(self, camera_id: str) -> bool:
        self.cleared.append(camera_id)
        self.news.set()
        return True


def notice(subject: str, key: str = "k1") -> dict[str, object]:
    return {"key": key, "recipient": "shop:S00001", "step": "notice_1", "subject": subject, "body": {"text_zh": "请"}}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


@pytest.fixture
async def street() -> Street:
    return Street()


@pytest.fixture
async def people(street: Street) -> AsyncIterator[Shopkeepers]:
    people = Shopkeepers(SCENES, street.clear_up, seed=1, act_within_s=(0.0, 0.01))
    await people.start()
    yield people
    await people.stop()


async def tell(http: aiohttp.ClientSession, people: Shopkeepers, body: object, **headers: str) -> tuple[int, object]:
    async with http.post(people.url, json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_who_obeys_acts_a_little_later(people: Shopkeepers, street: Street, http: aiohttp.ClientSession) -> None:
    """The notice comes first, then the street changes."""
    answer = await tell(http, people, notice("CZ-0001/front"), **{"Idempotency-Key": "k1"})
    assert answer == (200, {"accepted": True, "repeat": False})
    await asyncio.wait_for(street.news.wait(), 60)
    assert street.cleared == ["CZ-0001"]
    assert (people.received, people.acted) == (1, 1)


@pytest.mark.parametrize("subject", ["CZ-0002/front", "CZ-0003/front", "CZ-0001", "cs-001/3", "CZ-9999/front"])
async def test_others_do_nothing(
    people: Shopkeepers, street: Street, http: aiohttp.ClientSession, subject: str
) -> None:
    """Who does not obey, who has no bicycles, and matters that are no shop's."""
    await tell(http, people, notice(subject))
    await tell(http, people, notice("CZ-0001/front", key="k2"))
    await asyncio.wait_for(street.news.wait(), 60)
    assert street.cleared == ["CZ-0001"]
    assert people.received == 2


async def test_a_repeat_is_counted_and_not_acted_on(people: Shopkeepers, http: aiohttp.ClientSession) -> None:
    """At-least-once delivery must not make anyone go twice."""
    await tell(http, people, notice("CZ-0002/front"))
    assert await tell(http, people, notice("CZ-0002/front")) == (200, {"accepted": True, "repeat": True})
    assert (people.received, people.repeats) == (1, 1)


async def test_a_second_notice_does_not_make_two_errands(
    street: Street, people: Shopkeepers, http: aiohttp.ClientSession
) -> None:
    """Another key about bicycles that someone is already on the way to."""
    await tell(http, people, notice("CZ-0001/front", key="k1"))
    await tell(http, people, notice("CZ-0001/front", key="k2"))
    await asyncio.wait_for(street.news.wait(), 60)
    assert street.cleared == ["CZ-0001"]


@pytest.mark.parametrize(
    ("body", "headers", "problem"),
    [
        ({"key": "k"}, {}, "recipient"),
        ([1], {}, "object"),
        (notice("CZ-0001/front"), {"Idempotency-Key": "other"}, "Idempotency-Key is 'other'"),
    ],
)
async def test_what_is_no_notice_is_refused(
    people: Shopkeepers, http: aiohttp.ClientSession, body: object, headers: dict[str, str], problem: str
) -> None:
    """With 400 and the reason."""
    status, answer = await tell(http, people, body, **headers)
    assert status == 400
    assert problem in str(answer)


async def test_a_signature_is_checked_where_a_secret_is_set(street: Street, http: aiohttp.ClientSession) -> None:
    """HMAC-SHA256 over the raw body."""
    people = Shopkeepers(SCENES, street.clear_up, seed=1, secret="s3cret")
    await people.start()
    raw = json.dumps(notice("CZ-0002/front")).encode()
    right = "sha256=" + hmac.new(b"s3cret", raw, hashlib.sha256).hexdigest()
    for signature, status in ((right, 200), ("sha256=00", 401), ("", 401)):
        async with http.post(people.url, data=raw, headers={"X-Longcheng-Signature": signature}) as response:
            assert response.status == status
    await people.stop()


async def test_stopping_calls_errands_off(street: Street, http: aiohttp.ClientSession) -> None:
    """Nobody acts on a city that has stopped."""
    people = Shopkeepers(SCENES, street.clear_up, seed=1, act_within_s=(0.05, 0.05))
    await people.start()
    await tell(http, people, notice("CZ-0001/front"))
    await people.stop()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(street.news.wait(), 0.1)


async def test_some_say_on_their_page_that_it_is_done(street: Street, http: aiohttp.ClientSession) -> None:
    """Once they have acted, by the link of their notice; those without one say nothing."""
    pressed: list[str] = []
    arrived = asyncio.Event()

    async def corrected(request: web.Request) -> web.Response:
        pressed.append(request.path)
        arrived.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/n/abc/corrected", corrected)
    people = Shopkeepers(SCENES, street.clear_up, seed=1, act_within_s=(0.0, 0.01), say_so=1.0)
    await people.start()
    async with TestServer(app) as page:
        told = notice("CZ-0001/front")
        await tell(http, people, told | {"body": {"link": str(page.make_url("/n/abc"))}})
        await asyncio.wait_for(arrived.wait(), 60)
        await people.stop()
        assert street.cleared == ["CZ-0001"]
        assert pressed == ["/n/abc/corrected"]
        assert people.first_link == str(page.make_url("/n/abc"))


async def test_a_question_to_a_keeper_moves_nothing(
    street: Street, people: Shopkeepers, http: aiohttp.ClientSession
) -> None:
    """Nor does what the desk is told: the shop knows nothing yet, and no link of theirs is a shop's."""
    for n, step in enumerate(("confirm", "contest")):
        await tell(
            http, people, {**notice("CZ-0001/front", key=f"q{n}"), "step": step, "body": {"link": "http://x/n/1"}}
        )
    assert people.first_link is None
    await tell(http, people, notice("CZ-0001/front"))
    await asyncio.wait_for(street.news.wait(), 60)
    assert (people.received, street.cleared) == (3, ["CZ-0001"])


async def test_the_second_that_would_obey_contests_with_a_photo(street: Street, http: aiohttp.ClientSession) -> None:
    """Once, by the form of its page; the bicycles stay where they are."""
    forms: list[dict[str, object]] = []
    came = asyncio.Event()

    async def contest(request: web.Request) -> web.Response:
        form = await request.post()
        photo = form["photo"]
        assert isinstance(photo, web.FileField)
        forms.append({"reason": form["reason"], "photo": photo.file.read(), "type": photo.content_type})
        came.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/n/2/contest", contest)
    scenes = {f"CZ-000{n}": CameraScene(camera_id=f"CZ-000{n}", scene=Scene.BIKES, obeys=True) for n in (1, 2, 3)}
    people = Shopkeepers(scenes, street.clear_up, seed=1, act_within_s=(0.0, 0.01), say_so=0.0, photo=b"jpeg")
    await people.start()
    async with TestServer(app) as page:
        for n in (1, 2, 3):
            body = {"link": str(page.make_url(f"/n/{n}"))}
            await tell(http, people, {**notice(f"CZ-000{n}/front", key=f"k{n}"), "body": body})
        await asyncio.wait_for(came.wait(), 60)
        while len(street.cleared) < 2:
            street.news.clear()
            await asyncio.wait_for(street.news.wait(), 60)
        await people.stop()
    assert forms == [{"reason": "done", "photo": b"jpeg", "type": "image/jpeg"}]
    assert (sorted(street.cleared), people.contested) == (["CZ-0001", "CZ-0003"], 1)
