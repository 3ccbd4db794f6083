"""Who gets in: links, hosts, limits, forms from elsewhere."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from config.load import Site
from console.server import make_app
from domain.clock import ManualClock
from domain.ladder import ReplyKind
from tests.console.reader import Client, text_of
from tests.console.shop.street import AFTERNOON_MS, URL, Street, street_site

WEEK_S = 7 * 86_400
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def _wrong(phone: Client, token: str, below: str = "") -> str:
    """The page for a wrong link, without the link itself."""
    page = await text_of(phone, f"/n/{token}{below}", status=404)
    return page.replace(token, "…").replace("../../", "./")


async def _contest(phone: Client, scene: Street, *, status: int, **headers: str) -> None:
    form = {"reason": "mistaken", "words": ""}
    async with phone.post(f"{scene.path}/contest", data=form, headers=headers, allow_redirects=False) as answer:
        assert answer.status == status


async def test_every_wrong_link_gets_one_and_the_same_page(phone: Client, scene: Street, clock: ManualClock) -> None:
    """Altered, of another episode, of none, too old: nobody can tell which it was."""
    altered = scene.token[:-1] + ("A" if scene.token[-1] != "A" else "B")
    of_nobody = scene.links.token(replace(scene.ladder, id=999), scene.now_ms)
    pages = [await _wrong(phone, token) for token in (altered, of_nobody, "x1", "A" * 24)]
    clock.advance(seconds=WEEK_S + 3600)
    pages += [await _wrong(phone, scene.token), await _wrong(phone, scene.token, "/picture/confirmed.jpg")]
    assert len(set(pages)) == 1
    assert "这个链接打不开" in pages[0]


async def test_it_stays_readable_to_its_end(phone: Client, scene: Street, clock: ManualClock) -> None:
    """However the episode ended."""
    scene.becomes_a_case()
    clock.advance(seconds=WEEK_S - 3600)
    assert "已转为案件" in await text_of(phone, scene.path)


@pytest.mark.parametrize("path", ["/n/", "/n/x/y", "/n/x/picture/../../etc", "/n/%00", "/n/" + "a" * 65])
async def test_other_addresses_below_it_tell_nothing(phone: Client, path: str) -> None:
    """No page of the console's own, and no way to it."""
    async with phone.get(path, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 404
        page = await answer.text()
    assert 'href="/"' not in page
    assert "值守" not in page


@pytest.mark.parametrize("path", ["", "/corrected", "/contest", "/picture/confirmed.jpg", "/nothing"])
async def test_the_policy_is_strict(phone: Client, scene: Street, path: str) -> None:
    """On pages, pictures and errors."""
    async with phone.get(scene.path + path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'")
        assert "script" not in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.content_type == "text/html":
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("path", ["/", "/api/v1/overview", "/healthz", "/static/console.css", "/evidence/x.jpg"])
async def test_the_public_name_opens_the_page_and_nothing_else(phone: Client, scene: Street, path: str) -> None:
    """Should a proxy pass on more than it was told to."""
    async with phone.get(path, headers={"Host": "shops.example"}) as answer:
        assert answer.status == 404
        assert await answer.text() == ""
    async with phone.get(scene.path, headers={"Host": "shops.example"}) as answer:
        assert answer.status == 200
    async with phone.get(scene.path, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 421


async def test_without_an_address_there_is_no_page(site: Site, tmp_path: Path, clock: ManualClock) -> None:
    """Not even for links that were good once."""
    scene = Street(street_site(site), tmp_path)
    closed = Street(street_site(site, url=""), tmp_path)
    async with TestClient(TestServer(make_app(closed.desk, closed.site, clock))) as client:
        assert "小满" not in await text_of(client, scene.path, status=404)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": URL, "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://shops.example.evil.example"}, 403),
    ],
)
async def test_forms_of_other_sites_are_not_taken(
    phone: Client, scene: Street, headers: dict[str, str], status: int
) -> None:
    """Even of one that knows the link."""
    await _contest(phone, scene, status=status, **headers)
    assert len(scene.desk.all_shops.all_replies) == (status == 303)


async def test_a_link_is_not_opened_without_end(phone: Client, scene: Street, clock: ManualClock) -> None:
    """Then a page in plain words, and when to come again; after that it opens."""
    for _ in range(60):
        await text_of(phone, scene.path)
    async with phone.get(scene.path) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "1"
        assert "请 1 分钟后再试" in await answer.text()
    clock.advance(seconds=2)
    await text_of(phone, scene.path)


async def test_what_is_sent_is_held_tighter(phone: Client, scene: Street) -> None:
    """Four a minute from one link."""
    for _ in range(4):
        async with phone.post(f"{scene.path}/contest", data={}) as answer:
            assert answer.status == 400
    async with phone.post(f"{scene.path}/contest", data={}) as answer:
        assert answer.status == 429


@pytest.fixture
async def proxied(site: Site, tmp_path: Path, clock: ManualClock) -> AsyncIterator[tuple[Client, Street]]:
    """Behind a proxy that says who asks."""
    scene = Street(street_site(site, client_header="X-Forwarded-For", address_wrong="3:60"), tmp_path)
    async with TestClient(TestServer(make_app(scene.desk, scene.site, clock))) as client:
        yield client, scene


async def _guess(client: Client, address: str) -> int:
    async with client.get("/n/AAAAAAAAAAAAAAAAAAAAAAAA", headers={"X-Forwarded-For": address}) as answer:
        return answer.status


async def test_guessing_ends_soon_and_harms_no_neighbour(proxied: tuple[Client, Street]) -> None:
    """One address guesses; others, and right links from the same mobile network, still open."""
    client, scene = proxied
    assert [await _guess(client, "198.51.100.7") for _ in range(5)] == [404, 404, 404, 429, 429]
    assert await _guess(client, "198.51.100.8") == 404
    async with client.get(scene.path, headers={"X-Forwarded-For": "198.51.100.7"}) as answer:
        assert answer.status == 200


async def test_a_client_cannot_give_itself_another_address(proxied: tuple[Client, Street], phone: Client) -> None:
    """What it writes before the proxy's own word is not believed; without a proxy nothing of it is."""
    client, _scene = proxied
    answers = [await _guess(client, f"203.0.113.{n}, 198.51.100.9") for n in range(4)]
    assert answers == [404, 404, 404, 429]
    direct = [await _guess(phone, f"203.0.113.{n}") for n in range(21)]
    assert direct == [404] * 20 + [429]


async def test_said_twice_is_said_once(phone: Client, scene: Street) -> None:
    """A thumb that presses again is led to the same page."""
    await _contest(phone, scene, status=303)
    await _contest(phone, scene, status=303)
    assert [one.kind for one in scene.desk.all_shops.all_replies] == [ReplyKind.CONTEST]


async def test_after_a_form_the_phone_is_back_on_the_page(phone: Client, scene: Street) -> None:
    """Reloading sends nothing again, and the language stays."""
    form = {"reason": "permit", "words": "  城管批的\x00\u202e 2026-7号\r\n\r\n 谢谢 "}
    async with phone.post(f"{scene.path}/contest?lang=en", data=form) as answer:
        assert answer.status == 200
        assert answer.url.path == scene.path
        assert answer.url.query_string == "lang=en"
        assert "A person will check" in await answer.text()
    assert scene.desk.all_shops.all_replies[0].words == "我有许可：城管批的 2026-7号\n谢谢"


@pytest.mark.parametrize("form", [{}, {"reason": "because"}, {"words": "x"}, {"reason": "other\x00"}])
async def test_a_contest_needs_a_reason(phone: Client, scene: Street, form: dict[str, str]) -> None:
    """Said on the page, with the form open."""
    async with phone.post(f"{scene.path}/contest", data=form) as answer:
        assert answer.status == 400
        page = await answer.text()
    assert "请先选一个原因" in page
    assert '<details class="card" open>' in page
    assert scene.desk.all_shops.all_replies == []


async def test_long_words_are_cut(phone: Client, scene: Street) -> None:
    """To 500 characters; a body without end is not read at all."""
    async with phone.post(f"{scene.path}/contest", data={"reason": "other", "words": "长" * 900}) as answer:
        assert answer.status == 200
    assert scene.desk.all_shops.all_replies[0].words == "其他原因：" + "长" * 500
    async with phone.post(f"{scene.path}/contest", data=BytesIO(b"words=" + b"x" * (2 << 20)), headers=_FORM) as answer:
        assert answer.status == 413


def _photo(data: bytes) -> FormData:
    form = FormData()
    form.add_field("photo", BytesIO(data), filename="IMG_2031.jpg", content_type="image/jpeg")
    return form


@pytest.mark.parametrize("form", [{}, {"photo": ""}])
async def test_corrected_without_a_photo(phone: Client, scene: Street, form: dict[str, Any]) -> None:
    """One press."""
    async with phone.post(f"{scene.path}/corrected", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
    assert [(one.kind, one.picture) for one in scene.desk.all_shops.all_replies] == [(ReplyKind.CORRECTED, None)]


async def test_corrected_with_a_photo_of_many_megabytes(phone: Client, scene: Street) -> None:
    """More than aiohttp takes of other forms."""
    data = b"\xff\xd8\xff" + b"\x01" * (6 << 20)
    async with phone.post(f"{scene.path}/corrected", data=_photo(data), allow_redirects=False) as answer:
        assert answer.status == 303
    assert scene.desk.all_shops.photos == [data]


async def test_an_empty_file_field_is_no_photo(phone: Client, scene: Street) -> None:
    """As browsers send it when nothing was chosen."""
    async with phone.post(f"{scene.path}/corrected", data=_photo(b""), allow_redirects=False) as answer:
        assert answer.status == 303
    assert scene.desk.all_shops.photos == []


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [(b"GIF89a....", 400, "这张照片打不开"), (b"\xff\xd8\xff" * (3 << 20), 413, "照片太大了")],
)
async def test_a_photo_that_is_none_is_told_kindly(
    phone: Client, scene: Street, data: bytes, status: int, says: str
) -> None:
    """And nothing was said with it."""
    async with phone.post(f"{scene.path}/corrected", data=_photo(data)) as answer:
        assert answer.status == status
        assert says in await answer.text()
    assert scene.desk.all_shops.all_replies == []


async def test_a_form_that_is_none_breaks_nothing(phone: Client, scene: Street) -> None:
    """Garbage after the header that promises a form."""
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with phone.post(f"{scene.path}/corrected", data=b"--y\r\nno form", headers=headers) as answer:
        assert answer.status == 400
        assert "没有收下" in await answer.text()


async def test_an_episode_that_is_over_says_how_it_ended(phone: Client, scene: Street) -> None:
    """Pressed on a page that had been open for a while."""
    scene.publish(ended_ms=AFTERNOON_MS)
    async with phone.post(f"{scene.path}/corrected", data={}) as answer:
        assert answer.status == 409
        page = await answer.text()
    assert "情况已经变了" in page
    assert "这件事已经结束" in page


def _contest_with(photo: bytes, **fields: str) -> FormData:
    form = _photo(photo)
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def test_a_contest_may_bring_a_photo(phone: Client, scene: Street) -> None:
    """Kept with the reason and the words; one that is none, or too large, is said on the page and nothing is kept."""
    told = {"reason": "mistaken", "words": "门口是空的"}
    async with phone.post(f"{scene.path}/contest", data=_contest_with(b"no picture", **told)) as answer:
        assert (answer.status, "这张照片打不开" in await answer.text()) == (400, True)
    async with phone.post(
        f"{scene.path}/contest", data=_contest_with(b"\xff\xd8\xff" + b"x" * (9 << 20), **told)
    ) as answer:
        assert (answer.status, "照片太大了" in await answer.text()) == (413, True)
    async with phone.post(f"{scene.path}/contest", data=_contest_with(b"\xff\xd8\xff photo")) as answer:
        assert (answer.status, "请先选一个原因" in await answer.text()) == (400, True)
    assert scene.desk.all_shops.all_replies == []
    async with phone.post(f"{scene.path}/contest", data=_contest_with(b"\xff\xd8\xff photo", **told)) as answer:
        assert (answer.status, answer.url.path) == (200, scene.path)
    (said,) = scene.desk.all_shops.all_replies
    assert (said.kind, said.words) == (ReplyKind.CONTEST, "看错了，没有这种情况：门口是空的")
    assert said.picture is not None
    assert scene.desk.all_shops.photos == [b"\xff\xd8\xff photo"]
