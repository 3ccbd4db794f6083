"""Alarms on the page: what they say, how they stand, and what people have said of them."""

import pytest
from msgspec.structs import replace

from config.load import Site
from console.city import look
from console.pages import headline
from console.pages.alarms import AlarmRow, alarm_rows
from console.pages.looking import View
from console.pages.pictures import Pictures
from console.pages.render import Pages
from console.words import Words
from domain.case import Alarm
from domain.clock import ManualClock
from domain.finding import AlarmState, Severity
from domain.order import Holder
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import HOSTILE

HOUR_MS = 3_600_000


def silenced(alarm: Alarm, until_ms: int) -> Alarm:
    """Nobody is told of it until then."""
    return replace(alarm, silence_id=3, silenced_until_ms=until_ms, silenced_by="李姐", silenced_why="检修", held=True)


def taken_on(alarm: Alarm, at_ms: int, until_ms: int | None = None) -> Alarm:
    """Somebody sees to it."""
    return replace(alarm, acked_ms=at_ms, acked_until_ms=until_ms, acked_by="王工", acked_why="已派人到场")


def row_of(alarm: Alarm, desk: FakeDesk, site: Site, clock: ManualClock, language: str = "en") -> AlarmRow:
    """The alarm as a row."""
    (row,) = alarm_rows([alarm], site, Words(site, language, clock.now_ms()), Pictures(desk))
    return row


