"""What is asked of the ingest measurement, and what it answers."""

from msgspec import Struct


class PeerFigures(Struct, frozen=True, kw_only=True):
    """What people write instead, with the same messages."""

    name: str
    msgs_per_s: int
    """From the first message sent to the last one that the store counted."""
    lost: int
    """Messages acknowledged to their sender of which the store has no point, after the peer has stopped in order."""
    messages: int
    seconds: float
    cpu_s: float
    """Of the peer alone."""
    peak_rss_mb: float


class Asked(Struct, frozen=True, kw_only=True):
    """What to measure."""

    messages: int = 200_000
    devices: int = 5000
    ports: int = 2
    latency_s: float = 20.0
    """How long the steady phase lasts; 0: it is left out."""
    peers: bool = True
    peer_messages: int | None = None
    """How many messages each peer gets; None: as many as the product."""
    within_s: float = 1200.0
    """When all must be over."""


class IngestFigures(Struct, frozen=True, kw_only=True):
    """One run. Seconds count from the first message written to the broker."""

    messages: int
    seconds: float
    """Until the last message was acknowledged and stored."""
    msgs_per_s: int
    lost: int
    """Messages, of both phases, that the broker had acknowledged to their sender and that are not in the store."""
    extra: int
    """Points in the store that nobody sent, that are there twice, or that have other values."""
    p50_ms: float | None
    """From writing a critical message to the first answer of `GET /api/v1/alarms` that has its alarm."""
    p99_ms: float | None
    cpu_s: float
    """Processor time of all the product's processes, first phase."""
    peak_rss_mb: float
    """Of all the product's processes together, both phases; shared pages counted once (PSS)."""
    peers: list[PeerFigures] = []
    peers_missing: list[str] = []
    """What was left out, and what would have to be installed."""
    store: str
    devices: int
    ports: int
    payload_bytes: int
    taken_by_broker_s: float
    """When the broker had acknowledged the last one to its sender."""
    journalled_s: float | None
    judged_s: float | None
    unacknowledged: int
    """Messages the broker still held for the product after it had stopped."""
    alarms: int
    """Critical messages in the steady phase."""
    alarms_missing: int
    steady_rate: float
    steady_s: float
    cpu_by_part: dict[str, float]
    """First phase."""
    cpu_by_part_steady: dict[str, float]
    others_cores: float
    """First phase: so many cores were busy with what has nothing to do with it. Above 0.2 the figures are too low."""
    cores: int
    filesystem: str
    load_average: float
    """Of the last minute, before the run."""
