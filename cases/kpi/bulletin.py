"""What a report says, whatever it is written as."""

from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import Struct

from cases.kpi.exemplary import Praise, looks_back_ms, praise
from cases.kpi.facts import REPEAT_MS, Facts, facts_of
from cases.kpi.lines import TOLD_OF
from cases.kpi.period import Period, Span
from cases.kpi.place import By, Key
from cases.kpi.share import Share
from cases.kpi.sheet import Sheet, sheet_of
from config.load import Site
from domain.case import Case
from domain.history import History
from domain.overdue import overdue

SHARES = ("self_correction", "self_correction_strict", "filing", "closing", "on_time", "rework", "repeat")
"""The figures of a sheet that are shares, in the order in which they are shown."""


class Past(Protocol):
    """Where the past stands."""

    def history(self, from_ms: int, to_ms: int, lines: Collection[str]) -> History:
        """Rows of a stretch of time."""
        ...

    def cases_opened(
        self, from_ms: int, to_ms: int, *, limit: int, open_only: bool | None = None, matters: Collection[str] = ()
    ) -> Sequence[Case]:
        """Cases by when they were opened."""
        ...


class Part(Struct, frozen=True, kw_only=True):
    """One part of a grouping with its figures."""

    key: Key
    sheet: Sheet


class Bulletin(Struct, frozen=True, kw_only=True):
    """A day, a month or a quarter of a city, as it stood at `as_of_ms`."""

    site: Site
    period: Period
    as_of_ms: int
    city: Sheet
    before: Sheet
    """The period before it, as it stands now."""
    trend: Sequence[tuple[Period, Sheet]]
    parts: dict[By, Sequence[Part]]
    praise: Praise
    overdue: Sequence[Case]
    """Open cases that are overdue, the longest first."""

    def ranked(self, by: By) -> list[Part]:
        """By self-correction, the best first; of equals the one with more notices. Nobody with too few of them."""
        enough = [part for part in self.parts[by] if _n(part) >= self.site.settings.figures.min_n]
        return sorted(enough, key=lambda part: (-(_rate(part).value or 0), -_n(part), part.key))

    def unranked(self, by: By) -> int:
        """How many were told something, and too seldom to be ranked."""
        return sum(0 < _n(part) < self.site.settings.figures.min_n for part in self.parts[by])


def make_bulletin(past: Past, site: Site, period: Period, as_of_ms: int) -> Bulletin:
    """Count it. Blocks; reads what the store has of the period, the one before it, and as far as praise looks back."""
    return count(read_history(past, site, period, as_of_ms), past, site, period, as_of_ms)


def read_history(past: Past, site: Site, period: Period, as_of_ms: int, *, praised: bool = True) -> History:
    """All that the figures of a period are counted from; unless `praised`, not as far as praise looks back."""
    began_ms = min(period.before().from_ms, period.trend()[0].from_ms) - REPEAT_MS
    if praised and _is_praised(period):
        began_ms = min(began_ms, period.to_ms - looks_back_ms(site.settings.figures))
    return past.history(began_ms, max(period.to_ms, as_of_ms), TOLD_OF)


def count(history: History, past: Past, site: Site, period: Period, as_of_ms: int, *, praised: bool = True) -> Bulletin:
    """The same from a history that was read before."""
    trend = period.trend()
    facts = facts_of(history, site, as_of_ms)
    ours = facts.within(period)
    late = [case for case in past.cases_opened(0, as_of_ms, limit=10_000, open_only=True) if overdue(case, as_of_ms)]
    return Bulletin(
        site=site,
        period=period,
        as_of_ms=as_of_ms,
        city=sheet_of(ours),
        before=sheet_of(facts.within(period.before())),
        trend=[(part, sheet_of(facts.within(part))) for part in trend],
        parts={by: _parts(ours, by) for by in By},
        praise=praise(facts, site, period.to_ms, history.since_ms) if praised and _is_praised(period) else Praise(),
        overdue=sorted(late, key=lambda case: (case.due_ms, case.id)),
    )


def _is_praised(period: Period) -> bool:
    """Nobody is, for a day or some."""
    return period.span not in {Span.DAY, Span.DAYS}


def _parts(facts: Facts, by: By) -> list[Part]:
    return [Part(key=key, sheet=sheet_of(part)) for key, part in facts.apart(by).items()]


def _rate(part: Part) -> Share:
    return part.sheet.self_correction


def _n(part: Part) -> int:
    return _rate(part).denominator
