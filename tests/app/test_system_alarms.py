"""Trouble with the product itself ends up where people look: an ordinary alarm, and a word to the duty desk."""

import logging

import pytest
from msgspec.structs import replace

from app.wellbeing.selfwatch import Selfwatch
from app.wellbeing.system_alarms import SystemAlarms
from console.desk.health import Health
from domain.case import Alarm
from domain.finding import AlarmState, CasePolicy, Severity
from domain.notice import Notice
from domain.silence import Silence
from tests.app.line import NOON_MS, Line
from tests.app.unwritable import unwritable
from tests.app.wellbeing import AWAY, HIGH_WATER, NO_BROKER, STOPPED, filled
from tests.fakes.desk import WELL


class Night:
    """A night over a real case store: health is set, time passes, and what is written is read back."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.health: Health = WELL
        self.begin_anew()

    def begin_anew(self) -> None:
        """As after a start of the product."""
        self.watch = Selfwatch(high_water=HIGH_WATER)
        self._alarms = SystemAlarms(
            site=self.line.site,
            store=self.line.store,
            selfwatch=self.watch,
            health=lambda: self.health,
            clock=self.line.clock,
        )

    def pass_time(self, health: Health, seconds: int) -> None:
        """So it is for so long."""
        self.health = health
        for _ in range(0, seconds, 2):
            assert self._alarms.step() == 2.0
            self.line.clock.advance(seconds=2)

    @property
    def alarms(self) -> list[Alarm]:
        """All of them, the oldest first."""
        return self.line.store.alarms(open_only=False)[::-1]

    @property
    def notices(self) -> list[Notice]:
        """All of them, the oldest first."""
        return self.line.store.notices(limit=100)[::-1]


@pytest.fixture
def night(line: Line) -> Night:
    """Nothing has happened yet."""
    return Night(line)


def test_a_full_disk_is_an_alarm_and_a_word_at_either_end(night: Night) -> None:
    """Who, since when, and what to do, in both languages; when it is over, that it is."""
    night.pass_time(filled(STOPPED, 1.0), 600)
    night.pass_time(WELL, 130)

    stopped, filling = night.alarms
    assert (stopped.rule_id, stopped.subject, stopped.kind) == ("system-journal-stopped", "service/journal", "service")
    assert (stopped.severity, stopped.policy) == (Severity.CRITICAL, CasePolicy.NONE)
    assert (stopped.since_ms, stopped.raised_ms) == (NOON_MS, NOON_MS + 4000)
    assert (filling.rule_id, filling.severity) == ("system-journal-filling", Severity.WARN)
    assert {alarm.state for alarm in night.alarms} == {AlarmState.RESOLVED}
    begins, ends = night.notices
    assert (begins.step, ends.step) == ("system_begins", "system_ends")
    assert {begins.recipient, ends.recipient} == {night.line.site.settings.notices.duty_desk}
    assert {begins.alarm_id, ends.alarm_id} == {stopped.id}
    assert "自 12:00 起" in str(begins.body["text_zh"])
    assert "The journal is 100% full (2.0 GiB of 2.0 GiB)" in str(begins.body["text_en"])
    assert "Make room on the disk" in str(begins.body["text_en"])
    assert "is over" in str(ends.body["text_en"])
    assert "for 10 min" in str(ends.body["text_en"])
    assert begins.body["severity"] == "critical"


def test_what_is_silenced_wakes_nobody_until_the_silence_is_over(night: Night) -> None:
    """The disk is being changed, and everybody knows; should it take longer, they are told then."""
    silence = Silence(
        id=0, rule_id="system-journal-*", who="李姐", why="换盘", from_ms=NOON_MS, until_ms=NOON_MS + 300_000,
        even_critical=True, given_ms=NOON_MS,
    )  # fmt: skip
    with night.line.store.transaction() as tx:
        tx.add_silence(silence)
    night.pass_time(filled(STOPPED, 1.0), 290)
    assert night.notices == []
    assert {alarm.silenced_by for alarm in night.alarms} == {"李姐"}

    night.pass_time(filled(STOPPED, 1.0), 620)
    assert [notice.step for notice in night.notices] == ["system_begins"]


def test_a_warning_wakes_nobody(night: Night) -> None:
    """A store that is away for a night is bridged by the journal: an alarm to see, and no word."""
    night.pass_time(AWAY, 600)

    (alarm,) = night.alarms
    assert (alarm.rule_id, alarm.severity, alarm.resolved_ms) == ("system-store-away", Severity.WARN, None)
    assert night.notices == []


def test_a_warning_that_turns_critical_is_told_then(night: Night) -> None:
    """One alarm that has got worse, and one word, however often it gets worse again."""
    night.pass_time(AWAY, 200)
    for _ in range(3):
        night.pass_time(filled(AWAY, 0.85), 100)
        night.pass_time(filled(AWAY, 0.5), 200)

    stores = [alarm for alarm in night.alarms if alarm.rule_id == "system-store-away"]
    assert [alarm.severity for alarm in stores] == [Severity.WARN]
    assert [notice.step for notice in night.notices] == ["system_begins"]


def test_a_restart_goes_on_with_what_it_finds(night: Night) -> None:
    """The same alarm with its own beginning, the same word once; it ends though another process saw it begin."""
    night.pass_time(NO_BROKER, 100)
    night.begin_anew()
    night.pass_time(NO_BROKER, 100)
    night.pass_time(WELL, 70)

    (alarm,) = night.alarms
    assert alarm.since_ms == NOON_MS
    assert alarm.state is AlarmState.RESOLVED
    assert [notice.step for notice in night.notices] == ["system_begins", "system_ends"]


def test_what_was_over_while_nobody_looked_ends_too(night: Night) -> None:
    """The product was down when the broker came back."""
    night.pass_time(NO_BROKER, 100)
    night.begin_anew()
    night.pass_time(WELL, 70)

    assert [alarm.state for alarm in night.alarms] == [AlarmState.RESOLVED]


def test_a_case_store_that_takes_nothing_is_told_once_and_made_up_for(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    """The same full disk: the log has it once, the page knows it at once, and the book as soon as it can."""
    with caplog.at_level(logging.INFO), unwritable(night.line.folder):
        night.pass_time(filled(STOPPED, 1.0), 20)
        night.pass_time(STOPPED, 280)
        assert [trouble.kind.value for trouble in night.watch.troubles] == ["journal_stopped"]
        assert night.alarms == []
        complaints = [one for one in caplog.records if "cannot be recorded" in one.getMessage()]
        assert [one.levelno for one in complaints] == [logging.ERROR]
        assert "system-journal-stopped" in complaints[0].getMessage()
        night.pass_time(WELL, 100)
    with caplog.at_level(logging.INFO):
        night.pass_time(WELL, 2)

    (alarm,) = night.alarms
    assert (alarm.since_ms, alarm.state) == (NOON_MS, AlarmState.RESOLVED)
    assert [notice.step for notice in night.notices] == ["system_begins", "system_ends"]
    assert "The journal is 100% full" in str(night.notices[0].body["text_en"]), "the figures of then"
    assert caplog.records[-1].getMessage() == "system alarms are recorded again"


def test_the_next_trouble_is_another_alarm_and_another_word(night: Night) -> None:
    """Once over it is over; what comes an hour later is news."""
    for _ in range(2):
        night.pass_time(NO_BROKER, 100)
        night.pass_time(WELL, 3600)

    assert len(night.alarms) == 2
    assert [notice.step for notice in night.notices] == ["system_begins", "system_ends"] * 2
    assert len({notice.key for notice in night.notices}) == 4


def test_it_gets_worse_though_the_clock_was_set_back(night: Night) -> None:
    """The book takes what is newer; a warning must not stay one for that."""
    night.pass_time(AWAY, 130)
    night.line.clock.advance(seconds=-3600)
    night.pass_time(filled(AWAY, 0.9), 10)

    (alarm,) = [alarm for alarm in night.alarms if alarm.rule_id == "system-store-away"]
    assert alarm.severity is Severity.CRITICAL


def test_words_that_hold_whatever_a_server_says_are_sent(night: Night) -> None:
    """What a store answers goes into the text as it is, braces and all."""
    odd = replace(AWAY, store=replace(AWAY.store, problem="answered {500} %s " + "x" * 1000))
    night.pass_time(filled(odd, 0.9), 200)

    (notice,) = [notice for notice in night.notices if notice.subject == "service/store"]
    assert "answered {500} %s x" in str(notice.body["text_en"])
    assert len(str(notice.body["text_en"])) < 1000
