"""Nobody meets a stray word of the other language: every page, as people read it, in both."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import chain, cycle
from typing import Final

import pytest
from msgspec.structs import replace

from config.load import Site
from console.desk.health import CollectorHealth
from console.pages.audit_acts import ACTS
from console.pages.rail import RAIL
from domain.account import Audit, Outcome
from domain.clock import ManualClock
from domain.finding import Severity
from domain.permission import Role
from domain.register import Camera, Device, Shop
from domain.service import Trouble, TroubleKind
from domain.sighting import ViewHealth
from tests.console.access.people import People
from tests.console.every_page import FRAGMENTS, pages
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk

SENTENCE: Final = re.compile(r"(?<![\w./-])[A-Za-z][a-z']{1,}(?: [a-z'][a-z'-]*){2,}")
"""Three words in a row, without a capital, a digit or a dot inside: no id, no unit, no proper name."""
BARE: Final = re.compile(r"(?<![\w./:@+-])[A-Za-z]*[a-z]{2,}(?![\w/:@]|[.-]\w)")
"""One word of Latin letters that stands alone: a code, or a word that nobody has told in Chinese."""
ADDRESS: Final = re.compile(r"(?:GET|POST|PUT|DELETE) /")
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]+")
_SAID: Final = ("aria-label", "title", "alt", "placeholder", "data-said", "data-none", "data-done", "data-refused")
"""Attributes that people hear or see."""
_ASIDE: Final = {"script", "style", "code", "pre", "textarea", "option", "kbd"}
"""What is written in no language of ours: commands, payloads, files; and the choices that a site names."""
_SIGNS: Final = {"中文", "English"}
"""The way to the other language is called in that language."""
_PROPER: Final = {"Ctrl", "Shift", "Tab", "Delete", "Esc", "Excel", "Wilson", "tests"}
"""Keys, names, and the name of a folder: so they are called in Chinese, too."""
_FACTS: Final = re.compile(r"\{\w+\}")
"""What a rule's own sentence is filled with, as its file names it."""
_COMMANDS: Final = re.compile(r"longcheng(?: [a-z]+)+(?: --[a-z]+(?: [a-z]+)?)*")


class _Read(HTMLParser):
    """The texts of a page, and those of its attributes that people meet; without what says that it is in English."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        hidden = tag in _ASIDE or (tag != "html" and "lang" in said)
        if not hidden and not self._is_aside:
            self.texts += [said[name] or "" for name in _SAID if name in said]
        if tag not in {"meta", "link", "input", "img", "br", "hr", "rect", "path", "source", "use", "circle", "line"}:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._is_aside:
            self.texts.append(" ".join(data.split()))

    @property
    def _is_aside(self) -> bool:
        return any(hidden for _, hidden in self._open)


def _texts(html: str) -> list[str]:
    read = _Read()
    read.feed(html)
    return read.texts


_UNITS: Final = ("城管队", "值守台")
"""Whose the cases of the fake desk are."""


def _data_of(site: Site, people: People) -> Iterator[str]:
    """What a site, and the people in it, wrote themselves: it stands in their own words on every page."""
    registers: tuple[Iterable[Device | Camera | Shop], ...] = (
        site.devices.values(),
        site.cameras.values(),
        site.shops.values(),
    )
    for one in chain(*registers):
        at = one.location
        yield from (one.name, at.road, at.sub_district, at.district)
    yield from (zone.zone for camera in site.cameras.values() for zone in camera.zones)
    yield from (site.settings.name.zh, site.settings.name.en)
    yield from _UNITS
    yield from (account.display_name for account in people.accounts.values())


MEASURED: Final = (
    "luma p95 4 of 255, below 40",
    "the same bytes as 319.3 s ago",
    "0.02 of the view shows anything, below 0.1",
    "shifted by +0.031, -0.002 of the picture, turned or zoomed by 0.000",
    "another camera gave the same bytes",
)
"""What cameras' watch says of faults; tests/console/test_retold.py has them all."""


@pytest.fixture(autouse=True)
def telling(desk: FakeDesk, people: People, clock: ManualClock) -> None:
    """Of everything that the product words for itself, or calls by a code, something is there to be told."""
    faulty = [one for one in desk.all_cameras if one.view not in {None, ViewHealth.HEALTHY} and one.fault is None]
    worded = dict(zip((one.camera_id for one in faulty), cycle(MEASURED), strict=False))
    worded["cam-001"] = MEASURED[0]  # it has a page among those that are read
    desk.all_cameras = [
        replace(one, view=ViewHealth.DARK, fault=worded[one.camera_id]) if one.camera_id in worded else one
        for one in desk.all_cameras
    ]
    channels = zip(desk.all_notices, ("webhook", "smtp", "gateway"), strict=True)
    desk.all_notices = [replace(one, channel=channel) for one, channel in channels]
    away = CollectorHealth(
        name="longcheng-x", connected=False, paused=False, trouble="unreachable: [Errno 111] Connection refused"
    )
    lost = Trouble(kind=TroubleKind.BROKER_AWAY, severity=Severity.CRITICAL, since_ms=clock.now_ms() - 180_000)
    desk.state = replace(desk.state, broker_connected=False, collectors=(away,), troubles=(lost,))
    abouts = {"set password": "by link", "GET /shop-photos/{id}.jpg": "reply 1", "sign in": "by oidc"}
    for what in ACTS:
        about = abouts.get(what, "")
        by = Audit(
            id=0, at_ms=clock.now_ms(), who="-", address="10.0.0.1", what=what, about=about, outcome=Outcome.DONE
        )
        people.store.note(by)


