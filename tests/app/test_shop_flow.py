"""From a notice to its page and back: the real book, store, evidence and console, and a shopkeeper's phone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from app.desk.originals import Originals
from app.shop_desk import ShopDesk
from app.shop_photos import FOLDER, ShopPhotos
from cases.notices.routing import linked
from cases.shop_links import KEY_FILE, ShopLinks
from config.shop_page import ShopPage
from console.server import make_app
from domain.case import Alarm
from domain.clock import ManualClock
from domain.finding import Change
from domain.ladder import ReplyKind
from domain.picture import PictureFacts, PictureState
from storage.evidence_store import EvidenceStore
from tests.cases.city import Town, bikes, clock_ms, make_site
from tests.console.reader import Client, text_of
from tests.fakes.desk import FakeDesk
from vision.archive import zones_key
from vision.picture import decode

SEEN, AGAIN, CLEAR = Change.RAISED, Change.RENEWED, Change.RESOLVED
URL = "https://shops.example"


def _jpeg(colour: tuple[int, int, int], height: int = 240) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((height, 320, 3), colour, np.uint8))[1])


@dataclass(kw_only=True)
class TownDesk(FakeDesk):
    """A desk of the town's own store."""

    town: Town
    real: ShopDesk

    def alarm(self, alarm_id: int) -> Alarm | None:
        """From the store."""
        return self.town.store.alarm(alarm_id)

    @property
    def shops(self) -> ShopDesk:  # type: ignore[override]
        """The real one."""
        return self.real


@dataclass(kw_only=True)
class Street:
    """A town with a page for its shops."""

    town: Town
    evidence: EvidenceStore
    phone: Client
    clock: ManualClock
    paths: list[str] = field(default_factory=list)

    def at(self, time: str) -> int:
        """It is so late now."""
        self.clock.advance(seconds=(clock_ms(time) - self.clock.now_ms()) / 1000)
        return clock_ms(time)

    def look(self, change: Change, time: str) -> list[str]:
        """What a look shows, with its picture; the log lines it leads to."""
        at_ms = self.at(time)
        finding = bikes(change, at_ms)
        assert finding.evidence is not None
        assert finding.evidence.picture is not None
        camera = self.town.site.cameras["C1"]
        facts = PictureFacts(
            name=finding.evidence.picture,
            camera_id="C1",
            look_id=finding.evidence.look_id,
            taken_ms=at_ms,
            zones_key=zones_key(camera),
            size_px=(320, 240),
        )
        self.evidence.keep(facts, _jpeg((9, 9, 9)), _jpeg((200, 200, 200), height=300))
        return self.town.record(finding)

    def links(self) -> list[str]:
        """Those that shops got, as their notices are sent with them; the oldest first."""
        town, link = self.town, ShopLinks.of(self.town.site).link
        told = [linked(one, town.store.ladder(one.ladder_id or 0), link) for one in town.notices()]
        return [str(one.body["link"]) for one in told if "link" in one.body]

    async def page(self, *, status: int = 200) -> str:
        """What the shop reads by the newest link it was sent."""
        return await text_of(self.phone, self.links()[-1].removeprefix(URL), status=status)

    async def press(self, what: str, form: object, *, status: int = 200) -> str:
        """A button."""
        async with self.phone.post(f"{self.links()[-1].removeprefix(URL)}/{what}", data=form) as answer:
            assert answer.status == status
            return await answer.text()


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    site = make_site(tmp_path / "site")
    page = ShopPage.model_validate({"url": URL, "link_posts": ""})
    site = replaced(site, settings=site.settings.model_copy(update={"shop_page": page}))
    town, clock = Town(site, tmp_path), ManualClock(clock_ms("10:00"))
    evidence = EvidenceStore(tmp_path / "evidence")
    desk = TownDesk(town=town, real=ShopDesk(site=site, store=town.store, evidence=evidence, clock=clock))
    async with TestClient(TestServer(make_app(desk, site, clock))) as phone:
        yield Street(town=town, evidence=evidence, phone=phone, clock=clock)
    town.store.close()


