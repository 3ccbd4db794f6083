"""Whoever opens the page at three in the morning sees at the top what is wrong, since when, and what to do."""

import re

import pytest
from msgspec.structs import replace

from config.load import Site
from config.texts import LANGUAGES
from console.city import look
from console.desk.health import CollectorHealth, Health, ReadHealth, StoreHealth
from console.pages import headline
from console.pages.alarms import alarm_rows
from console.pages.looking import View
from console.pages.pictures import Pictures
from console.pages.render import Pages
from console.pages.troubles import amount, trouble_rows
from console.words import Words
from domain.case import Alarm
from domain.clock import ManualClock
from domain.finding import AlarmState, Severity
from domain.service import Trouble, TroubleKind
from tests.console.reader import Client, json_of
from tests.fakes.desk import WELL, FakeDesk, quiet_desk


def _trouble(kind: TroubleKind, now_ms: int, *, minutes: int, severity: Severity = Severity.CRITICAL) -> Trouble:
    return Trouble(kind=kind, severity=severity, since_ms=now_ms - minutes * 60_000)


def _disk_full(now_ms: int) -> Health:
    journal = replace(WELL.journal, size=1910 << 20, writable=False, free_bytes=0)
    trouble = _trouble(TroubleKind.JOURNAL_STOPPED, now_ms, minutes=8)
    return replace(WELL, ingest_paused=True, journal=journal, troubles=(trouble,))


def _store_away(now_ms: int) -> Health:
    journal = replace(WELL.journal, lag_series=81_234, full_in_s=18_000.0)
    trouble = _trouble(TroubleKind.STORE_AWAY, now_ms, minutes=25, severity=Severity.WARN)
    said = StoreHealth(problem="answered 503")
    return replace(WELL, store_reachable=False, journal=journal, store=said, troubles=(trouble,))


def _top(desk: FakeDesk, site: Site, clock: ManualClock, language: str) -> str:
    """The text of the state at the top of the page, without its markup."""
    page = Pages(desk, site, clock).page(View(language=language)) or ""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split('<div class="state')[1].split("</div>")[0]).split())


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("zh-CN", ["需要立即处置", "接收日志写不进去", "自 03:04 起，已 8 分钟", "磁盘剩余 0 B", "怎么办", "腾出"]),
        ("en", ["Act now", "The journal cannot be written", "since 03:04, for 8 min", "0 B are left", "Make room"]),
    ],
)
def test_a_full_disk(site: Site, clock: ManualClock, language: str, parts: list[str]) -> None:
    """In both languages, with the figures that matter."""
    desk = quiet_desk(site, clock.now_ms())
    desk.state = _disk_full(clock.now_ms())
    top = _top(desk, site, clock, language)

    assert [part for part in parts if part not in top] == []


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("zh-CN", ["需要关注", "读数暂时存不进去", "自 02:47 起", "81,234 条", "约 5 小时后写满", "answered 503"]),
        ("en", ["Needs attention", "Readings cannot be stored", "since 02:47", "81,234 records", "in about 5 h"]),
    ],
)
def test_a_store_that_is_away(site: Site, clock: ManualClock, language: str, parts: list[str]) -> None:
    """No alarm is missed meanwhile, and the page says how long it can go on so."""
    desk = quiet_desk(site, clock.now_ms())
    desk.state = _store_away(clock.now_ms())
    top = _top(desk, site, clock, language)

    assert [part for part in parts if part not in top] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_broker_that_is_away_with_its_cause(site: Site, clock: ManualClock, language: str) -> None:
    """Whoever reads the alarm need not look for the cause in the log."""
    desk = quiet_desk(site, clock.now_ms())
    away = CollectorHealth(name="longcheng-x", connected=False, paused=False, trouble="login refused: Not authorized")
    trouble = _trouble(TroubleKind.BROKER_AWAY, clock.now_ms(), minutes=2)
    desk.state = replace(WELL, broker_connected=False, collectors=(away,), troubles=(trouble,))

    said = {"zh-CN": "longcheng-x: 不接受登录：没有权限", "en": "longcheng-x: login refused: Not authorized"}
    assert said[language] in _top(desk, site, clock, language)


def test_a_well_city_has_no_troubles_on_its_page(site: Site, clock: ManualClock) -> None:
    """Nothing is said where nothing is wrong."""
    desk = quiet_desk(site, clock.now_ms())
    assert "怎么办" not in (Pages(desk, site, clock).page(View(language="zh-CN")) or "")


