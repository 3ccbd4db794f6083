"""What the console needs to know. The wiring answers; the console never reaches behind it.

Every method is synchronous, thread-safe and quick (milliseconds), but `replay` and `purge`, which take a second for ten
thousand letters. The console calls them in worker threads. Lists are newest first unless said otherwise.
"""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from cases.kpi import SelfCorrection
from console.desk.alarms import AlarmDesk
from console.desk.cameras import Sights
from console.desk.cases import CaseDesk
from console.desk.casework import CaseworkDesk
from console.desk.devices import DeviceDesk
from console.desk.duty import DutyDesk
from console.desk.figures import FiguresDesk
from console.desk.health import Health
from console.desk.ladders import Judge
from console.desk.letters import Replayed
from console.desk.map import MapDesk
from console.desk.originals import OriginalDesk
from console.desk.review import ReviewDesk
from console.desk.rules import RuleDesk
from console.desk.series import SeriesQuestion
from console.shop.desk import ShopDesk
from domain.case import Alarm, Counts, LogEntry
from domain.ground import Ground
from domain.ladder import Ladder
from domain.message import DeadLetter, RejectReason
from domain.notice import Notice
from domain.order import AlarmOrder, OrderKind
from domain.presence import CameraPresence, DevicePresence
from domain.reading import Value
from domain.silence import Silence


class Desk(CaseDesk, CaseworkDesk, OriginalDesk, MapDesk, DutyDesk, FiguresDesk, Protocol):
    """The state of the city, as the one place that wires everything knows it."""

    def revision(self) -> Hashable:
        """A value that differs from the one before as soon as anything below may have changed."""
        ...

    @property
    def sights(self) -> Sights:
        """One camera at a time: its picture, its looks, its zones."""
        ...

    def health(self) -> Health:
        """How broker, journal and store are. Never raises: what cannot be asked is reported as not working."""
        ...

    def counts(self, on: Ground | None = None) -> Counts:
        """How many alarms, cases, ladders and notices there are, in all or on some ground."""
        ...

    def self_correction(self, on: Ground | None = None) -> SelfCorrection:
        """How many shops put things right themselves, over all episodes so far, or those on some ground."""
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

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm, open or not; None if there is none of this id."""
        ...

    def order(
        self,
        kind: OrderKind,
        alarm_id: int,
        *,
        who: str,
        why: str,
        until_ms: int | None = None,
        instead_of: str | None = None,
    ) -> AlarmOrder:
        """Keep a person's order about an alarm; the rules' next step carries it out. Raises OrderRefused, also for an
        alarm that somebody else has taken on, unless it is taken on `instead_of` them."""
        ...

    def silences(self, *, open_only: bool, limit: int) -> Sequence[Silence]:
        """At most `limit` silences; the open ones are those planned and those in force."""
        ...

    def silence(self, silence: Silence) -> Silence:
        """Keep a new silence; its id and the time of the order are filled in. Raises OrderRefused."""
        ...

    def end_silence(self, silence_id: int, *, who: str) -> Silence:
        """End a silence before its time. Raises OrderRefused."""
        ...

    @property
    def judge(self) -> Judge:
        """Takes what people decide on ladders."""
        ...

    def ladders(self, *, open_only: bool, limit: int) -> Sequence[Ladder]:
        """At most `limit` ladders, the latest started first."""
        ...

    def log(self, *, case_id: str | None = None, alarm_id: int | None = None) -> Sequence[LogEntry]:
        """The whole story of a case, oldest line first, with its ladder's and its alarm's; or that of an alarm."""
        ...

    def notices(self, *, limit: int, case_id: str | None = None) -> Sequence[Notice]:
        """At most `limit` notices; with `case_id` only those of that case and of the ladder before it."""
        ...

    def delivered(self, keys: Sequence[str], at_ms: int) -> int:
        """Notices of these keys, of such digests, or ids of a provider, have arrived; to how many it was news."""
        ...

    def deadletters(
        self,
        *,
        limit: int,
        before_id: int | None = None,
        reason: RejectReason | None = None,
        topic_contains: str | None = None,
    ) -> Sequence[DeadLetter]:
        """At most `limit` dead letters with an id below `before_id`, of one reason, of topics with this in them."""
        ...

    def deadletter(self, letter_id: int) -> DeadLetter | None:
        """One dead letter, or None if there is none of this id."""
        ...

    def deadletter_count(self, *, reason: RejectReason | None = None, topic_contains: str | None = None) -> int:
        """How many dead letters are kept, of all or of such."""
        ...

    def replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:
        """Put the messages of these letters, or of all of a reason, through again. Raises JournalFull."""
        ...

    def purge(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> int:
        """Let these letters go for good, or all of a reason, and return how many there were."""
        ...

    def deadletter_counts(self) -> Mapping[RejectReason, int]:
        """How many dead letters are kept, by reason."""
        ...

    def deadletters_discarded(self) -> Mapping[RejectReason, int]:
        """How many were ever let go because too many were kept, by reason."""
        ...

    def picture(self, name: str) -> Path | None:
        """The blurred copy of an evidence picture; None if there is none or the name is not one of ours."""
        ...

    @property
    def alarm_list(self) -> AlarmDesk:
        """Alarms as people look for them."""
        ...

    @property
    def review(self) -> ReviewDesk:
        """What waits for a person."""
        ...

    @property
    def watched(self) -> DeviceDesk:
        """One device or many: what they said, what rules say of them, and why."""
        ...

    @property
    def rulebook(self) -> RuleDesk:
        """The rules in force, how often they fire, and what a change of them would do."""
        ...

    @property
    def shops(self) -> ShopDesk:
        """What shops' pages are told, and where their word goes."""
        ...

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """The newest stored value of each metric, as (epoch ms, value). Raises StoreUnavailable."""
        ...

    def series(self, question: SeriesQuestion) -> Sequence[tuple[int, Value | None]]:
        """Values as (epoch ms, value), oldest first; or with `every_ms` one figure for each window, None where nothing
        is stored. Raises StoreUnavailable."""
        ...
