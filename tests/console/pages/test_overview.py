"""The first page."""

import dataclasses
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.load import Site
from console.city import look
from console.pages import headline
from console.pages.alarms import alarm_rows
from console.pages.looking import View
from console.pages.overview import limited
from console.pages.pictures import Pictures
from console.pages.render import Pages
from console.words import Words
from domain.clock import ManualClock
from domain.finding import Severity
from tests.console.reader import Client, text_of
from tests.fakes.desk import WELL, FakeDesk, busy_desk, quiet_desk
from tests.fakes.invented_city import HOSTILE
from tests.fakes.invented_site import invented_site


def _headline(desk: FakeDesk, site: Site, clock: ManualClock, language: str = "zh-CN") -> str:
    city, words = look(desk, site, clock.now_ms()), Words(site, language, clock.now_ms())
    return "".join([*headline.lead(city, words), headline.sight(city, words) or ""])


def test_headline_says_it_in_plain_words(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Counts in words, worst first, in both languages."""
    assert _headline(desk, site, clock) == (
        "2 件紧急告警，3 件警告，3 起案件待处置（1 起已超期）。24 个摄像头中 17 个画面正常。"
    )
    assert _headline(desk, site, clock, "en").startswith(
        "2 critical alarms, 3 warnings, 3 cases to handle (1 overdue)."
    )


def test_headline_of_a_quiet_city(site: Site, clock: ManualClock) -> None:
    """Nothing to do is said, not shown as an empty page."""
    desk = quiet_desk(site, clock.now_ms())
    assert _headline(desk, site, clock) == "没有需要处置的告警和案件。24 个摄像头中 24 个画面正常。"
    assert headline.level(look(desk, site, clock.now_ms())) == "calm"


def test_a_lost_broker_comes_before_everything(site: Site, clock: ManualClock) -> None:
    """A quiet city that nobody hears is not calm."""
    desk = quiet_desk(site, clock.now_ms())
    desk.state = replace(WELL, broker_connected=False)
    clock.advance(seconds=600)
    city = look(desk, site, clock.now_ms())
    assert headline.level(city) == "critical"
    assert _headline(desk, site, clock).startswith("与消息代理的连接已断开，最后一条消息在10 分钟前")
    assert "24 个摄像头中 0 个画面正常" in _headline(desk, site, clock)


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (WELL, "calm"),
        (replace(WELL, store_reachable=False), "warn"),
        (replace(WELL, rule_faults={"tree-tilt": 1}), "warn"),
        (replace(WELL, ingest_paused=True), "critical"),
        (replace(WELL, journal=replace(WELL.journal, writable=False)), "critical"),
    ],
)
def test_level_follows_our_own_health(site: Site, clock: ManualClock, state: object, level: str) -> None:
    """What we can't take in is critical; what we can't yet store, or judge, wants a look."""
    desk = quiet_desk(site, clock.now_ms())
    desk.state = state  # type: ignore[assignment]  # pytest's tables are untyped
    assert headline.level(look(desk, site, clock.now_ms())) == level


def test_tiles(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """The figures, with the rate's n beside the rate."""
    words = Words(site, "en", clock.now_ms())
    tiles = {tile.key: tile for tile in headline.tiles(look(desk, site, clock.now_ms()), words)}
    assert tiles["critical"].value == "2"
    assert tiles["cases"].value == "3"
    assert tiles["cases"].note.startswith("1 overdue · ")
    assert tiles["asked"].value == "4"
    assert tiles["corrected"].note == "rate 88% (n = 355)"
    assert (tiles["cameras"].value, tiles["cameras"].of) == ("17", "24")
    assert (tiles["devices"].value, tiles["devices"].of) == ("12", "15")
    assert tiles["dead"].value == "3"


def test_floods_are_folded_but_never_critical_ones(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Seven blind cameras are one row; each critical alarm keeps its own."""
    critical = [replace(desk.all_alarms[0], id=100 + n, subject=f"charger-01/{n}", port=n) for n in range(1, 6)]
    desk.all_alarms += critical
    city = look(desk, site, clock.now_ms())
    rows = alarm_rows(city.alarms, site, Words(site, "zh-CN", clock.now_ms()), Pictures(desk))
    assert sum(row.severity is Severity.CRITICAL for row in rows) == 7
    (views,) = [row for row in rows if row.title == "摄像头画面异常"]
    assert len(views.same) == 6
    assert sum(1 + len(row.same) for row in rows) == len(city.alarms)


def test_a_silence_grows(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """The value of a silent alarm is how long it has been, not how long it was when it was raised."""
    alarms = [alarm for alarm in desk.all_alarms if alarm.rule_id == "charger-silent"]
    (row,) = alarm_rows(alarms, site, Words(site, "zh-CN", clock.now_ms()), Pictures(desk))
    assert (row.metric, row.value, row.limit) == ("无消息", "3 小时 8 分钟", "1 分钟 30 秒")


def test_limited_keeps_count() -> None:
    """Shown, folded and only counted ones add up, also where the list itself was cut."""
    parts = limited(list(range(100)), 8, total=250)
    assert (len(parts.shown), len(parts.folded), parts.beyond, parts.total) == (8, 60, 182, 250)
    assert limited([], 8).total == 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("busy", [True, False])
def test_every_section_is_there(site: Site, clock: ManualClock, tmp_path: Path, language: str, busy: bool) -> None:
    """All sections, each with its heading, none with an unfilled fact."""
    desk = busy_desk(site, clock.now_ms(), tmp_path) if busy else quiet_desk(site, clock.now_ms())
    page = Pages(desk, site, clock).page(View(language=language))
    assert page is not None
    for name in ("alarms", "cases", "ladders", "cameras", "devices", "deadletters"):
        assert f'<section id="{name}" class="card" aria-labelledby="{name}-title">' in page
        assert f'<h2 id="{name}-title">' in page
    assert "{n}" not in page
    assert re.search(r"<(header|main|nav)\b", page)


def test_ids_are_unique(site: Site, clock: ManualClock, desk: FakeDesk) -> None:
    """Anchors, labels and the live swap rely on it."""
    page = Pages(desk, site, clock).page(View(language="zh-CN")) or ""
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_pictures_have_words(site: Site, clock: ManualClock, desk: FakeDesk) -> None:
    """Each picture says whose it is, before or after."""
    page = Pages(desk, site, clock).page(View(language="zh-CN")) or ""
    pictures = re.findall(r"<img [^>]+>", page)
    assert len(pictures) >= 8
    assert all(re.search(r' alt="[^"]{4,}"', picture) for picture in pictures)


def test_a_picture_that_is_gone_is_said_to_be_gone(site: Site, clock: ManualClock, desk: FakeDesk) -> None:
    """Retention may take a picture; the page then shows no broken image."""
    desk.pictures.clear()
    page = Pages(desk, site, clock).page(View(language="zh-CN", name="case", about="202608223204000003")) or ""
    assert "<img" not in page
    assert page.count("图片未保留") == 4


def test_hostile_names_stay_text(clock: ManualClock, tmp_path: Path) -> None:
    """Names from registers, topics, payloads, faults and recipients can't become markup."""
    site = invented_site(tmp_path)
    desk = busy_desk(site, clock.now_ms(), tmp_path)
    evil = f'{HOSTILE}"onmouseover="x'
    site = dataclasses.replace(
        site,
        shops={key: replace(shop, name=evil) for key, shop in site.shops.items()},
        devices={key: replace(device, name=evil) for key, device in site.devices.items()},
        cameras={key: replace(camera, name=evil) for key, camera in site.cameras.items()},
    )
    desk.all_cases = [replace(case, title_zh=evil, unit=evil) for case in desk.all_cases]
    desk.lines = [replace(line, what=evil, who=evil) for line in desk.lines]
    desk.all_cameras = [replace(camera, fault=evil) for camera in desk.all_cameras]
    desk.all_notices = [replace(notice, recipient=evil) for notice in desk.all_notices]
    for name, about in (("overview", ""), ("case", "202608223204000001")):
        page = Pages(desk, site, clock).page(View(language="zh-CN", name=name, about=about)) or ""
        assert "&lt;script&gt;" in page
        assert HOSTILE not in page
        assert '"onmouseover=' not in page


async def test_case_page_tells_the_whole_story(client: Client) -> None:
    """Pictures, sheet, each line of the story, and what became of the notices."""
    page = await text_of(client, "/cases/202608223204000001")
    assert "202608223204000001" in page
    assert "立案 202608223204000001" in page
    assert "unheard_of" in page
    assert "未能送达" in page
    assert "先断电" in page


async def test_no_such_case(client: Client) -> None:
    """A wrong number is answered by a page that names it, escaped."""
    page = await text_of(client, "/cases/%3Cscript%3E", status=404)
    assert "&lt;script&gt;" in page
