"""What each read answers, made of the nouns in shapes.py.

`next` of a list is the `cursor` of the page after this one; null: there is none.
"""

from datetime import datetime

from console.api.shapes import (
    AlarmOut,
    CameraOut,
    CaseOut,
    DeadLetterOut,
    DeviceOut,
    LadderOut,
    NoticeOut,
    Out,
    SilenceOut,
    StoryLineOut,
    TroubleOut,
)


class SelfCorrectionOut(Out, frozen=True, kw_only=True):
    """Of the `n` episodes of which a notice went out, `corrected` were seen clear before a case. `strict_n` counts
    all confirmed episodes. A rate is null without any."""

    corrected: int
    n: int
    rate: float | None
    strict_n: int
    strict_rate: float | None


class KpiOut(Out, frozen=True, kw_only=True):
    """The bureau's figures so far."""

    as_of: datetime
    self_correction: SelfCorrectionOut
    cases_open: int
    cases_overdue: int
    cases_total: int
    cases_total_by_kind: dict[str, int]
    notices_sent: int
    notices_pending: int
    notices_dead: int


class SystemOut(Out, frozen=True, kw_only=True):
    """How the product itself is doing. Sizes in bytes, lags in records."""

    broker_connected: bool
    ingest_paused: bool
    messages_received: int
    readings_stored: int
    newest_at: datetime | None
    journal_head: int
    journal_size: int
    journal_max_size: int
    journal_writable: bool
    lag_rules: int
    lag_series: int
    store_reachable: bool
    rule_faults: dict[str, int]
    troubles: list[TroubleOut]


class OverviewOut(Out, frozen=True, kw_only=True):
    """The first page as data. `level` is critical, warn or calm."""

    site: str
    name_zh: str
    name_en: str
    as_of: datetime
    level: str
    alarms_open: dict[str, int]
    cases_open: int
    cases_open_by_kind: dict[str, int]
    cases_overdue: int
    ladders_open: int
    self_correction: SelfCorrectionOut
    cameras: dict[str, int]
    devices: dict[str, int]
    dead_letters: dict[str, int]
    system: SystemOut


class LatestOut(Out, frozen=True, kw_only=True):
    """The newest stored value of one metric."""

    at: datetime
    value: bool | int | float
    unit: str | None


class ReadingsOut(Out, frozen=True, kw_only=True):
    """The newest stored values of a device, or of one port of it, by metric."""

    kind: str
    device_id: str
    port: int | None
    metrics: dict[str, LatestOut]


class SeriesPointOut(Out, frozen=True, kw_only=True):
    """A stored value at its time, or a window's figure at the window's start: null where nothing was measured."""

    at: datetime
    value: bool | int | float | None


class SeriesOut(Out, frozen=True, kw_only=True):
    """One metric over time, oldest first. Without `every_s`, the values as they are stored."""

    kind: str
    device_id: str
    port: int | None
    metric: str
    unit: str | None
    every_s: float | None
    aggregate: str | None
    points: list[SeriesPointOut]


class AlarmsOut(Out, frozen=True, kw_only=True):
    """Alarms, open ones worst first, all others newest first. `total` counts all that are open, or all that there are,
    whatever else was named."""

    items: list[AlarmOut]
    next: str | None = None
    total: int


class CasesOut(Out, frozen=True, kw_only=True):
    """Cases in the order that was asked for. `total` counts all that fit."""

    items: list[CaseOut]
    next: str | None = None
    total: int


class CaseStoryOut(Out, frozen=True, kw_only=True):
    """One case with everything that happened."""

    case: CaseOut
    story: list[StoryLineOut]


class LaddersOut(Out, frozen=True, kw_only=True):
    """Ladders, the latest started first."""

    items: list[LadderOut]
    next: str | None = None
    total: int | None = None


class CamerasOut(Out, frozen=True, kw_only=True):
    """Cameras, those that cannot see first."""

    items: list[CameraOut]
    next: str | None = None
    total: int


class DevicesOut(Out, frozen=True, kw_only=True):
    """Devices, those out of reach first."""

    items: list[DeviceOut]
    next: str | None = None
    total: int


class DeadLettersOut(Out, frozen=True, kw_only=True):
    """Dead letters, newest first. `total` counts all that fit what was asked."""

    items: list[DeadLetterOut]
    next: str | None = None
    total: int


class ReplayedOut(Out, frozen=True, kw_only=True):
    """Of the `messages` chosen, `replayed` are back in the journal and their `letters` gone. The others would be
    refused for the same reasons again (`still_refused`), and stay as they were."""

    messages: int
    replayed: int
    letters: int
    still_refused: int


class ReceiptsOut(Out, frozen=True, kw_only=True):
    """How many notices were not known to have arrived before."""

    notices: int


class PurgedOut(Out, frozen=True, kw_only=True):
    """How many letters are gone for good."""

    letters: int


class SilencesOut(Out, frozen=True, kw_only=True):
    """Silences, newest first."""

    items: list[SilenceOut]
    next: str | None = None
    total: int | None = None


class NoticesOut(Out, frozen=True, kw_only=True):
    """Notices, newest first. Of a part of the city a page may have fewer than were asked for, and a next one."""

    items: list[NoticeOut]
    next: str | None = None
