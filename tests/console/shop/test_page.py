"""What the page says in each state, to whom, and what it never says."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from domain.case import CaseState, ClosedReason
from domain.clock import ManualClock
from domain.finding import Severity
from domain.ladder import LadderStep, ReplyKind
from tests.console.reader import Client, text_of
from tests.console.shop.street import MINUTE_MS, NAMES, OWN, Street


class _Forms(HTMLParser):
    """Where a page's forms lead, and the words a screen reader has for their fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self._within_label = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.actions.append(found["action"].partition("?")[0].rpartition("/")[2])
        elif tag == "label":
            self._within_label = True
            self.labelled |= {found["for"]} if "for" in found else set()
        elif tag in {"input", "textarea"} and not self._within_label:
            self.fields.add(found["id"])

    def handle_endtag(self, tag: str) -> None:
        self._within_label = self._within_label and tag != "label"


async def _page(phone: Client, scene: Street, query: str = "") -> str:
    return await text_of(phone, scene.path + query)


async def test_first_notice(phone: Client, scene: Street) -> None:
    """What, where, since when, what to do, by when, the picture, and both answers."""
    page = await _page(phone, scene)
    for words in (
        "请看一下您的店门前",
        "小满花店",
        "今天 13:45",
        "今天 15:00",
        "处理好就不立案",
        "已经改正了",
        "我有异议",
    ):
        assert words in page, words
    assert scene.site.matters["09010"].zh in page
    assert scene.site.matters["09010"].advice.zh in page
    assert _Forms(page).actions == ["corrected", "contest"]
    assert "picture/confirmed.jpg" in page


@pytest.mark.parametrize(
    ("prepare", "says", "forms"),
    [
        (lambda s: s.publish(step=LadderStep.NOTICE_2), "再次提醒：东西还在", ["corrected", "contest"]),
        (lambda s: s.publish(recheck_ms=s.ago(2)), "现在处理好还来得及", ["corrected", "contest"]),
        (lambda s: s.said(ReplyKind.CORRECTED, 3).seen(4), "一般在 10 分钟内再看一次", ["contest"]),
        (lambda s: s.said(ReplyKind.CORRECTED, 13).seen(14), "摄像头还在确认", ["contest"]),
        (lambda s: s.said(ReplyKind.CORRECTED, 5).seen(3), "今天 14:22，摄像头又看了一次", ["corrected", "contest"]),
        (lambda s: s.said(ReplyKind.CONTEST, 3).publish(contested_ms=s.ago(3)), "核实之前不会立案", []),
        (
            lambda s: s.said(ReplyKind.CONTEST, 9, decided_ms=s.ago(2), upheld=False, why="图片清楚。"),
            "没有采纳。图片清楚。",
            ["corrected"],
        ),
        (lambda s: s.publish(step=LadderStep.SELF_CORRECTED, ended_ms=s.ago(2)), "已确认改正，谢谢您", []),
        (lambda s: s.publish(step=LadderStep.REJECTED, ended_ms=s.ago(2)), "这次不算", []),
        (lambda s: s.publish(step=LadderStep.PERMITTED), "有许可，不用处理", []),
        (lambda s: s.publish(step=LadderStep.GONE, ended_ms=s.ago(2)), "这件事已经结束", []),
        (lambda s: s.publish(ended_ms=s.ago(2)), "这件事已经结束", []),
        (lambda s: s.becomes_a_case(), "案件编号 202608213204000007，由红梅街道城管中队办理", ["contest"]),
        (lambda s: s.becomes_a_case().publish(contested_ms=s.ago(1)), "结果会写在这个页面上", []),
        (
            lambda s: s.becomes_a_case(CaseState.CLOSED, closed_ms=s.ago(1), closed_reason=ClosedReason.FIXED),
            "已经办结",
            [],
        ),
        (
            lambda s: s.becomes_a_case(CaseState.CLOSED, closed_ms=s.ago(1), closed_reason=ClosedReason.FALSE_POSITIVE),
            "不该提醒您",
            [],
        ),
        (
            lambda s: s.becomes_a_case(CaseState.NOT_ACCEPTED, closed_ms=s.ago(1)).said(
                ReplyKind.CONTEST, 9, decided_ms=s.ago(2), upheld=True, why="是邮局的车。"
            ),
            "不该提醒您",
            [],
        ),
        (
            lambda s: s.publish(step=LadderStep.SELF_CORRECTED, ended_ms=s.ago(2), contested_ms=s.ago(4)).said(
                ReplyKind.CONTEST, 4
            ),
            "已确认改正，谢谢您",
            [],
        ),
    ],
)
async def test_each_state_says_what_it_is_and_offers_what_helps(
    phone: Client, scene: Street, prepare: Callable[[Street], object], says: str, forms: list[str]
) -> None:
    """No button that would lead nowhere."""
    prepare(scene)
    page = await _page(phone, scene)
    assert says in page
    assert _Forms(page).actions == forms


