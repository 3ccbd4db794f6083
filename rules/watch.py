"""A watch: one rule over one subject, with the little it must remember."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from sys import intern
from typing import Generic, NamedTuple, TypeVar

import msgspec

from domain.case import Alarm
from domain.finding import AlarmState, CasePolicy, Change, Evidence, Finding, Severity
from domain.reading import Value
from domain.sighting import Sighting
from rules.remembered import Kept, Memory, decoder_of
from rules.rule import Rule

State = TypeVar("State", bound=msgspec.Struct)
Key = tuple[str, str]
"""A rule's id and a subject."""
_BARE = b"{"
"""How a state begins that is saved by itself."""


class Watch(ABC, Generic[State]):
    """What every watch is. `state` is frozen and small; None when there is nothing to remember."""

    __slots__ = ("device_id", "memory", "port", "rule", "state", "subject")
    remembers: type[State]
    memory: Memory[State] | None
    """What the engine remembers of it beside; the watch itself has no use for it."""
    zone: str | None = None
    shop_id: str | None = None

    def __init__(self, rule: Rule, device_id: str, *, port: int | None = None, zone: str | None = None) -> None:
        part = port if port is not None else zone
        self.rule = rule
        self.device_id = device_id
        self.port = port
        self.subject = device_id if part is None else intern(f"{device_id}/{part}")
        self.state: State | None = None
        self.memory = None

    @property
    def key(self) -> Key:
        """The identity of its alarm."""
        return (self.rule.id, self.subject)

    def restore(self, saved: bytes) -> None:
        """Take up what `dump` gave. Raises msgspec.MsgspecError if it is not that."""
        if saved[:1] == _BARE:
            self.state = msgspec.json.decode(saved, type=self.remembers)
        else:
            kept = decoder_of(self.remembers).decode(saved)
            self.state, self.memory = kept.state, kept.memory

    def dump(self) -> bytes | None:
        """What is remembered, as bytes: the state alone in JSON, or all of it; None when there is nothing."""
        if self.memory is not None:
            return msgspec.msgpack.encode(Kept(self.state, self.memory))
        return None if self.state is None else msgspec.json.encode(self.state)

    @property
    @abstractmethod
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""

    @property
    def alarm(self) -> AlarmState | None:
        """Where its alarm is in its life; None when there is nothing to remember.

        A kind whose state does not say it under `state` says it here.
        """
        said = getattr(self.state, "state", None)
        if isinstance(said, AlarmState):
            return said
        return AlarmState.FIRING if self.standing else None if self.state is None else AlarmState.PENDING

    @property
    def since_ms(self) -> int | None:
        """Since when what it remembers holds, in event time; as for `alarm`, under `since_ms` of the state."""
        since_ms = getattr(self.state, "since_ms", None)
        return since_ms if isinstance(since_ms, int) else None

    def retold(self, change: Change, at_ms: int) -> Finding | None:
        """Its standing alarm, told once more as this change; None if it stands not. Nothing is remembered of it."""
        state = self.state
        told = self.release(at_ms)
        self.state = state
        return None if told is None else msgspec.structs.replace(told, change=change)

    @abstractmethod
    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word; what comes next starts from nothing. None if it was not firing."""

    @abstractmethod
    def adopt(self, alarm: Alarm) -> None:
        """Take up an open alarm that nothing is remembered of, as if it had raised it: it ends by data as ever."""

    def finding(
        self,
        change: Change,
        *,
        at_ms: int,
        since_ms: int,
        metric: str | None = None,
        value: float | None = None,
        limit: float | None = None,
        limit_source: str | None = None,
        evidence: Evidence | None = None,
        latch: bool = False,
        severity: Severity | None = None,
    ) -> Finding:
        """A step of this watch's alarm; `severity` where it is not the rule's."""
        spec = self.rule.spec
        severity = severity or spec.severity
        return Finding(
            rule_id=spec.id,
            rule_version=self.rule.version,
            title_zh=spec.title.zh,
            title_en=spec.title.en,
            subject=self.subject,
            kind=spec.for_each.kind,
            device_id=self.device_id,
            change=change,
            severity=severity,
            at_ms=at_ms,
            since_ms=since_ms,
            matter=spec.case.matter if spec.case else None,
            policy=spec.case.policy_of(severity) if spec.case else CasePolicy.NONE,
            port=self.port,
            zone=self.zone,
            shop_id=self.shop_id,
            metric=metric,
            value=value,
            limit=limit,
            limit_source=limit_source,
            evidence=evidence,
            latch=latch,
        )


class ValueWatch(Watch[State]):
    """Hears the values of one metric of one device or port.

    The engine skips a value strictly between `low` and `high` while there is no state: nothing can come of it.
    """

    __slots__ = ("gap_ms", "high", "late_ms", "low", "metric")
    metric: str
    low: float
    high: float
    gap_ms: int
    """What was heard longer ago than this is known of now no more."""
    late_ms: int | None
    """How old a late value may be to raise it, or to make it worse; None: none does."""

    @property
    def lateness_ms(self) -> int:
        """How long the rule waits for values that come out of order; 0: it hears them as they come."""
        return round(getattr(self.rule.spec, "lateness", 0.0) * 1000)

    def beyond(self, value: Value) -> bool:
        """Whether the value is not quiet. What is no number at all says nothing."""
        return value <= self.low or value >= self.high

    def worse(self, value: Value, than: Value) -> bool:
        """Whether of two values of one moment the first is the one that counts.

        By default what lies further beyond the quiet values, or nearer to them; where these say nothing, the larger.
        Whatever a kind says instead must be an order: of any values, whichever come first, the same one counts.
        """
        return (max(self.low - value, value - self.high), value) > (max(self.low - than, than - self.high), than)

    def shown(self, value: Value) -> float:
        """The value as a finding shows it."""
        return float(value)

    @abstractmethod
    def value(self, value: Value, at_ms: int) -> Finding | None:
        """One value, newer than all that were heard, but for a late one that raises.

        The answer must follow from the state, the value and its time alone. Of several values of one moment the engine
        asks for the first and for every worse one, with the state as it was before that moment. It never asks for what
        is not a number.
        """

    def lifted_by(self, value: Value, at_ms: int) -> bool:
        """Whether a late value that is not quiet changes anything: by default only what is idle is raised by it."""
        del value, at_ms
        return self.state is None

    def late(self, value: Value, at_ms: int) -> Finding | None:
        """A value from before the newest, by which it is lifted. It never eases or clears anything."""
        return self.value(value, at_ms)

    @abstractmethod
    def unheard(self, at_ms: int) -> Finding | None:
        """The device fell silent."""


class LookWatch(Watch[State]):
    """Hears the looks of one camera, each newer than the one before."""

    __slots__ = ("shop_id", "zone")

    def __init__(self, rule: Rule, camera_id: str, *, zone: str | None = None, shop_id: str | None = None) -> None:
        super().__init__(rule, camera_id, zone=zone)
        self.zone = zone
        self.shop_id = shop_id

    @abstractmethod
    def look(self, sighting: Sighting) -> Finding | None:
        """One look."""


class SilenceWatch(Watch[State]):
    """Hears whether one device, camera or feed is heard of at all. All times are times of receipt.

    The engine asks nothing of it before the silence is as long as it allows.
    """

    __slots__ = ("allowed_ms", "yields")
    allowed_ms: int
    """How long a silence may be, without the time that is excused."""
    yields: bool
    """Whether the silence of the gateway or the feed that it is heard through stands for its own."""

    @abstractmethod
    def tick(self, now_ms: int, heard_ms: int, excused_ms: int) -> Finding | None:
        """Time has passed.

        `heard_ms`: when the device was last heard, or when we began to listen. `excused_ms`: for how much of the time
        since then nothing could be heard of it.
        """

    @abstractmethod
    def offline(self, at_ms: int, heard_ms: int) -> Finding | None:
        """The broker says that the device is gone."""

    @abstractmethod
    def heard(self, at_ms: int) -> Finding | None:
        """Something came from the device."""


class Newest(NamedTuple):
    """The newest value of a metric, and its event time."""

    value: Value
    at_ms: int


class DerivedWatch(Watch[State]):
    """Concludes from other watches, and from the newest values of some metrics of its own subject.

    It is asked after all that one observation, tick or word of a person led to, whenever one of its `parents` has
    learned something or one of its `metrics` came: at most once, and after those of its parents that are derived
    themselves. Watches that conclude from each other in a circle are refused.
    """

    __slots__ = ("metrics", "parents")
    parents: tuple[Key, ...]
    """Rule id and subject of each watch it must know of, once it is bound."""
    metrics: tuple[str, ...]
    """Metrics of its own device or port, or those of the port's device that the port itself never sends."""

    @abstractmethod
    def bind(self, known: Mapping[str, AbstractSet[str]]) -> None:
        """Learn which watches there are: by rule id, their subjects. Called once, before all else."""

    @property
    def due_ms(self) -> int | None:
        """When time alone changes its answer: at the first tick from then on it is asked too. None: never."""
        return None

    def is_quiet(self, values: Mapping[str, Newest]) -> bool:
        """Whether nothing can come of these, the newest of all its values, while nothing is remembered.

        The engine then does not ask. Whatever is answered, `evaluate` must say the same.
        """
        del values
        return False

    @abstractmethod
    def evaluate(
        self, at_ms: int, standing: Mapping[Key, AlarmState | None], values: Mapping[str, Newest]
    ) -> Finding | None:
        """What follows at this moment, never before one that it was asked for.

        `standing` has where the alarm of every parent is in its life, RESOLVED where there is none; None if that
        cannot be known, because there is no such watch, it has heard nothing yet, or its device is silent. `values`
        has each of its metrics that was ever heard. The answer must follow from the state and these alone: for one
        moment it may be asked again, with the state of before it.
        """

    @abstractmethod
    def unheard(self, at_ms: int) -> Finding | None:
        """The device fell silent."""