def test_a_row_says_who_has_said_what_and_until_when(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """In both languages, as long as it holds."""
    now_ms = clock.now_ms()
    alarm = taken_on(silenced(desk.all_alarms[0], now_ms + HOUR_MS), now_ms, now_ms + 2 * HOUR_MS)
    english, chinese = (row_of(alarm, desk, site, clock, language) for language in ("en", "zh-CN"))
    assert english.state is AlarmState.SILENCED
    assert english.notes == (
        "silenced by 李姐 until 04:12, nobody is told: 检修",
        "taken on by 王工 until 05:12: 已派人到场",
        "its case or its reminder waits until the silence is over",
    )
    assert chinese.notes[0] == "李姐设为静默至 04:12，期间不通知：检修"

    clock.advance(seconds=3600)
    later = row_of(alarm, desk, site, clock)
    assert (later.state, later.notes) == (AlarmState.ACKED, ("taken on by 王工 until 05:12: 已派人到场",))
    clock.advance(seconds=3600)
    assert row_of(alarm, desk, site, clock).notes == ()
    assert row_of(taken_on(alarm, now_ms), desk, site, clock).notes == ("taken on by 王工: 已派人到场",)


def test_who_is_on_it_is_known_for_as_long_as_it_holds(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """From whom somebody else may take it over."""
    now_ms = clock.now_ms()
    row = row_of(taken_on(desk.all_alarms[0], now_ms, now_ms + HOUR_MS), desk, site, clock)
    assert (row.may_ack, row.taken) == (False, Holder(who="王工", since_ms=now_ms))
    clock.advance(seconds=3600)
    row = row_of(taken_on(desk.all_alarms[0], now_ms, now_ms + HOUR_MS), desk, site, clock)
    assert (row.may_ack, row.taken) == (True, None)


def test_a_row_says_what_must_be_known_beside(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """That it comes and goes; that only a person will end it, and how."""
    alarm = replace(desk.all_alarms[0], state=AlarmState.FLAPPING, orphaned=True)
    flaps, orphaned = row_of(alarm, desk, site, clock).notes
    assert "comes and goes" in flaps
    assert orphaned.endswith("longcheng rules release 1")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_shows_them(desk: FakeDesk, site: Site, clock: ManualClock, language: str) -> None:
    """Words for each state, the alarm's own text instead of the general advice, and nobody's markup."""
    now_ms = clock.now_ms()
    first, second, third, *rest = desk.all_alarms
    first = replace(first, text_zh="漏电 31 mA，先断电", text_en="31 mA leak. First: power off.")
    second = replace(second, state=AlarmState.FLAPPING)
    third = replace(taken_on(third, now_ms), acked_why=HOSTILE)
    desk.all_alarms = [first, second, third, *rest]
    page = Pages(desk, site, clock).page(View(language=language)) or ""
    wanted = {
        "zh-CN": ("漏电 31 mA，先断电", "不稳定", "已接手", "告警 1<"),
        "en": ("31 mA leak. First: power off.", "flapping", "taken on", "alarm 1<"),
    }
    assert all(words in page for words in wanted[language])
    assert HOSTILE not in page


def test_what_is_silenced_is_counted_and_raises_nobody(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """It is no call to act, and is not passed over in silence either; many of a rule are one row."""
    desk.all_cases = []
    desk.all_alarms = [
        silenced(replace(desk.all_alarms[0], id=n, subject=f"charger-01/{n}"), clock.now_ms() + HOUR_MS)
        for n in range(1, 5)
    ]
    words = Words(site, "en", clock.now_ms())
    city = look(desk, site, clock.now_ms())
    assert city.severities[Severity.CRITICAL] == 4
    assert headline.level(city) == "warn"  # for the cameras that nobody has looked through
    assert headline.lead(city, words) == ["4 alarms silenced."]
    assert {tile.key: tile.value for tile in headline.tiles(city, words)}["critical"] == "0"
    (row,) = alarm_rows(city.alarms, site, words, Pictures(desk))
    assert len(row.same) == 3


def test_one_that_stands_for_many_has_no_place(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """It says so."""
    alarm = replace(desk.all_alarms[0], kind="overflow", device_id="@overflow", subject="@overflow", port=None)
    assert row_of(alarm, desk, site, clock).place.name == "many subjects"


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "自 02:48 起，历时 2 分钟"), ("en", "from 02:48, for 2 min")])
def test_what_is_over_lasted_to_its_end(
    desk: FakeDesk, site: Site, clock: ManualClock, language: str, said: str
) -> None:
    """And is no older each time that somebody looks; on its own page, too."""
    first = desk.all_alarms[0]
    began_ms = clock.now_ms() - 24 * 60_000
    over = {"state": AlarmState.RESOLVED, "resolved_ms": began_ms + 2 * 60_000}
    desk.all_alarms = [replace(first, since_ms=began_ms, raised_ms=began_ms, **over)]
    pages = Pages(desk, site, clock)
    views = (
        View(language=language, name="alarms", asked=(("state", "over"),)),
        View(language=language, name="alarm", about=str(first.id)),
    )
    for view in views:
        assert said in (pages.page(view) or ""), view


@pytest.mark.parametrize(
    ("language", "name"),
    [("zh-CN", "消息代理报告已离线，无消息"), ("en", "the broker said it went offline; silent for")],
)
def test_what_went_offline_was_not_silent_below_its_limit(
    desk: FakeDesk, site: Site, clock: ManualClock, language: str, name: str
) -> None:
    """The broker said so, seconds after the last word: no limit was reached, and the silence goes on."""
    now_ms = clock.now_ms()
    silent = next(one for one in desk.all_alarms if one.rule_id == "charger-silent")
    silent = replace(silent, since_ms=now_ms - 31_000, raised_ms=now_ms - 26_001, value=4.999, limit=15.0)
    row = row_of(silent, desk, site, clock, language)
    assert (row.metric, row.limit, row.limit_said, row.limit_source) == (name, None, None, None)
    assert (row.value or "").startswith("31 ")


@pytest.mark.parametrize(
    ("since", "raised_after", "ended", "said"),
    [
        (31, 15.72, None, "31 秒"),
        (95, 90.0, None, "1 分钟 30 秒"),
        (200, 15.72, None, "3 分钟"),
        (500, 15.72, 220.004, "3 分钟 40 秒"),
    ],
)
def test_a_silence_is_as_long_as_it_is_now(
    desk: FakeDesk, site: Site, clock: ManualClock, since: int, raised_after: float, ended: float | None, said: str
) -> None:
    """By the minute once it is longer, never shorter than its limit; of one that is over, to its end."""
    since_ms = clock.now_ms() - since * 1000
    over = {} if ended is None else {"state": AlarmState.RESOLVED, "resolved_ms": since_ms + round(ended * 1000)}
    silent = next(one for one in desk.all_alarms if one.rule_id == "charger-silent")
    silent = replace(silent, since_ms=since_ms, value=raised_after, limit=15.0, **over)
    row = row_of(silent, desk, site, clock, "zh-CN")
    assert (row.metric, row.value, row.limit_said) == ("无消息", said, "限值 15 秒")
