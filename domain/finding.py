"""What rules conclude: one step in the life of one alarm."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Severity(StrEnum):
    """How bad it is, mildest first."""

    NOTICE = "notice"
    WARN = "warn"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return _RANKS[self]


_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}


class AlarmState(StrEnum):
    """Where an alarm is in its life."""

    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    STALE = "stale"  # it was firing, and then nothing more was heard
    FLAPPING = "flapping"  # it comes and goes so often that nobody is told of each turn
    SILENCED = "silenced"  # a person has said that nobody is to be told, until a time
    ACKED = "acked"  # a person has taken it on
    RESOLVED = "resolved"


class Change(StrEnum):
    """What a finding says happened to its alarm."""

    RAISED = "raised"
    RENEWED = "renewed"  # seen again while firing; carries newer evidence
    STALE = "stale"
    FLAPPING = "flapping"  # comes and goes; the alarm stays open until it is steady again
    RESOLVED = "resolved"


class CasePolicy(StrEnum):
    """What becomes of an alarm."""

    OPEN = "open"  # a case at once
    LADDER = "ladder"  # the shop may correct it first
    NONE = "none"  # shown, nothing more


class Evidence(Struct, frozen=True, kw_only=True):
    """One look that speaks for a finding. `picture` names the kept picture, if there is one."""

    look_id: str
    taken_ms: int
    picture: str | None = None
    picture_sha256: str | None = None
    model: str | None = None
    onset: "Evidence | None" = None
    """The look that first showed it there, if its picture was kept."""
    context: "Evidence | None" = None
    """The last look before that whose picture was kept: the place without it."""


class Finding(Struct, frozen=True, kw_only=True):
    """One step of one alarm. The alarm's identity is (`rule_id`, `subject`)."""

    rule_id: str
    rule_version: str
    """Hash of the rule's text, so that any case can name the rule it was opened by."""
    title_zh: str
    title_en: str
    subject: str
    kind: str
    device_id: str
    """Device or camera the subject belongs to."""
    change: Change
    severity: Severity
    at_ms: int
    """Event time of the reading, look or tick that led to this step."""
    since_ms: int
    """Event time at which the condition began to hold."""
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
    text_zh: str = ""
    """What is wrong, since when, how sure, and what to do first; empty where the rule has no text."""
    text_en: str = ""
    latch: bool = False
    """A latched alarm ends only by a person's word."""

    @property
    def key(self) -> tuple[str, str]:
        """The alarm's identity."""
        return (self.rule_id, self.subject)