async def test_told_corrected_looked_at_again_and_thanked(street: Street) -> None:
    """The shop's word asks for a look; only the look ends it."""
    street.look(SEEN, "10:00")
    page = await street.page()
    assert "请看一下您的店门前" in page
    assert "今天 10:15" in page

    street.at("10:05")
    page = await street.press("corrected", {})
    assert "收到了，我们会再看一次" in page
    assert [one.created_ms for one in street.town.commands()] == [clock_ms("10:05")]
    assert street.town.store.ladders(open_only=True)

    assert street.look(CLEAR, "10:07") == ["shop_corrected", "alarm_clear_seen", "self_corrected"]
    page = await street.page()
    assert "已确认改正，谢谢您" in page
    assert "picture/cleared.jpg" in page
    assert "<form" not in page


async def test_said_but_not_done_becomes_a_case(street: Street) -> None:
    """Twice told, twice said to be done, still there: the page says so each time, and its old link still opens."""
    street.look(SEEN, "10:00")
    street.at("10:05")
    await street.press("corrected", {})
    street.look(AGAIN, "10:06")
    page = await street.page()
    assert "今天 10:06，摄像头又看了一次，东西还在" in page
    assert "今天 10:06 拍的" in page
    street.look(AGAIN, "10:16")
    assert "再次提醒：东西还在" in await street.page()
    street.look(AGAIN, "10:32")
    page = await street.page()
    (case,) = street.town.store.cases()
    assert f"案件编号 {case.id}" in page
    assert case.unit in page
    first = street.links()[0]
    assert "已转为案件" in await text_of(street.phone, first.removeprefix(URL))


async def test_a_contest_waits_for_a_person(street: Street) -> None:
    """Nothing happens meanwhile, whatever the cameras see."""
    street.look(SEEN, "10:00")
    street.at("10:04")
    page = await street.press("contest", {"reason": "permit", "words": "2026-17号"})
    assert "核实之前不会立案" in page
    assert "<form" not in page
    (reply,) = street.town.store.replies(undecided_only=True)
    assert (reply.kind, reply.words) == (ReplyKind.CONTEST, "我有许可：2026-17号")
    for time in ("10:16", "10:32", "11:00"):
        street.look(AGAIN, time)
    assert street.town.store.cases() == []
    assert "会有人核实" in await street.press("contest", {"reason": "other"})
    assert len(street.town.store.replies()) == 1


async def test_the_photo_of_a_contest_is_for_who_decides(street: Street) -> None:
    """Made anew like any other, and read only once it stands in the ledger; without a line there is no picture."""
    street.look(SEEN, "10:00")
    street.at("10:04")
    form = FormData({"reason": "mistaken", "words": "门口是空的"})
    form.add_field("photo", BytesIO(_jpeg((0, 0, 250))), filename="a.jpg", content_type="image/jpeg")
    await street.press("contest", form)
    (reply,) = street.town.store.replies(undecided_only=True)
    assert (reply.kind, reply.words) == (ReplyKind.CONTEST, "看错了，没有这种情况：门口是空的")
    photos = ShopPhotos(street.town.site.settings.data_dir)
    originals = Originals(street.evidence, street.town.store, photos, street.clock)
    said = {"who": "wang", "why": "reply 1", "address": "10.1.2.3"}
    shown = originals.shop_photo(reply.id, **said)
    assert shown is not None
    assert decode(shown)[100, 100].tolist()[2] > 200
    (line,) = street.evidence.ledger.lines()
    assert (line.name, line.who, line.why, line.address) == (f"shop:{reply.picture}", "wang", "reply 1", "10.1.2.3")
    assert originals.shop_photo(reply.id + 1, **said) is None
    photos.drop(reply.picture or "")
    assert originals.shop_photo(reply.id, **said) is None
    assert len(list(street.evidence.ledger.lines())) == 1