@pytest.fixture
async def signed_in(people: People) -> dict[str, str]:
    started = await people.started(Role.ADMINISTRATOR)
    return {"Cookie": f"longcheng_session={started.secret}"}


async def _read(door: Client, path: str, language: str, headers: dict[str, str]) -> list[str]:
    cookie = f"{headers['Cookie']}; lang={language}"
    async with door.get(path, headers={**headers, "Cookie": cookie, "Accept-Language": language}) as answer:
        assert answer.status < 500, path
        return _texts(await answer.text())


def test_the_readers_find_strays() -> None:
    """Or a crawl that finds nothing would say nothing."""
    (told,) = _texts("<main><code>longcheng rules test it all</code><p>source: firmware of a station</p></main>")
    assert SENTENCE.search(told)
    assert BARE.findall("≥ 600 min，经 webhook 通知，Connection refused") == ["min", "webhook", "Connection", "refused"]
    assert not BARE.search("longcheng-x mqtt://127.0.0.1 30 mA 0.3 kWh chargers.yaml:14 tree_tilt @zhang")
    assert CHINESE.search(_texts('<p title="限值">limit</p>')[0])
    assert not _texts('<p lang="en">the store said this</p>')
    assert not SENTENCE.search("longcheng/v1/charger/cs-036/telemetry chargers.yaml:14 charger-smoke")


async def test_no_english_sentence_stands_on_a_chinese_page(door: Client, signed_in: dict[str, str]) -> None:
    """Ids, units, topics and commands aside. What is kept in English, such as a store's own words, says that it is."""
    read = 0
    for path in pages(door):
        for text in await _read(door, path, "zh-CN", signed_in):
            read += bool(CHINESE.search(text))
            found = SENTENCE.findall(_COMMANDS.sub("", text))
            assert not found, f"{path}: {found} in {text!r}"
    assert read > 500


async def test_no_code_stands_alone_on_a_chinese_page(
    door: Client, signed_in: dict[str, str], site: Site, people: People
) -> None:
    """No unit, channel, act, state or library's word: nothing but what people in the city, and keys, are called."""
    data = sorted({one for one in _data_of(site, people) if one}, key=len, reverse=True)
    strays = set()
    for path in pages(door):
        for text in await _read(door, path, "zh-CN", signed_in):
            left = _FACTS.sub("", _COMMANDS.sub("", text))
            for one in data:
                left = left.replace(one, "")
            strays |= {(path, word, text) for word in BARE.findall(left) if word not in _PROPER}
            strays |= {(path, "", text) for _ in ADDRESS.findall(left)}
    assert not strays, "\n".join(map(str, sorted(strays)))


async def test_no_chinese_stands_on_an_english_page(
    door: Client, signed_in: dict[str, str], site: Site, people: People
) -> None:
    """But for what the site and its people wrote themselves."""
    data = sorted({one for one in _data_of(site, people) if one}, key=len, reverse=True)
    strays = set()
    for path in pages(door):
        if path.startswith(FRAGMENTS):
            continue
        for text in await _read(door, path, "en", signed_in):
            if text in _SIGNS:
                continue
            left = text
            for one in data:
                left = left.replace(one, "")
            strays |= {(path, found) for found in CHINESE.findall(left)}
    assert not strays, "\n".join(map(str, sorted(strays)))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_place_is_called_on_its_page_as_on_the_rail(
    door: Client, signed_in: dict[str, str], site: Site, language: str
) -> None:
    """Whoever goes to a place finds its name there: as a heading, or of the section that speaks for all of it."""
    for stop in RAIL[1:]:
        name = site.texts.say(language, f"console.rail.{stop.name}")
        async with door.get(stop.href, headers={"Cookie": f"{signed_in['Cookie']}; lang={language}"}) as answer:
            html = await answer.text()
        main = html[html.index("<main") :]
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", main, re.DOTALL)
        assert heading is not None
        label = f'aria-label="{name}"' in main
        assert label or re.sub(r"<[^>]+>", "", heading[1]).strip().startswith(name), (stop.name, name, heading[1])
