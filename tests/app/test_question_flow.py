"""From a question to its page and back: the real book, store, evidence and console, and a keeper's phone."""

from collections.abc import AsyncIterator
from dataclasses import replace as replaced
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.channels import routing_of
from app.shop_desk import ShopDesk
from cases.notices.wording import Wording
from cases.shop_links import Holder, ShopLinks
from config.shop_page import ShopPage
from console.server import make_app
from domain.clock import ManualClock
from domain.ladder import Ladder, LadderStep
from domain.notice import NoticeState
from storage.evidence_store import EvidenceStore
from tests.app.test_shop_flow import CLEAR, SEEN, URL, Street, TownDesk
from tests.cases.city import Town, clock_ms, make_site
from tests.console.reader import text_of

KEEPER = "street-keeper:天宁街道"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    site = make_site(tmp_path / "site")
    page = ShopPage.model_validate({"url": URL, "link_posts": ""})
    ladder = site.settings.ladder.model_copy(update={"confirm": "person"})
    site = replaced(site, settings=site.settings.model_copy(update={"shop_page": page, "ladder": ladder}))
    town, clock = Town(site, tmp_path), ManualClock(clock_ms("10:00"))
    evidence = EvidenceStore(tmp_path / "evidence")
    desk = TownDesk(town=town, real=ShopDesk(site=site, store=town.store, evidence=evidence, clock=clock))
    async with TestClient(TestServer(make_app(desk, site, clock))) as phone:
        yield Street(town=town, evidence=evidence, phone=phone, clock=clock)
    town.store.close()


def _ladder(street: Street) -> Ladder:
    return street.town.store.ladders(open_only=False)[-1]


def _path(street: Street, holder: Holder = Holder.KEEPER) -> str:
    link = ShopLinks.of(street.town.site).link(_ladder(street), street.clock.now_ms(), holder)
    assert link is not None
    return link.removeprefix(URL)


async def _press(street: Street, path: str, **form: str) -> str:
    async with street.phone.post(path, data=form) as answer:
        return await answer.text()


async def test_it_is_so_and_the_shop_is_told(street: Street) -> None:
    """As the keeper's word, by the link; the page goes on saying what becomes of it."""
    street.look(SEEN, "10:00")
    path = _path(street)
    page = await text_of(street.phone, path)
    assert "请核实是否属实" in page
    async with street.phone.get(f"{path}/picture/confirmed.jpg") as answer:
        assert answer.content_type == "image/jpeg"
    street.at("10:05")
    assert "已核实：属实" in await _press(street, f"{path}/confirm")
    ladder = _ladder(street)
    assert (ladder.step, ladder.confirmed_by, ladder.confirmed_ms) == (LadderStep.NOTICE_1, KEEPER, clock_ms("10:05"))
    lines = street.town.store.log(ladder_id=ladder.id)
    assert [(line.who, line.facts["person"]) for line in lines if line.what == "confirm_yes_by_link"] == [
        (KEEPER, KEEPER)
    ]
    assert "shop:S1" in [notice.recipient for notice in street.town.notices()]
    street.look(CLEAR, "10:07")
    assert "已经清理好" in await text_of(street.phone, path)


async def test_it_is_none_and_nobody_is_told(street: Street) -> None:
    """With the reason; answered once, whoever comes later, by whichever link."""
    street.look(SEEN, "10:00")
    keeper, desk = _path(street), _path(street, Holder.DESK)
    assert "已核实：不属实" in await _press(street, f"{desk}/reject", reason="passerby", words="送货的")
    assert "已经有人答复" in await _press(street, f"{keeper}/confirm")
    ladder = _ladder(street)
    assert (ladder.step, ladder.confirmed_by) == (LadderStep.REJECTED, street.town.site.settings.notices.duty_desk)
    lines = street.town.store.log(ladder_id=ladder.id)
    said = [line.facts["why"] for line in lines if line.what == "confirm_no_by_link"]
    assert said == ["路人的，只是临时停一下：送货的"]
    assert "shop:S1" not in [notice.recipient for notice in street.town.notices()]


async def test_gone_before_an_answer_needs_none(street: Street) -> None:
    """The press comes too late: nothing is told, and the page says why."""
    street.look(SEEN, "10:00")
    path = _path(street)
    street.look(CLEAR, "10:20")
    page = await _press(street, f"{path}/confirm")
    assert "不用再核实了" in page
    assert "shop:S1" not in [notice.recipient for notice in street.town.notices()]


async def test_keepers_get_their_link_and_no_command(street: Street) -> None:
    """Asked again, the duty desk gets one of its own, and the command."""
    street.look(SEEN, "10:00")
    site, store = street.town.site, street.town.store
    with store.transaction() as tx:
        street.town.book.tick(tx, street.at("10:31"))
    routing_of(site, store).route(clock_ms("10:31"))
    asked = {notice.recipient: notice for notice in street.town.notices() if notice.state is NoticeState.PENDING}
    assert len(asked) == 2
    for notice in asked.values():
        assert "请核实是否属实" in await text_of(street.phone, str(notice.body["link"]).removeprefix(URL))
        assert f"答复属实或不属实，请点：{notice.body['link']}" in Wording(site).text(notice, "zh-CN")
        to_desk = "tell the duty desk" not in str(notice.body["text_en"])
        assert ("longcheng ladder confirm" in str(notice.body["text_zh"])) is to_desk
    links = {str(notice.body["link"]).removeprefix(URL) for notice in asked.values()}
    assert len(links) == 2
