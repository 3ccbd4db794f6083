"""A watch: one rule over one subject, with the little it must remember."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import msgspec

from domain.finding import CasePolicy, Change, Evidence, Finding
from domain.reading import Value
from domain.sighting import Sighting
from rules.rule import Rule

State = TypeVar("State", bound=msgspec.Struct)


class Watch(ABC, Generic[State]):
    """What every watch is. `state` is frozen and small; None when there is nothing to remember."""

    __slots__ = ("device_id", "key", "port", "rule", "shop_id", "state", "subject", "zone")
    remembers: type[State]

    def __init__(
        self,
        rule: Rule,
        device_id: str,
        *,
        port: int | None = None,
        zone: str | None = None,
        shop_id: str | None = None,
    ) -> None:
        part = port if port is not None else zone
        self.rule = rule
        self.device_id = device_id
        self.port = port
        self.zone = zone
        self.shop_id = shop_id
        self.subject = device_id if part is None else f"{device_id}/{part}"
        self.key = (rule.id, self.subject)
        self.state: State | None = None

    def restore(self, saved: bytes) -> None:
        """Take up what `dump` gave. Raises msgspec.MsgspecError if it is not that."""
        self.state = msgspec.json.decode(saved, type=self.remembers)

    def dump(self) -> bytes | None:
        """The state as bytes; None when there is nothing to remember."""
        return None if self.state is None else msgspec.json.encode(self.state)

    @property
    @abstractmethod
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""

    @abstractmethod
    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word; what comes next starts from nothing. None if it was not firing."""

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
    ) -> Finding:
        """A step of this watch's alarm."""
        spec = self.rule.spec
        return Finding(
            rule_id=spec.id,
            rule_version=self.rule.version,
            title_zh=spec.title.zh,
            title_en=spec.title.en,
            subject=self.subject,
            kind=spec.for_each.kind,
            device_id=self.device_id,
            change=change,
            severity=spec.severity,
            at_ms=at_ms,
            since_ms=since_ms,
            matter=spec.case.matter if spec.case else None,
            policy=spec.case.policy if spec.case else CasePolicy.NONE,
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

    __slots__ = ("high", "late_ms", "low", "metric")
    metric: str
    low: float
    high: float
    late_ms: int | None
    """How old a late value may be to raise it; None: none does."""

    def beyond(self, value: Value) -> bool:
        """Whether the value is not quiet. What is no number at all says nothing."""
        return value <= self.low or value >= self.high

    @abstractmethod
    def value(self, value: Value, at_ms: int, *, again: bool) -> Finding | None:
        """One value, never older than the newest heard, but for a late one that raises; `again`: exactly as old."""

    @abstractmethod
    def unheard(self, at_ms: int) -> Finding | None:
        """The device fell silent."""


class LookWatch(Watch[State]):
    """Hears the looks of one camera, each newer than the one before."""

    __slots__ = ()

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
