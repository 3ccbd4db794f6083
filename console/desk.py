"""What the console needs to know. The wiring answers; the console never reaches behind it.

Every method is synchronous, thread-safe and quick (milliseconds), but `replay` and `purge`, which take a second for ten
thousand letters. The console calls them in worker threads. Lists are newest first unless said otherwise.
"""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from cases.kpi import SelfCorrection
from console.desk_alarms import AlarmDesk
from console.desk_cameras import Sights
from console.desk_cases import CaseDesk
from console.desk_casework import CaseworkDesk
from console.desk_devices import DeviceDesk
from console.desk_duty import DutyDesk
from console.desk_figures import FiguresDesk
from console.desk_ladders import Judge
from console.desk_map import MapDesk
from console.desk_originals import OriginalDesk
from console.desk_review import ReviewDesk
from console.desk_rules import RuleDesk
from console.shop.desk import ShopDesk
from domain.case import Alarm, Counts, LogEntry
from domain.ground import Ground
from domain.ladder import Ladder
from domain.message import DeadLetter, RejectReason
from domain.notice import Notice
from domain.order import AlarmOrder, OrderKind
from domain.platform import PlatformStatus
from domain.point import Aggregate
from domain.presence import CameraPresence, DevicePresence
from domain.reading import Value
from domain.service import Requests, Trouble
from domain.silence import Silence


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
    records: int = 0
    oldest_unread_age_s: float = 0.0
    """How long the oldest message has waited that some reader has not passed."""
    full_in_s: float | None = None
    """When it takes no more if things go on as now; None if it isn't filling."""
    damaged_records: int = 0
    """Records that could not be read back, since the file was made."""
    damaged_ranges: int = 0
    """The stretches they lay in, which are kept for inspection."""
    damaged_ms: int | None = None
    """When the last of them was found."""
    free_bytes: int | None = None
    """What is left on its disk."""
    problem: str = ""
    """Why nothing of this is known now, and the figures are the last known ones; empty if they are true."""


class CollectorHealth(Struct, frozen=True, kw_only=True):
    """One connection to the broker. Counts go on over restarts of its process."""

    name: str
    """By which the broker knows it."""
    connected: bool
    paused: bool
    trouble: str = ""
    """Why it is not connected, in words, as far as it is known."""
    session_present: bool | None = None
    """Whether the broker had kept the session at the last connect; None: never connected."""
    received: int = 0
    redelivered: int = 0
    """Those of them that the broker had sent before."""
    journalled: int = 0
    acked: int = 0
    reconnects: int = 0
    restarts: int = 0  # of its process


class ReadHealth(Struct, frozen=True, kw_only=True):
    """What the rules reader found in the journal."""

    parsed: int = 0
    """Messages of which at least a part could be used."""
    rejected: dict[RejectReason, int] = {}
    """Messages of which at least a part could not, by reason."""
    letters: dict[RejectReason, int] = {}
    """Dead letters written, by reason."""
    late: int = 0
    """Readings older than one read before of the same device or port."""
    ahead: int = 0
    """Readings whose time was not believed: too far ahead."""
    behind: int = 0
    """And too far back."""
    skews_s: dict[str, float] = {}
    """How far the clocks of devices are ahead that are not believed."""
    batches: int = 0
    commits: int = 0
    failure: str = ""
    """What its last step failed of; empty if it did not."""
    restarts: int = 0
    """How often its process had to be started again."""


class StoreHealth(Struct, frozen=True, kw_only=True):
    """The series store, as seen by who writes to it."""

    requests: Requests = Requests()
    dropped: int = 0
    """Points it will never take; they are dead letters."""
    lost_rows: dict[str, int] = {}
    """Rows that the server took and let fall, by its reason."""
    lost_ms: int | None = None
    """When these last grew."""
    problem: str = ""
    """What it said when it last took nothing; empty while it takes writes."""
    restarts: int = 0
    """How often the process that writes to it had to be started again."""


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
    collectors: tuple[CollectorHealth, ...] = ()
    read: ReadHealth = ReadHealth()
    store: StoreHealth = StoreHealth()
    rules_problem: str = ""
    """What is wrong with the site's rules and limits as the files are now; then those of before are in force."""
    watch_problems: tuple[str, ...] = ()
    """What is wrong with each `watch` on the same data folder that something is wrong with."""
    platform: PlatformStatus | None = None  # the city's, where the site has one
    troubles: tuple[Trouble, ...] = ()
    """What is wrong, and for long enough to be told; the worst first."""


class Replayed(Struct, frozen=True, kw_only=True):
    """What became of the messages whose dead letters were to be replayed."""

    messages: int
    """All that were chosen."""
    replayed: int
    """Of these, back in the journal."""
    letters: int
    """Letters that are gone with them."""
    still_refused: int
    """Left as they were, because they would be refused for the same reasons again."""
    dry_run: bool = False
    """Only counted, and nothing done."""


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

    def order(self, kind: OrderKind, alarm_id: int, *, who: str, why: str, until_ms: int | None = None) -> AlarmOrder:
        """Keep a person's order about an alarm; the rules' next step carries it out. Raises OrderRefused."""
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

    def series(
        self,
        kind: str,
        device_id: str,
        port: int | None,
        metric: str,
        *,
        start_ms: int,
        stop_ms: int,
        every_ms: int | None,
        aggregate: Aggregate,
    ) -> Sequence[tuple[int, Value | None]]:
        """Values of one metric with start ≤ time < stop, as (epoch ms, value), oldest first; or with `every_ms` one
        figure for each window, None where nothing is stored. Raises StoreUnavailable."""
        ...
