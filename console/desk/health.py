"""How broker, journal, stores and rules are doing, as the console is told."""

from msgspec import Struct

from domain.message import RejectReason
from domain.platform import PlatformStatus
from domain.service import Requests, Trouble


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
