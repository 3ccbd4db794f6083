"""Alarms and cases as the book keeps them."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from domain.finding import AlarmState, CasePolicy, Evidence, Severity
from domain.time_limit import Tier

OVERFLOW: Final = "overflow"
"""The kind of an alarm that stands for others of its rule, too many to be told of each."""
SERVICE: Final = "service"
"""The kind of an alarm that something of the product itself does not work; it has words of its own."""
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


class CaseState(StrEnum):
    """Where exactly a case is within its step."""

    PENDING_CHECK = "pending_check"  # collected; a person has to check whether it is so (核查)
    PENDING_DISPATCH = "pending_dispatch"  # filed; nobody has it
    PENDING_HANDLE = "pending_handle"  # a unit has it, and has not begun
    RETURNED = "returned"  # the same unit has it again, with a reason (返工)
    HANDLING = "handling"
    DEFERRED = "deferred"  # put off with leave (缓办)
    PENDING_VERIFY = "pending_verify"  # reported as done; a person has to verify it (核实)
    VERIFIED = "verified"
    NOT_ACCEPTED = "not_accepted"  # closed without having been a case
    CLOSED = "closed"
    FORCE_CLOSED = "force_closed"
    RATED = "rated"

    @property
    def step(self) -> CaseStep:
        """Which of the seven steps it belongs to."""
        return _STEP_OF[self]

    @property
    def is_at_work(self) -> bool:
        """Whether it is neither reported as done nor closed."""
        return self.step in _AT_WORK

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is to be done but to rate it."""
        return self.step in {CaseStep.CLOSED, CaseStep.RATED}


_STEP_OF: Final = {
    CaseState.PENDING_CHECK: CaseStep.COLLECTED,
    CaseState.PENDING_DISPATCH: CaseStep.FILED,
    CaseState.PENDING_HANDLE: CaseStep.DISPATCHED,
    CaseState.RETURNED: CaseStep.DISPATCHED,
    CaseState.HANDLING: CaseStep.HANDLING,
    CaseState.DEFERRED: CaseStep.HANDLING,
    CaseState.PENDING_VERIFY: CaseStep.REPORTED,
    CaseState.VERIFIED: CaseStep.VERIFIED,
    CaseState.NOT_ACCEPTED: CaseStep.CLOSED,
    CaseState.CLOSED: CaseStep.CLOSED,
    CaseState.FORCE_CLOSED: CaseStep.CLOSED,
    CaseState.RATED: CaseStep.RATED,
}
_AT_WORK: Final = frozenset({CaseStep.COLLECTED, CaseStep.FILED, CaseStep.DISPATCHED, CaseStep.HANDLING})


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
    state: CaseState
    unit: str
    """Who has to handle it."""
    opened_ms: int
    due_ms: int
    closed_ms: int | None = None
    closed_reason: ClosedReason | None = None
    version: int = 1
    """Counts its changes, so that nobody overwrites what they have not seen."""
    state_ms: int = 0
    """When it came to its state."""
    tier: Tier | None = None
    """Of its place, when it was filed."""
    time_limit: str | None = None
    """What its deadline follows from: `4 working_hours`."""
    sub_district: str | None = None
    grid: str | None = None
    handler: str | None = None
    """The person of the unit who has it."""
    overdue_ms: int | None = None
    """When its deadline passed while it was open. Once set it stays, whatever is decided later."""
    deferred_until_ms: int | None = None
    reworks: int = 0
    """How often it went back to its unit."""
    reopened: int = 0
    duplicate_of: str | None = None
    rating: int | None = None
    """1 (bad) to 5 (good)."""
    rated_by: str | None = None
    context: Evidence | None = None
    onset: Evidence | None = None
    confirmed: Evidence | None = None
    """The newest look that showed it when the case was filed, or joined."""
    cleared: Evidence | None = None

    @property
    def step(self) -> CaseStep:
        """Which of the seven steps it is at."""
        return self.state.step


def moved(case: Case, state: CaseState, now_ms: int) -> Case:
    """The case in another state; in the one it is in already, it has been there since it came."""
    return case if case.state is state else replace(case, state=state, state_ms=now_ms)


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


class OpenAlarms(Struct, frozen=True, kw_only=True):
    """Open alarms of one severity that are silenced until the same time."""

    severity: Severity
    silenced_until_ms: int | None = None
    n: int


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
    standing: tuple[OpenAlarms, ...] = ()
    """All open alarms, the mildest first."""

    def severities(self) -> Counter[Severity]:
        """Open alarms by severity."""
        return self._severities(self.standing)

    def audible(self, now_ms: int) -> Counter[Severity]:
        """Those of them that nobody has silenced."""
        return self._severities(
            one for one in self.standing if one.silenced_until_ms is None or one.silenced_until_ms <= now_ms
        )

    @staticmethod
    def _severities(standing: Iterable[OpenAlarms]) -> Counter[Severity]:
        found = Counter[Severity]()
        for one in standing:
            found[one.severity] += one.n
        return found
