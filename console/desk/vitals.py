"""What the console needs to know of the product itself beyond `Health`."""

from msgspec import Struct


class Beat(Struct, frozen=True, kw_only=True, gc=False):
    """How things stood at a moment. Counts run since the start of the process."""

    at_ms: int
    received: int
    stored: int
    lag_rules: int
    lag_series: int


class Evidence(Struct, frozen=True, kw_only=True):
    """How much room the pictures take, when that was last counted. Sizes in bytes."""

    pictures: int
    size: int
    max_size: int
    counted_ms: int


class RulesInForce(Struct, frozen=True, kw_only=True):
    """The rules that are judged by."""

    rules: int
    since_ms: int
    """When they were last taken over from the files."""


class Backup(Struct, frozen=True, kw_only=True):
    """The newest backup that was taken of this data folder."""

    taken_ms: int
    to: str = ""
    """The file's path; empty: standard output, wherever that went."""
    size: int = 0
    """Of the file, in bytes; 0 where it is not known."""
    without: tuple[str, ...] = ()
    """What was left out by order: `series`, `evidence`, `cases`."""
    verified_ms: int | None = None
    """When all of it was read back and found right; None: not yet."""


class ModelInUse(Struct, frozen=True, kw_only=True):
    """The detector of a `watch` that runs now."""

    watch: str
    """The name that the `watch` has at the broker."""
    name: str
    """Of the model's file."""
    sha256: str
    labels: tuple[str, ...]
    """Our words for all that it knows."""
    since_ms: int
    """When it was loaded."""
    named: bool = True
    """Whether the settings, as they are now, name this one; else another is loaded at the next start."""


class Vitals(Struct, frozen=True, kw_only=True):
    """The product itself."""

    version: str
    """Of the program."""
    reads_by: str
    """A fingerprint of the registers and profiles it reads messages by."""
    started_ms: int
    beats: tuple[Beat, ...] = ()
    """Of the last hour, oldest first."""
    disk_size: int | None = None
    disk_free: int | None = None
    evidence: Evidence | None = None
    """None until it has been counted."""
    rules: RulesInForce | None = None
    oldest_notice_ms: int | None = None
    """From when the longest waiting notice could have gone out; None: none waits."""
    backup: Backup | None = None
    """None: none was ever taken."""
    models: tuple[ModelInUse, ...] = ()
    """Of each `watch` that runs on this data folder; one on another machine is not known of."""
