"""Silences: what they cover, and what happens to alarms as they begin and end."""

from collections.abc import Callable
from fnmatch import fnmatchcase

from msgspec.structs import replace

from cases import story
from cases.scene import scene_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm, LogEntry
from domain.event import SILENCE_ENDED, SILENCE_ORDERED
from domain.finding import Severity
from domain.silence import Silence, SilenceState


def covers(silence: Silence, alarm: Alarm, site: Site) -> bool:
    """Whether it speaks of this alarm. What lives may depend on is covered only where that is said in so many words."""
    if is_safety(alarm) and not silence.even_critical:
        return False
    location = scene_of(alarm, site).location
    patterns = (
        (silence.rule_id, alarm.rule_id),
        (silence.subject, alarm.subject),
        (silence.device_id, alarm.device_id),
        (silence.kind, alarm.kind),
        (silence.sub_district, location.sub_district if location else ""),
    )
    return all(pattern is None or fnmatchcase(value, pattern) for pattern, value in patterns)


def is_safety(alarm: Alarm) -> bool:
    """Whether it is critical, or only a person may end it."""
    return alarm.latch or alarm.severity is Severity.CRITICAL


def ordered(silence: Silence) -> LogEntry:
    """The line that somebody has ordered it. What it covers has lines of its own."""
    named = (silence.rule_id, silence.subject, silence.device_id, silence.kind, silence.sub_district)
    facts: dict[str, str | float | int | None] = {
        "silence_id": silence.id,
        "covers": " · ".join(one for one in named if one) or "*",
        "person": silence.who,
        "why": silence.why,
        "begins_ms": silence.from_ms,
        "until_ms": silence.until_ms,
    }
    return LogEntry(id=0, at_ms=silence.given_ms, who=silence.who, what=SILENCE_ORDERED, facts=facts)


def ended_early(silence_id: int, who: str, now_ms: int) -> LogEntry:
    """The line that somebody has ended it before its time."""
    facts: dict[str, str | float | int | None] = {"silence_id": silence_id, "person": who}
    return LogEntry(id=0, at_ms=now_ms, who=who, what=SILENCE_ENDED, facts=facts)


def marked(alarm: Alarm, silence: Silence) -> Alarm:
    """The alarm as covered by a silence."""
    return replace(
        alarm,
        silence_id=silence.id,
        silenced_until_ms=silence.until_ms,
        silenced_by=silence.who,
        silenced_why=silence.why,
    )


def unmarked(alarm: Alarm) -> Alarm:
    """The alarm as covered by none."""
    return replace(alarm, silence_id=None, silenced_until_ms=None, silenced_by=None, silenced_why=None)


class Silencing:
    """A silenced alarm is raised, shown and logged, and nobody is told; what that held back happens afterwards."""

    def __init__(self, site: Site, lead: Callable[[BookTransaction, Alarm, int], None]) -> None:
        """`lead` does what an alarm leads to."""
        self._site = site
        self._lead = lead

    def covering(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> Silence | None:
        """Of the silences that cover an alarm now the one that lasts longest."""
        return next((one for one in tx.silences_held(now_ms) if covers(one, alarm, self._site)), None)

    def note(self, tx: BookTransaction, alarm: Alarm, silence: Silence, now_ms: int) -> None:
        """What is kept back from now on, and a line that says so."""
        tx.put_off_notices(alarm.id, silence.until_ms)
        what = "alarm_silenced_safety" if is_safety(alarm) else "alarm_silenced"
        who, why, until_ms = silence.who, silence.why, silence.until_ms
        said = story.line(who, what, now_ms, alarm, silence_id=silence.id, person=who, why=why, until_ms=until_ms)
        tx.append_log(said)

    def reconsider(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> Alarm:
        """The alarm after it has changed: worse than a silence covers, it is silent no longer."""
        if alarm.silence_id is None or self.covering(tx, alarm, now_ms) is not None:
            return alarm
        tx.append_log(story.line("rules", "alarm_past_silence", now_ms, alarm, person=alarm.silenced_by))
        tx.bring_forward_notices(alarm.id, now_ms)
        return unmarked(alarm)

    def tick(self, tx: BookTransaction, now_ms: int) -> None:
        """Silences that begin or end by now."""
        for silence in tx.silences_due(now_ms):
            if silence.is_over(now_ms):
                tx.save_silence(replace(silence, state=SilenceState.OVER))
                for alarm in tx.alarms_silenced_by(silence.id):
                    self._lift(tx, alarm, silence, now_ms)
            else:
                tx.save_silence(replace(silence, state=SilenceState.IN_FORCE))
                for alarm in tx.every_open_alarm():
                    self._cover(tx, alarm, silence, now_ms)

    def _cover(self, tx: BookTransaction, alarm: Alarm, silence: Silence, now_ms: int) -> None:
        longer = alarm.silenced_until_ms is None or alarm.silenced_until_ms < silence.until_ms
        if alarm.silence_id == silence.id or not longer or not covers(silence, alarm, self._site):
            return
        covered = marked(alarm, silence)
        tx.save_alarm(covered)
        self.note(tx, covered, silence, now_ms)

    def _lift(self, tx: BookTransaction, alarm: Alarm, silence: Silence, now_ms: int) -> None:
        if other := self.covering(tx, alarm, now_ms):
            covered = marked(alarm, other)
            tx.save_alarm(covered)
            tx.bring_forward_notices(alarm.id, now_ms)
            self.note(tx, covered, other, now_ms)
            return
        audible = replace(unmarked(alarm), held=False)
        tx.save_alarm(audible)
        early = silence.ended_by is not None
        what, person = ("alarm_unsilenced_early", silence.ended_by) if early else ("alarm_unsilenced", silence.who)
        tx.append_log(story.line(person or "book", what, now_ms, audible, person=person))
        tx.bring_forward_notices(alarm.id, now_ms)
        if alarm.held:
            self._lead(tx, audible, now_ms)
