"""What `longcheng bench rules` answers."""

from msgspec import Struct


class KindFigures(Struct, frozen=True, kw_only=True):
    """The rules of one kind alone, over the same traffic."""

    rules: int
    evals_per_s: int


class RulePeerFigures(Struct, frozen=True, kw_only=True):
    """What people write instead: every value against every threshold that is about it, and nothing remembered."""

    name: str
    evals_per_s: int
    breaches: int
    """How many checks said yes; the same for all of them."""


class RulesFigures(Struct, frozen=True, kw_only=True):
    """One run, on one core, in one process. An evaluation is one value (or look) heard by one watch.

    A watch is one rule over one subject. A rule that concludes from several values is evaluated once for each
    observation that brings one of them. What silence rules are asked is not counted.
    """

    evals_per_s: int
    readings_per_s: int
    """Readings of all metrics of one moment, and looks."""
    subjects: int
    """Devices, ports and cameras."""
    peak_rss_mb: float
    """Of the measuring process, in which the traffic lies ready, too."""
    state_commit_ms: float
    """Everything that a second of traffic changed into the case store, durably; median."""
    replay_days_per_minute: float
    """Of 339 trees and 400 ports, out of an embedded store."""
    subject_bytes_median: int
    """What the engine keeps of one device, port or camera after days of traffic, without what all of them share."""
    subject_bytes_by_kind: dict[str, int]
    evaluations: int
    readings: int
    watches: int
    rules: int
    alarms: int
    cpu_s: float
    """Processor time of the evaluations: all rates are by it, so that what else the machine does counts little."""
    build_s: float
    """From rules and registers to an engine that listens."""
    by_kind: dict[str, KindFigures]
    peers: list[RulePeerFigures]
    peers_missing: list[str]
    cores: int
    load_average: float
    """Of the last minute, before the run."""
