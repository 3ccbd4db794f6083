"""Alarms, ladders and cases as the book keeps them."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from domain.finding import AlarmState, CasePolicy, Evidence, Severity

OVERFLOW: Final = "overflow"
"""The kind of an alarm that stands for others of its rule, too many to be told of each."""
MANY: Final = "@"
"""How its subject and its device begin: no device is called so."""


class Alarm(Struct, frozen=True, kw_only=True):
    """One alarm from raised to resolved. At most one is open for each (rule_id, subject)."""

    id: int
    rule_id: str
    rule_version: str
    title_zh: str
    title_en: str
    subject: str
    kind: str
    device_id: str
    state: AlarmState
    severity: Severity
    since_ms: int
    raised_ms: int
    """Event time of the reading that raised it."""
    seen_ms: int
    """Event time of the newest evidence that it still holds."""
    resolved_ms: int | None = None
    matter: str | None = None
    policy: CasePolicy = CasePolicy.NONE
    port: int | None = None
    zone: str | None = None
    shop_id: str | None = None
    metric: str | None = None
    value: float | None = None
    limit: float | None = None
    limit_source: str | None = None
    evidence: Evidence | None = None
    latch: bool = False
    text_zh: str = ""
    """What is wrong, since when, how sure, and what to do first, when it was last told; empty where none was given."""
    text_en: str = ""
    held: bool = False
    """Whether what it leads to, a case or a ladder, has been held back so far."""
    orphaned: bool = False
    """Whether no rule speaks of it any more, so that only a person can end it."""
    silence_id: int | None = None
    """The silence that covers it."""
    silenced_until_ms: int | None = None
    silenced_by: str | None = None
    silenced_why: str | None = None
    acked_ms: int | None = None
    """When a person last took it on."""
    acked_until_ms: int | None = None
    """Until when that holds; None: to its end."""
    acked_by: str | None = None
    acked_why: str | None = None


def silenced(alarm: Alarm, now_ms: int) -> bool:
    """Whether a person has said that nobody is to be told of it now."""
    return alarm.silenced_until_ms is not None and now_ms < alarm.silenced_until_ms


def acked(alarm: Alarm, now_ms: int) -> bool:
    """Whether a person has taken it on, and that still holds."""
    return alarm.acked_ms is not None and (alarm.acked_until_ms is None or now_ms < alarm.acked_until_ms)


def shown_state(alarm: Alarm, now_ms: int) -> AlarmState:
    """The one state that people are shown: of several the one that says most about what is to be done."""
    if alarm.state is AlarmState.RESOLVED:
        return AlarmState.RESOLVED
    if silenced(alarm, now_ms):
        return AlarmState.SILENCED
    if alarm.state in {AlarmState.FLAPPING, AlarmState.STALE}:
        return alarm.state
    return AlarmState.ACKED if acked(alarm, now_ms) else alarm.state


class LadderStep(StrEnum):
    """Where a matter is on its way from seen to corrected, or to a case."""

    NOTICE_1 = "notice_1"  # told once; waiting for the re-check
    NOTICE_2 = "notice_2"  # told twice; waiting for the last re-check
    SELF_CORRECTED = "self_corrected"
    CASE = "case"


class Ladder(Struct, frozen=True, kw_only=True):
    """One episode: one matter at one place, from confirmation to its end."""

    id: int
    alarm_id: int
    subject: str
    matter: str
    camera_id: str
    shop_id: str | None
    step: LadderStep
    started_ms: int
    recheck_ms: int
    """When the next re-check is due."""
    asked_ms: int | None = None
    """When the camera was last asked for an early look."""
    ended_ms: int | None = None
    context: Evidence | None = None
    """The place before it came."""
    onset: Evidence | None = None
    """When it was first seen; the look that confirmed it, if no earlier picture was kept."""
    confirmed: Evidence | None = None
    """The look on which the rule was sure."""
    cleared: Evidence | None = None
    """The place when it was gone."""


class CaseStep(StrEnum):
    """The seven steps of a case (扶沟县 扶政办〔2019〕3号 and others), `verified` and `closed` told apart."""

    COLLECTED = "collected"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    REPORTED = "reported"
    VERIFIED = "verified"
    CLOSED = "closed"
    RATED = "rated"


class ClosedReason(StrEnum):
    """Why a case was closed. Closed is not the same as fixed."""

    FIXED = "fixed"
    SELF_CORRECTED = "self_corrected"
    NOT_REPRODUCED = "not_reproduced"
    FALSE_POSITIVE = "false_positive"
    DUPLICATE = "duplicate"
    TRANSFERRED = "transferred"
    FORCED = "forced"


class Case(Struct, frozen=True, kw_only=True):
    """A filed case. `id` is YYYYMMDD + six-digit division code + a running number of the day."""

    id: str
    alarm_id: int
    ladder_id: int | None
    matter: str
    title_zh: str
    title_en: str
    subject: str
    kind: str
    device_id: str
    shop_id: str | None
    severity: Severity
    step: CaseStep
    unit: str
    """Who has to handle it."""
    opened_ms: int
    due_ms: int
    closed_ms: int | None = None
    closed_reason: ClosedReason | None = None
    context: Evidence | None = None
    onset: Evidence | None = None
    confirmed: Evidence | None = None
    """The newest look that showed it when the case was filed, or joined."""
    cleared: Evidence | None = None


class LogEntry(Struct, frozen=True, kw_only=True):
    """One line of a story; never changed once written. `what` is a key of the text catalogue, `facts` fill it."""

    id: int
    at_ms: int
    who: str
    what: str
    facts: dict[str, str | float | int | None]
    alarm_id: int | None = None
    ladder_id: int | None = None
    case_id: str | None = None


class Counts(Struct, frozen=True, kw_only=True):
    """How many of everything the book holds. Notices are those for people: commands to machines don't count."""

    alarms_open: int
    alarms_total: int
    cases_open: int
    cases_total: int
    cases_by_kind: dict[str, int]
    """All cases, open and closed, by the kind of device that found them."""
    ladders_open: int
    self_corrected: int
    notices_sent: int
    notices_pending: int
    notices_dead: int
