"""What is asked of the vision measurement, and what it answers."""

from collections.abc import Callable

from msgspec import Struct

Progress = Callable[[str, int, int], None]
"""Told the phase, how far it is, and of how much."""


class Asked(Struct, frozen=True, kw_only=True):
    """What to measure."""

    cameras: int = 671
    sweeps: int = 10
    """Of every camera, with every frame inferred; the memory must be flat over them."""
    dead: int = 34
    """Cameras that accept and say nothing, in the sweeps with dead hosts."""
    peers: bool = True
    streams: int = 8
    """RTSP streams opened at once by OpenCV and by us; 0: left out."""
    model: str = ""
    """Empty: the shipped detector."""
    within_s: float = 1800.0
    """When all must be over."""


class Stages(Struct, frozen=True, kw_only=True):
    """Mean of a look, milliseconds by the clock: with two looks at a time on two cores, waiting is in it."""

    fetch: float
    decode: float
    health: float
    detect: float
    places: float
    publish: float


class PeerFigures(Struct, frozen=True, kw_only=True):
    """What people use instead, with the same pictures from the same cameras."""

    name: str
    looks_per_s: float
    looks: int
    cpu_ms_per_look: float
    peak_rss_mb: float
    ratio: float | None = None
    """Our looks a second over its own, with the same weights."""


class BroughtFigures(Struct, frozen=True, kw_only=True):
    """A model of the size people bring: YOLO11n of Ultralytics at 640 pixels, with random weights."""

    looks_per_s: float
    """The whole product, every frame inferred, with Ultralytics' own ONNX export of the weights."""
    peer_looks_per_s: float
    """`ultralytics predict` with the .pt file; fetching and decoding go ahead in threads."""
    ratio: float
    sweeps_s: list[float]
    cpu_ms_per_look: float
    peer_cpu_ms_per_look: float
    peak_rss_mb: float
    peer_peak_rss_mb: float


class StreamFigures(Struct, frozen=True, kw_only=True):
    """RTSP: each camera's share of a core."""

    streams: int
    video: str
    opencv_cores_per_camera: float
    """`VideoCapture`, reading all frames, as they come."""
    ours_cores_per_camera: float
    """A visit a minute: open, one key frame, close."""
    ours_visit_ms: float
    """By the clock, median: most of it is waiting for the key frame."""
    ours_visit_cpu_ms: float
    ratio: float


class VisionFigures(Struct, frozen=True, kw_only=True):
    """One run."""

    cameras: int
    sweep_s: float
    """Every camera looked at once, every frame inferred: median of the sweeps."""
    sweep_gated_s: float
    """The same with unchanged views skipped."""
    looks_per_s: float
    """Of the sweeps with every frame inferred."""
    stages_ms: Stages
    dead_hosts_ratio: float | None
    """p95 of a healthy camera's visit, from its beginning to the finished look, with dead hosts over without; the
    worse of the sweeps with every frame inferred and those with unchanged views skipped."""
    peak_rss_mb: float
    rss_growth_mb: float
    """Between the first sweep's end and the last one's."""
    peers: list[PeerFigures] = []
    ratio: float | None = None
    """Our looks a second over those of `ultralytics` predicting with the same file, which is the peer of that name:
    fetching and decoding go ahead in threads."""
    ratio_best: float | None = None
    """… and over the best of the peers with the same weights."""
    yolo11n: BroughtFigures | None = None
    peers_missing: list[str] = []
    streams: StreamFigures | None = None
    model: str
    model_sha256: str
    sweeps_s: list[float]
    sweeps_gated_s: list[float]
    skipped_share: float
    """Of the gated sweeps' looks."""
    cpu_ms_per_look: float
    dead_hosts: int
    visit_p95_ms: list[float]
    """With every frame inferred, and with unchanged views skipped."""
    visit_p95_dead_ms: list[float]
    picture_bytes: int
    """Mean."""
    looks_by_view: dict[str, int]
    sightings: int
    """Looks of one sweep with something in a zone."""
    pictures_kept: int
    published: int
    """Looks that the broker has acknowledged."""
    others_cores: float
    """What had nothing to do with it kept so many cores busy. Above 0.2 the figures are too low."""
    cores: int
    load_average: float
    """Of the last minute, before the run."""