async def test_pressed_twice_is_one_word_and_one_photo(street: Street, tmp_path: Path) -> None:
    """Also with a photo, which is another file each time."""
    street.look(SEEN, "10:00")
    for second in ("10:05", "10:06"):
        street.at(second)
        form = FormData()
        form.add_field("photo", BytesIO(_jpeg((0, 0, 250))), filename="a.jpg", content_type="image/jpeg")
        await street.press("corrected", form)
    (reply,) = street.town.store.replies()
    folder = street.town.site.settings.data_dir / FOLDER
    assert reply.picture is not None
    assert [one.name for one in folder.iterdir()] == [reply.picture]
    path = ShopPhotos(street.town.site.settings.data_dir).path(reply.picture)
    assert path is not None
    assert decode(path.read_bytes())[100, 100].tolist()[2] > 200
    (use,) = street.town.store.picture_uses()[reply.picture]
    assert use.state is PictureState.OPEN


async def test_a_photo_whose_word_is_not_taken_is_not_kept(street: Street) -> None:
    """It came too late."""
    street.look(SEEN, "10:00")
    street.look(CLEAR, "10:05")
    form = FormData()
    form.add_field("photo", BytesIO(_jpeg((0, 0, 250))), filename="a.jpg", content_type="image/jpeg")
    page = await street.press("corrected", form, status=409)
    assert "情况已经变了" in page
    assert "已确认改正" in page
    assert not list((street.town.site.settings.data_dir / FOLDER).iterdir())


@pytest.mark.parametrize("path", ["shop-photos/{}", "n/{}", "evidence/{}", "evidence/shop-photos/{}", "static/{}"])
async def test_no_address_serves_a_shops_photo(street: Street, path: str) -> None:
    """It is for those who decide."""
    street.look(SEEN, "10:00")
    form = FormData()
    form.add_field("photo", BytesIO(_jpeg((0, 0, 250))), filename="a.jpg", content_type="image/jpeg")
    await street.press("corrected", form)
    name = street.town.store.replies()[0].picture
    async with street.phone.get("/" + path.format(name)) as answer:
        assert answer.status == 404


async def test_a_shop_that_was_not_reached_gives_its_link_to_nobody(street: Street) -> None:
    """The keeper, who is told instead, has none."""
    street.town.sending = False
    street.look(SEEN, "10:00")
    street.town.lose()
    street.look(AGAIN, "10:01")
    shop, keeper = street.town.notices()
    assert "link" in shop.body
    assert keeper.recipient.startswith("street-keeper")
    assert "link" not in keeper.body
    assert len(street.links()) == 1
    assert (street.town.site.settings.data_dir / KEY_FILE).stat().st_mode & 0o777 == 0o600


async def test_an_answer_before_the_notice_is_marked_as_sent_is_not_lost_silently(street: Street) -> None:
    """The page says that something is different, and nothing was said."""
    street.town.sending = False
    street.look(SEEN, "10:00")
    await street.press("corrected", {}, status=409)
    assert street.town.store.replies() == []


async def test_the_picture_is_its_own_zone_of_the_copy(street: Street) -> None:
    """Cut, not whole; and gone from the page once the picture has been deleted."""
    street.look(SEEN, "10:00")
    link = street.links()[0].removeprefix(URL)
    async with street.phone.get(f"{link}/picture/confirmed.jpg") as answer:
        assert answer.status == 200
        pixels = decode(await answer.read())
    assert pixels.max() > 180
    assert pixels[:, -3:].mean() < 160
    name = bikes(SEEN, clock_ms("10:00")).evidence
    assert name is not None
    assert name.picture is not None
    assert street.evidence.delete(name.picture, who="test", why="over", at_ms=1)
    async with street.phone.get(f"{link}/picture/confirmed.jpg") as answer:
        assert answer.status == 404
    assert "<img" not in await street.page()
