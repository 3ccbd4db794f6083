"""One device or many as the console needs them: what they last said, what rules say of them, and why."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from config.schema import Words
from console.explained import AboutAlarm, AboutSubject
from domain.case import Alarm, Case
from domain.finding import Severity
from domain.reading import Value
from domain.register import Device


class LimitLine(Struct, frozen=True, kw_only=True):
    """One limit over a stretch of time: values of `low` or less, or of `high` or more, are beyond it."""

    rule_id: str
    title: Words
    severity: Severity
    low: float | None
    high: float | None
    from_ms: int
    to_ms: int
    where: str
    """`trees.yaml:12 tree-tilt`."""
    step: str
    """Who gives it: `subject`, `plan`, `model` or `default`."""
    source: str | None
    confidence: str | None


class DeviceDesk(Protocol):
    """Any thread may ask; every method may raise StoreUnavailable."""

    def newest(self, devices: Sequence[Device]) -> Mapping[str, Mapping[str, tuple[int, Value]]]:
        """By device and metric, the newest value over the device and its ports, as (epoch ms, value); some seconds old
        at most. A device of which nothing is known, or cannot be asked, is left out."""
        ...

    def alarms_of(
        self, device_id: str, *, from_ms: int | None = None, to_ms: int | None = None, limit: int
    ) -> Sequence[Alarm]:
        """Of a device and its ports, newest first; all, or those that stood in a stretch of time."""
        ...

    def cases_of(self, device_id: str, *, limit: int) -> Sequence[Case]:
        """Those that it led to, open ones first."""
        ...

    def limits(self, device_id: str, port: int | None, metric: str, *, from_ms: int, to_ms: int) -> Sequence[LimitLine]:
        """The limits of rules that compare this metric itself, as they hold over a stretch of time."""
        ...

    def explain(self, subject: str) -> AboutSubject:
        """Of a device, or of a port (`cs-007/3`): every rule that watches it, and how it stands. Raises OrderRefused
        if there is none of this name."""
        ...

    def explain_alarm(self, alarm_id: int) -> AboutAlarm:
        """How an alarm came about: takes a second where there is much to play again. Raises OrderRefused."""
        ...