async def test_the_last_look_shows_the_place_clear(phone: Client, scene: Street) -> None:
    """Then and now."""
    cleared = scene.look(2, bikes=0)
    scene.publish(step=LadderStep.SELF_CORRECTED, ended_ms=scene.ago(2), cleared=cleared)
    page = await _page(phone, scene)
    assert page.index("picture/confirmed.jpg") < page.index("picture/cleared.jpg") < page.index("<details")
    assert "清理后：今天 14:23 拍的" in page


async def test_other_pictures_are_loaded_only_when_opened(phone: Client, scene: Street) -> None:
    """A cheap phone pays for one."""
    page = await _page(phone, scene)
    at_once, _, opened = page.partition('<details class="pictures">')
    assert at_once.count("<img") == 1
    assert opened.count('loading="lazy"') == 2


async def test_a_picture_that_is_gone_is_not_linked(phone: Client, scene: Street) -> None:
    """No empty frame; the page says so."""
    scene.desk.all_shops.pictures.clear()
    page = await _page(phone, scene)
    assert "<img" not in page
    assert "没有可以显示的图片" in page


async def test_pictures_are_asked_for_its_own_zone_only(phone: Client, scene: Street) -> None:
    """Whatever stands in the address."""
    for which, status in (("confirmed", 200), ("onset", 200), ("context", 200), ("cleared", 404), ("latest", 404)):
        async with phone.get(f"{scene.path}/picture/{which}.jpg") as answer:
            assert answer.status == status, which
            if status == 200:
                assert answer.content_type == "image/jpeg"
                assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert {zone for _name, zone in scene.desk.all_shops.asked} == {"front-3"}


async def test_english_stays_english(phone: Client, scene: Street) -> None:
    """The switch is kept in forms; the first language needs no word in the address."""
    page = await _page(phone, scene, "?lang=en")
    assert "Please look at your shop front" in page
    assert "today 15:00" in page
    assert re.findall(r'action="\./[^"]+(\?lang=en)"', page) == ["?lang=en", "?lang=en"]
    assert f'href="./{scene.token}?lang=zh-CN"' in page
    assert "?lang=zh-CN" not in await _page(phone, scene, "?lang=fr")


async def test_nothing_of_others_is_in_it(phone: Client, scene: Street, clock: ManualClock) -> None:
    """Neither the five neighbours, nor the camera, the rule, a person, or a number but the case's."""
    scene.becomes_a_case()
    scene.said(ReplyKind.CONTEST, 9, decided_ms=scene.ago(2), decided_by="李主任", upheld=False, why="图片清楚")
    for language in ("zh-CN", "en"):
        page = await _page(phone, scene, f"?lang={language}")
        forbidden = [name for name in NAMES if name != "小满花店"]
        forbidden += [f"shop-{n:03}" for n in range(1, 7)] + [f"front-{n}" for n in range(1, 7)]
        forbidden += ["cam-001", "88 号杆", "goods-outside", "3f9a1c0b7d2e", "王建国", "李主任", OWN, "look", "Exif"]
        told = re.sub(r"[Ll]ook(s|ed)?( again)?", "", page)
        for word in forbidden:
            assert word not in told, word


async def test_it_is_small_and_whole(phone: Client, scene: Street) -> None:
    """Page and style together below 60 kB, nothing from elsewhere, no script, no cookie, nothing inline."""
    async with phone.get(scene.path) as answer:
        page = await answer.text()
        assert "Set-Cookie" not in answer.headers
    found = re.search(r'href="\./(shop\.css\?v=[0-9a-f]+)"', page)
    assert found
    async with phone.get(f"/n/{found[1]}") as answer:
        style = await answer.text()
        assert "immutable" in answer.headers["Cache-Control"]
    assert len(page.encode()) + len(style.encode()) < 20_000
    for word in ("http://", "https://", "<script", "style=", "<style", "javascript:", " on"):
        assert word not in page.replace(" only", ""), word
    assert "url(" not in style
    assert "@import" not in style


async def test_every_field_has_its_label(phone: Client, scene: Street) -> None:
    """For those who have the page read to them."""
    forms = _Forms(await _page(phone, scene))
    assert forms.fields <= forms.labelled
    assert forms.fields == {"photo", "contest-photo", "words"}


async def test_a_name_that_is_code_is_only_a_name(phone: Client, scene: Street) -> None:
    """Also in what an officer writes."""
    scene.said(ReplyKind.CONTEST, 9, decided_ms=scene.ago(2), upheld=False, why="<script>alert(1)</script>")
    page = await _page(phone, scene)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("days", [-1, 0, 1, 2])
async def test_times_are_in_plain_words(phone: Client, scene: Street, days: int) -> None:
    """Today, tomorrow, yesterday; beyond that with the date."""
    scene.publish(recheck_ms=scene.now_ms + days * 24 * 60 * MINUTE_MS)
    words = {-1: "昨天 14:25", 0: "今天 14:25", 1: "明天 14:25", 2: "8月23日 14:25"}
    page = await _page(phone, scene)
    assert words[days] in page


async def test_severity_and_scores_are_not_the_shops_business(phone: Client, scene: Street) -> None:
    """Words of ours for desks stay there."""
    page = await _page(phone, scene)
    assert all(severity.value not in page for severity in Severity if severity is not Severity.NOTICE)