@pytest.mark.parametrize(("severity", "level"), [(Severity.CRITICAL, "critical"), (Severity.WARN, "warn")])
def test_the_level_follows_the_worst_trouble(site: Site, clock: ManualClock, severity: Severity, level: str) -> None:
    """Also one that no other figure of the page shows."""
    desk = quiet_desk(site, clock.now_ms())
    trouble = _trouble(TroubleKind.COLLECTOR_RESTLESS, clock.now_ms(), minutes=1, severity=severity)
    desk.state = replace(WELL, troubles=(trouble,))
    assert headline.level(look(desk, site, clock.now_ms())) == level


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("health", [WELL, replace(WELL, journal=replace(WELL.journal, max_size=0, full_in_s=0.0))])
def test_every_trouble_has_its_words(site: Site, clock: ManualClock, language: str, health: Health) -> None:
    """What, how it is, and what to do, whatever is known and not known."""
    health = replace(
        health,
        collectors=(CollectorHealth(name="one", connected=False, paused=False, restarts=4),),
        read=ReadHealth(failure="StoreUnavailable: {full}"),
        troubles=tuple(_trouble(kind, clock.now_ms(), minutes=1) for kind in TroubleKind),
    )
    rows = trouble_rows(health, site, Words(site, language, clock.now_ms()))

    assert [row.kind for row in rows] == list(TroubleKind)
    for row in rows:
        assert all((row.title, row.detail, row.advice))
    (failing,) = [row for row in rows if row.kind is TroubleKind.RULES_FAILING]
    assert "StoreUnavailable: {full}" in failing.detail


def _alarm(site: Site, kind: TroubleKind, now_ms: int) -> Alarm:
    chinese, english = (site.texts.say(language, f"console.service.{kind}.title") for language in LANGUAGES)
    return Alarm(
        id=900,
        rule_id=kind.rule_id,
        rule_version="built-in",
        title_zh=chinese,
        title_en=english,
        subject=kind.subject,
        kind="service",
        device_id=kind.subject,
        state=AlarmState.FIRING,
        severity=Severity.CRITICAL,
        since_ms=now_ms,
        raised_ms=now_ms,
        seen_ms=now_ms,
    )


@pytest.mark.parametrize("kind", TroubleKind)
def test_its_alarm_is_an_alarm_like_any_other(
    desk: FakeDesk, site: Site, clock: ManualClock, kind: TroubleKind
) -> None:
    """It has no device and no street: its place is the part of this system, its advice the trouble's."""
    words = Words(site, "en", clock.now_ms())
    (row,) = alarm_rows([_alarm(site, kind, clock.now_ms())], site, words, Pictures(desk))

    assert row.place.where == "this system"
    assert row.place.name in {
        "Journal",
        "Broker",
        "Rules",
        "Readings store",
        "Collector",
        "Camera watching",
        "The city's platform",
    }
    assert row.advice == words.say(f"service.{kind}.advice")
    assert (row.value, row.metric, row.limit) == (None, None, None)


async def test_machines_are_told_too(client: Client, desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """The overview names what is wrong; the alarm's advice is that of the page."""
    desk.state = _disk_full(clock.now_ms())
    desk.all_alarms.append(_alarm(site, TroubleKind.JOURNAL_STOPPED, clock.now_ms()))
    (trouble,) = (await json_of(client, "/api/v1/overview"))["system"]["troubles"]
    alarms = (await json_of(client, "/api/v1/alarms"))["items"]
    (alarm,) = [alarm for alarm in alarms if alarm["rule_id"] == "system-journal-stopped"]

    assert (trouble["kind"], trouble["severity"]) == ("journal_stopped", "critical")
    assert trouble["since"] == "2026-08-22T03:04:05+08:00"
    assert alarm["advice_en"].startswith("Make room on the disk")
    assert alarm["place"] is None


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1536, "1.5 KiB"),
        (300 << 20, "300 MiB"),
        (2 << 30, "2.0 GiB"),
        (1 << 50, "1024 TiB"),
    ],
)
def test_sizes_are_told_in_the_unit_that_suits_them(size: int, text: str) -> None:
    """Two digits are enough to act on."""
    assert amount(size) == text
