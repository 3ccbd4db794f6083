"""The figures of a period over HTTP: the same that reports print and the page shows."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from msgspec import Meta, field

from cases.kpi.place import By
from cases.kpi.share import Share, Spread
from cases.kpi.sheet import Sheet
from cases.precision import wilson
from console.api import asks
from console.api.ladders import RightOut, right_out
from console.api.reads import Read, Room
from console.api.shapes import Out
from console.figures import asked_period, counted
from console.pages.figures import Grouping
from domain.finding import Severity


class AskFiguresOf(asks.Ask, frozen=True, kw_only=True):
    """Of which days, and shown apart for what. Without days, of the last thirty."""

    first: Annotated[date, Meta(description="the first day, in the site's time zone")] | None = field(
        default=None, name="from"
    )
    to: Annotated[date, Meta(description="the last day, which is part of it")] | None = None
    by: Annotated[Grouping, Meta(description="what `parts` are")] = "sub_district"


class ShareOut(Out, frozen=True, kw_only=True):
    """So many of so many; `value` is 0–1, and null of nothing. `low` and `high` are Wilson's interval of 95 %, null
    where there is none, as of what can be more than all."""

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None


class SpreadOut(Out, frozen=True, kw_only=True):
    """How long things took, in seconds, by the nearest rank; null of nothing."""

    n: int
    median_s: float | None
    p90_s: float | None


class SheetOut(Out, frozen=True, kw_only=True):
    """The figures of a period and a part of the city. What each is a share of stands in docs/figures.md."""

    finds: int
    upheld: int
    opened: int
    closed: int
    deferred: int
    self_correction: ShareOut
    self_correction_strict: ShareOut
    filing: ShareOut
    closing: ShareOut
    on_time: ShareOut
    rework: ShareOut
    repeat: ShareOut
    time_to_correct: SpreadOut
    closed_as: dict[str, int]


class TrendOut(Out, frozen=True, kw_only=True):
    """A day or a week of the period; `to` is its last day."""

    first: date = field(name="from")
    to: date
    figures: SheetOut


class PartOut(Out, frozen=True, kw_only=True):
    """One part: `key` is (district, sub-district), (district, road), (shop id,) or (matter,)."""

    key: list[str]
    figures: SheetOut


class UnitOut(Out, frozen=True, kw_only=True):
    """The cases of one unit."""

    unit: str
    figures: SheetOut


class AlarmFigureOut(Out, frozen=True, kw_only=True):
    """Alarms of one rule that were raised in the period, and how many of them are open."""

    rule_id: str
    title_zh: str
    title_en: str
    severity: Severity
    n: int
    open: int


class NoticeFigureOut(Out, frozen=True, kw_only=True):
    """Notices of one channel that were written in the period; `arrived` are those of which anybody told."""

    channel: str
    n: int
    sent: int
    arrived: int
    failed: int
    waiting: int
    withdrawn: int


class QualityOut(Out, frozen=True, kw_only=True):
    """How much of the city is seen and heard, at the moment of counting."""

    cameras_healthy: ShareOut
    cameras_looked_at: ShareOut
    devices_online: dict[str, ShareOut]


class FiguresOut(Out, frozen=True, kw_only=True):
    """The figures of a period as they stood at `as_of`, and those of as many days before it."""

    first: date = field(name="from")
    to: date
    as_of: datetime
    figures: SheetOut
    before: SheetOut
    trend: list[TrendOut]
    parts: list[PartOut]
    units: list[UnitOut]
    steps: dict[str, SpreadOut]
    overdue: int
    alarms: list[AlarmFigureOut]
    notices: list[NoticeFigureOut]
    rights: list[RightOut]
    quality: QualityOut


def figures(room: Room, ask: AskFiguresOf) -> FiguresOut:
    """How well it works, in shares of a period; each with what it is a share of."""
    first, last = (day.isoformat() if day else "" for day in (ask.first, ask.to))
    period = asked_period(room.site, room.now_ms, days=None, month="", first=first, last=last)
    found = counted(room.desk, room.site, room.caller.scope, period, room.now_ms)
    bulletin, quality = found.bulletin, found.quality
    return FiguresOut(
        first=period.first,
        to=_last(period.after),
        as_of=room.rows.at(found.as_of_ms),
        figures=_sheet(bulletin.city),
        before=_sheet(bulletin.before),
        trend=[TrendOut(first=part.first, to=_last(part.after), figures=_sheet(one)) for part, one in bulletin.trend],
        parts=[PartOut(key=list(part.key), figures=_sheet(part.sheet)) for part in bulletin.parts[By(ask.by)]],
        units=[UnitOut(unit=unit, figures=_sheet(sheet)) for unit, sheet in found.units.items()],
        steps={name: _spread(spread) for name, spread in found.steps.items()},
        overdue=len(bulletin.overdue),
        alarms=[
            AlarmFigureOut(
                rule_id=one.rule_id,
                title_zh=one.title[0],
                title_en=one.title[1],
                severity=one.severity,
                n=one.n,
                open=one.open,
            )
            for one in found.alarms
        ],
        notices=[NoticeFigureOut(**{name: getattr(one, name) for name in _NOTICE}) for one in found.notices],
        rights=[right_out(room.rows, one) for one in found.rights],
        quality=QualityOut(
            cameras_healthy=_share(quality.healthy),
            cameras_looked_at=_share(quality.looked_at),
            devices_online={kind: _share(share) for kind, share in quality.online.items()},
        ),
    )


_NOTICE: Final = NoticeFigureOut.__struct_fields__


def _last(after: date) -> date:
    return date.fromordinal(after.toordinal() - 1)


def _share(share: Share) -> ShareOut:
    known = share.denominator and share.numerator <= share.denominator
    low, high = wilson(share.numerator, share.denominator) if known else (None, None)
    return ShareOut(numerator=share.numerator, denominator=share.denominator, value=share.value, low=low, high=high)


def _spread(spread: Spread) -> SpreadOut:
    median, p90 = (None if ms is None else ms / 1000 for ms in (spread.median_ms, spread.p90_ms))
    return SpreadOut(n=spread.n, median_s=median, p90_s=p90)


def _sheet(sheet: Sheet) -> SheetOut:
    return SheetOut(
        finds=sheet.finds,
        upheld=sheet.upheld,
        opened=sheet.opened,
        closed=sum(sheet.closed_as.values()),
        deferred=sheet.deferred,
        self_correction=_share(sheet.self_correction),
        self_correction_strict=_share(sheet.self_correction_strict),
        filing=_share(sheet.filing),
        closing=_share(sheet.closing),
        on_time=_share(sheet.on_time),
        rework=_share(sheet.rework),
        repeat=_share(sheet.repeat),
        time_to_correct=_spread(sheet.time_to_correct),
        closed_as=sheet.closed_as,
    )


READS: Final[tuple[Read[Any], ...]] = (
    Read(path="/api/v1/figures", ask=AskFiguresOf, answer=figures, shape=FiguresOut),
)
