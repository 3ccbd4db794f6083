"""The figures of a period: counted once for all who ask for it, by what reports are counted by."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from cases.kpi.bulletin import Bulletin, count, read_history
from cases.kpi.period import Period, Span
from cases.kpi.share import Share, Spread
from cases.kpi.sheet import Sheet
from cases.kpi.steps import TOLD_OF_STEPS, step_times
from cases.kpi.units import by_unit
from cases.precision import Standing
from config.load import Site
from console.city import UNKNOWN, Reach, cameras_now, devices_now
from console.desk.city import Desk
from domain.clock import utc
from domain.errors import OrderRefused
from domain.figures import AlarmTally, NoticeTally
from domain.finding import Severity
from domain.notice import NoticeState
from domain.sighting import ViewHealth

LONGEST_DAYS: Final = 400
_STEADY_S: Final = 60.0
_PATIENCE_S: Final = 0.3
_AT_FIRST: Final = 30


class AlarmFigure(Struct, frozen=True, kw_only=True):
    """Alarms of one rule and severity that were raised in the period."""

    rule_id: str
    title: tuple[str, str]
    severity: Severity
    n: int
    open: int


class NoticeFigure(Struct, frozen=True, kw_only=True):
    """Notices of one channel that were written in the period; `arrived` are those of which anybody told."""

    channel: str
    n: int
    sent: int
    arrived: int
    failed: int
    waiting: int
    withdrawn: int


class Quality(Struct, frozen=True, kw_only=True):
    """Whether what is counted was seen at all: how cameras and devices are at the moment of counting."""

    healthy: Share
    """Cameras with a healthy view ÷ all."""
    looked_at: Share
    """Cameras looked at of late, whatever was seen ÷ all."""
    online: dict[str, Share]
    """By kind: devices that can be heard ÷ all."""


class Figures(Struct, frozen=True, kw_only=True):
    """All figures of one period."""

    bulletin: Bulletin
    units: Mapping[str, Sheet]
    steps: Mapping[str, Spread]
    closed: int
    """Times a case was closed in the period."""
    alarms: tuple[AlarmFigure, ...]
    notices: tuple[NoticeFigure, ...]
    rights: tuple[Standing, ...]
    quality: Quality

    @property
    def as_of_ms(self) -> int:
        """When it was counted."""
        return self.bulletin.as_of_ms


def asked_period(site: Site, now_ms: int, *, days: int | None, month: str, first: str, last: str) -> Period:
    """What somebody asks for; the last 30 days if nothing. Raises OrderRefused."""
    today = utc(now_ms).astimezone(site.timezone).date()
    try:
        if month:
            period = Period.read(Span.MONTH, month, site.timezone)
        elif first or last:
            begin = date.fromisoformat(first) if first else date.fromisoformat(last) - timedelta(days=_AT_FIRST - 1)
            period = Period.read(Span.DAYS, f"{begin}..{last or today}", site.timezone)
        else:
            back = timedelta(days=(days or _AT_FIRST) - 1)
            period = Period.read(Span.DAYS, f"{today - back}..{today}", site.timezone)
    except (ValueError, OverflowError) as wrong:
        raise OrderRefused(f"there is no such period: {wrong}") from None
    if period.from_ms >= now_ms:
        raise OrderRefused(f"{period.name} has not begun")
    if (period.after - period.first).days > LONGEST_DAYS:
        raise OrderRefused(f"{period.name} is longer than {LONGEST_DAYS} days; use `longcheng report`")
    return period


def counted(desk: Desk, site: Site, scope: Hashable, period: Period, now_ms: int) -> Figures:
    """The figures, as they were at most a minute ago. Blocks until they are there."""
    return desk.memory.recent(
        ("figures of", scope, period.name),
        desk.revision(),
        now_ms,
        lambda: count_figures(desk, site, period, now_ms),
        steady_s=_STEADY_S,
        longest_s=_STEADY_S,
    )


def counted_soon(desk: Desk, site: Site, scope: Hashable, period: Period, now_ms: int) -> Figures | None:
    """The same, or an older answer while they are counted; None while nothing is known yet: ask again and wait."""
    return desk.memory.soon(
        ("figures", scope, period.name),
        desk.revision(),
        now_ms,
        lambda: counted(desk, site, scope, period, now_ms),
        patience_s=_PATIENCE_S,
        steady_s=_STEADY_S,
    )


def count_figures(desk: Desk, site: Site, period: Period, now_ms: int) -> Figures:
    """Count it all. Blocks, the longer the more cases the period has: ask by `counted` or `counted_soon`."""
    history = read_history(desk, site, period, now_ms, praised=False)
    within = [case for case in history.cases if case.closed_ms is not None and period.holds(case.closed_ms)]
    bulletin = count(history, desk, site, period, now_ms, praised=False)
    return Figures(
        bulletin=bulletin,
        units=by_unit(history, site, period, now_ms),
        steps=step_times(within, desk.case_moments(period.from_ms, period.to_ms, TOLD_OF_STEPS)),
        closed=sum(bulletin.city.closed_as.values()),
        alarms=_alarms(desk.alarm_tallies(period.from_ms, period.to_ms)),
        notices=_notices(desk.notice_tallies(period.from_ms, period.to_ms)),
        rights=tuple(desk.judge.rights()),
        quality=_quality(desk, site, now_ms),
    )


def _alarms(tallies: Iterable[AlarmTally]) -> tuple[AlarmFigure, ...]:
    titles: dict[tuple[str, Severity], tuple[str, str]] = {}
    n: dict[tuple[str, Severity], list[int]] = defaultdict(lambda: [0, 0])
    for one in tallies:
        key = (one.rule_id, one.severity)
        titles[key] = (one.title_zh, one.title_en)
        n[key][0] += one.n
        n[key][1] += one.open
    found = [
        AlarmFigure(rule_id=rule, title=titles[rule, severity], severity=severity, n=all_, open=still)
        for (rule, severity), (all_, still) in n.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.severity.rank, -one.n, one.rule_id)))


def _notices(tallies: Iterable[NoticeTally]) -> tuple[NoticeFigure, ...]:
    by: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in tallies:
        by[one.channel][one.state] += one.n
        by[one.channel]["arrived"] += one.delivered
    return tuple(
        NoticeFigure(
            channel=channel,
            n=sum(states[state] for state in NoticeState),
            sent=states[NoticeState.SENT],
            arrived=states["arrived"],
            failed=states[NoticeState.DEAD],
            waiting=states[NoticeState.PENDING],
            withdrawn=states[NoticeState.WITHDRAWN],
        )
        for channel, states in sorted(by.items())
    )


def _quality(desk: Desk, site: Site, now_ms: int) -> Quality:
    cameras = cameras_now(desk.cameras(), site, now_ms)
    kinds: dict[str, list[bool]] = defaultdict(list)
    for now in devices_now(desk.devices(), site, now_ms):
        kinds[now.device.kind].append(now.reach is Reach.ONLINE)
    return Quality(
        healthy=Share(sum(now.view == ViewHealth.HEALTHY for now in cameras), len(cameras)),
        looked_at=Share(sum(now.view != UNKNOWN for now in cameras), len(cameras)),
        online={kind: Share(sum(heard), len(heard)) for kind, heard in sorted(kinds.items())},
    )
