"""Our nouns as the API shows them. Names of fields carry units; times are RFC 3339 with the site's offset."""

from datetime import datetime

from msgspec import Struct

from console.city import Reach
from domain.case import CaseState, CaseStep, ClosedReason
from domain.finding import AlarmState, CasePolicy, Severity
from domain.ladder import LadderStep
from domain.message import RejectReason
from domain.notice import NoticeState
from domain.order import OrderKind, Outcome
from domain.service import TroubleKind
from domain.time_limit import Tier


class Out(Struct, frozen=True, kw_only=True):
    """Base of all answers."""

    @property
    def etag(self) -> str:
        """What a reader is told to ask by whether it has changed; empty: nothing."""
        return ""


class EvidenceOut(Out, frozen=True, kw_only=True):
    """One look that speaks for a finding. `picture` is where its blurred copy is served, if one was kept."""

    look_id: str
    taken_at: datetime
    picture: str | None
    picture_sha256: str | None
    model: str | None


class PlaceOut(Out, frozen=True, kw_only=True):
    """Where something stands. WGS-84 degrees."""

    name: str
    district: str
    sub_district: str
    road: str
    lon_deg: float
    lat_deg: float


class AckedOut(Out, frozen=True, kw_only=True):
    """Who has taken an alarm on, and why; without `until`, to its end."""

    at: datetime
    by: str
    why: str
    until: datetime | None


class SilencedOut(Out, frozen=True, kw_only=True):
    """The silence that covers an alarm: nobody is told of it until then."""

    silence_id: int
    by: str
    why: str
    until: datetime


class AlarmOut(Out, frozen=True, kw_only=True):
    """One alarm. Its identity is (`rule_id`, `subject`) while it is open.

    `state` is the one to show, of several what says most about what is to be done: resolved, silenced, flapping, stale,
    acked, recovering, firing. `held`: what it leads to, a case or a reminder, is held back. `orphaned`: no rule speaks
    of it any more, so that only a person can end it. `text_*`: what is wrong, since when, how sure, what to do first.
    """

    id: int
    rule_id: str
    rule_version: str
    title_zh: str
    title_en: str
    severity: Severity
    state: AlarmState
    subject: str
    kind: str
    device_id: str
    port: int | None
    zone: str | None
    shop_id: str | None
    place: PlaceOut | None
    since: datetime
    raised_at: datetime
    seen_at: datetime
    resolved_at: datetime | None
    metric: str | None
    unit: str | None
    value: float | None
    limit: float | None
    limit_source: str | None
    latch: bool
    matter: str | None
    policy: CasePolicy
    advice_zh: str | None
    advice_en: str | None
    text_zh: str
    text_en: str
    held: bool
    orphaned: bool
    acked: AckedOut | None
    silenced: SilencedOut | None
    evidence: EvidenceOut | None


class OrderOut(Out, frozen=True, kw_only=True):
    """A person's order about an alarm. `outcome` is null until the rules' next step has carried it out. `instead_of` is
    whom it takes the alarm over from, in the answer to the order itself."""

    id: int
    kind: OrderKind
    alarm_id: int
    who: str
    why: str
    given_at: datetime
    until: datetime | None
    done_at: datetime | None
    outcome: Outcome | None
    instead_of: str | None = None


class SilenceOut(Out, frozen=True, kw_only=True):
    """Nobody is told of alarms that fit all of the patterns, from a time until a time; null fits all.

    Those that are critical or latched are covered only with `even_critical`.
    """

    id: int
    rule: str | None
    subject: str | None
    device: str | None
    kind: str | None
    sub_district: str | None
    who: str
    why: str
    begins: datetime
    until: datetime
    even_critical: bool
    given_at: datetime
    ended_at: datetime | None
    ended_by: str | None


class TroubleOut(Out, frozen=True, kw_only=True):
    """Something that is wrong with the product itself, and for long enough to be told."""

    kind: TroubleKind
    severity: Severity
    since: datetime
    title_zh: str
    title_en: str


class CaseOut(Out, frozen=True, kw_only=True):
    """One case. `version` counts its changes, and is its ETag. `step_due_at`: until when it has to leave its state."""

    id: str
    alarm_id: int
    ladder_id: int | None
    matter: str
    title_zh: str
    title_en: str
    severity: Severity
    step: CaseStep
    state: CaseState
    state_since: datetime
    version: int
    subject: str
    kind: str
    device_id: str
    shop_id: str | None
    place: PlaceOut | None
    sub_district: str | None
    grid: str | None
    unit: str
    handler: str | None
    opened_at: datetime
    due_at: datetime
    step_due_at: datetime | None
    tier: Tier | None
    time_limit: str | None
    overdue: bool
    """Whether a deadline ever passed before it was reported as done; that stays."""
    overdue_at: datetime | None
    deferred_until: datetime | None
    reworks: int
    reopened: int
    duplicate_of: str | None
    closed_at: datetime | None
    closed_reason: ClosedReason | None
    rating: int | None
    rated_by: str | None
    context: EvidenceOut | None
    onset: EvidenceOut | None
    confirmed: EvidenceOut | None
    cleared: EvidenceOut | None


class StoryLineOut(Out, frozen=True, kw_only=True):
    """One line of a story: the key and its facts (as recorded, epoch ms under names ending `_ms`), and the words."""

    id: int
    at: datetime
    who: str
    what: str
    facts: dict[str, str | float | int | None]
    text_zh: str
    text_en: str


class LadderOut(Out, frozen=True, kw_only=True):
    """One episode of one matter at one place, from seen to corrected, or to a case."""

    id: int
    alarm_id: int
    subject: str
    matter: str
    camera_id: str
    shop_id: str | None
    place: PlaceOut | None
    step: LadderStep
    started_at: datetime
    recheck_at: datetime
    ended_at: datetime | None
    context: EvidenceOut | None
    onset: EvidenceOut | None
    confirmed: EvidenceOut | None
    cleared: EvidenceOut | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    permit: str | None
    contested_at: datetime | None


class CameraOut(Out, frozen=True, kw_only=True):
    """One camera. `view` is `unknown` where nobody looked, or not for three of its intervals."""

    camera_id: str
    place: PlaceOut
    view: str
    fault: str | None
    interval_s: float
    taken_at: datetime | None
    healthy_at: datetime | None


class DeviceOut(Out, frozen=True, kw_only=True):
    """One device and whether it can be heard."""

    device_id: str
    kind: str
    profile: str
    ports: int
    place: PlaceOut
    reach: Reach
    seen_at: datetime | None


class DeadLetterOut(Out, frozen=True, kw_only=True):
    """A message, or a part of one, that could not be used. `payload_base64` is all of it, as received."""

    id: int
    seq: int
    topic: str
    payload_base64: bytes
    qos: int
    retain: bool
    dup: bool
    received_at: datetime
    reason: RejectReason
    part: str
    detail: str
    decoder: str


class NoticeOut(Out, frozen=True, kw_only=True):
    """One message to one recipient."""

    id: int
    key: str
    channel: str
    recipient: str
    step: str
    subject: str
    body: dict[str, str | float | int | bool | None]
    state: NoticeState
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str | None
    alarm_id: int | None
    ladder_id: int | None
    case_id: str | None
