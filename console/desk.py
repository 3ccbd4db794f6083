"""What the console needs to know. The wiring answers; the console never reaches behind it.

Every method is synchronous, thread-safe and quick (milliseconds), and only reads. The console calls them in worker
threads, from several requests at once. Lists are newest first unless said otherwise.
"""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from cases.kpi import SelfCorrection
from domain.case import Alarm, Case, Counts, Ladder, LogEntry
from domain.message import DeadLetter, RejectReason
from domain.notice import Notice
from domain.presence import CameraPresence, DevicePresence
from domain.reading import Value


class JournalHealth(Struct, frozen=True, kw_only=True):
    """The journal between the broker and everyone else. Sizes in bytes, lags in records."""

    head: int
    size: int
    max_size: int
    writable: bool
    lag_rules: int
    """Records the rules have not read yet."""
    lag_series: int
    """Records the series store has not taken yet."""


class Health(Struct, frozen=True, kw_only=True):
    """How the product itself is doing. Counts run since the start of the process."""

    broker_connected: bool
    ingest_paused: bool
    """True while the journal takes no more and messages are left unacknowledged at the broker."""
    messages_received: int
    readings_stored: int
    """Field values in the series store."""
    journal: JournalHealth
    store_reachable: bool
    rules_failing: bool = False
    """True while the rules reader fails, so that no message is judged."""
    rule_faults: dict[str, int] = {}
    """By rule: how often it failed instead of answering."""


class Desk(Protocol):
    """The state of the city, as the one place that wires everything knows it."""

    def revision(self) -> Hashable:
        """A value that differs from the one before as soon as anything below may have changed."""
        ...

    def health(self) -> Health:
        """How broker, journal and store are. Never raises: what cannot be asked is reported as not working."""
        ...

    def counts(self) -> Counts:
        """Whole-store counts of alarms, cases, ladders and notices."""
        ...

    def self_correction(self) -> SelfCorrection:
        """How many shops put things right themselves, over all episodes so far."""
        ...

    def devices(self) -> Sequence[DevicePresence]:
        """Every registered device, heard of or not, in any order."""
        ...

    def cameras(self) -> Sequence[CameraPresence]:
        """Every registered camera, looked at or not, in any order."""
        ...

    def alarms(self, *, open_only: bool, limit: int) -> Sequence[Alarm]:
        """At most `limit` alarms."""
        ...

    def cases(self, *, limit: int) -> Sequence[Case]:
        """At most `limit` cases; the open ones come before the closed ones."""
        ...

    def case(self, case_id: str) -> Case | None:
        """One case, or None if there is none of this number."""
        ...

    def ladders(self, *, open_only: bool, limit: int) -> Sequence[Ladder]:
        """At most `limit` ladders, the latest started first."""
        ...

    def log(self, *, case_id: str) -> Sequence[LogEntry]:
        """The whole story of a case, oldest line first, with its ladder's and its alarm's."""
        ...

    def notices(self, *, limit: int, case_id: str | None = None) -> Sequence[Notice]:
        """At most `limit` notices; with `case_id` only those of that case and of the ladder before it."""
        ...

    def deadletters(self, *, limit: int, before_id: int | None = None) -> Sequence[DeadLetter]:
        """At most `limit` dead letters with an id below `before_id`."""
        ...

    def deadletter_counts(self) -> Mapping[RejectReason, int]:
        """How many dead letters are kept, by reason."""
        ...

    def picture(self, name: str) -> Path | None:
        """The blurred copy of an evidence picture; None if there is none or the name is not one of ours."""
        ...

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """The newest stored value of each metric, as (epoch ms, value). Raises StoreUnavailable."""
        ...
