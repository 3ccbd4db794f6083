"""How well it works: the figures of a period, each with what it is a share of, and beside those of the one before."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from cases.kpi.bulletin import Part
from cases.kpi.period import Period, Span
from cases.kpi.place import By
from cases.kpi.share import Share
from console.figures import Figures, asked_period, counted_soon
from console.pages.figure_rows import Said, charts, figure_rows, part_row, right_row
from console.pages.looking import AskPage, Found, Looking
from console.words import Words

_ROWS: Final = 100
GROUPINGS: Final = ("sub_district", "road", "matter", "shop")
_DAYS: Final = (7, 30, 90)
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Month = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}$")]
Grouping = Literal["sub_district", "road", "matter", "shop"]
Sort = Literal["finds", "rate", "n", "opened", "on_time", "name"]


class AskFigures(AskPage, frozen=True, kw_only=True):
    """Of which period, shown apart for what, and in which order."""

    days: Annotated[int, Meta(ge=1, le=400)] | None = None
    month: Month | Literal[""] = ""
    first: Day | Literal[""] = msgspec.field(default="", name="from")
    last: Day | Literal[""] = msgspec.field(default="", name="to")
    by: Grouping = "sub_district"
    sort: Sort = "finds"


def figures_view(looking: Looking) -> Found:
    """The period, and its figures; or that they are being counted."""
    ask, site, words, seat = looking.view.as_(AskFigures), looking.site, looking.words, looking.seat
    period = asked_period(site, words.now_ms, days=ask.days, month=ask.month, first=ask.first, last=ask.last)
    scope = seat.caller.scope if seat.caller else None
    found = counted_soon(looking.desk, site, scope, period, words.now_ms)
    title = f"{words.say('figures.title')} · {words.pick(site.settings.name.zh, site.settings.name.en)}"
    said = Said(site, words)
    return title, {
        "figurehead": _head(ask, period, found, words),
        "figures": {"f": None if found is None else _body(found, looking, ask, said)},
    }


def _head(ask: AskFigures, period: Period, found: Figures | None, words: Words) -> dict[str, object]:
    chosen = None if ask.month or ask.first or ask.last else ask.days or 30
    today = words.local(words.now_ms).date()
    this = Period.of(Span.MONTH, today, period.zone)
    return {
        "days": [(n, n == chosen) for n in _DAYS],
        "months": [(one.name, one.name == ask.month) for one in (this, this.before())],
        "first": period.first.isoformat(),
        "last": _last(period),
        "before_first": period.before().first.isoformat(),
        "before_last": _last(period.before()),
        "running": period.to_ms > words.now_ms,
        "as_of_ms": None if found is None else found.as_of_ms,
        "query": f"from={period.first}&to={_last(period)}" if not ask.month else f"month={ask.month}",
        "by": ask.by,
    }


def _last(period: Period) -> str:
    return period.after.fromordinal(period.after.toordinal() - 1).isoformat()


def _body(found: Figures, looking: Looking, ask: AskFigures, said: Said) -> dict[str, object]:
    words = looking.words

    def href(**other: str) -> str:
        return f"?{urlencode(dict(looking.view.asked) | other)}"

    bulletin, by = found.bulletin, By(ask.by)
    parts = _sorted(bulletin.parts[by], ask.sort)
    return {
        "rows": figure_rows(bulletin.city, bulletin.before, said),
        "finds": (bulletin.city.finds, bulletin.before.finds),
        "cases": _cases(found),
        "charts": charts(found, said, words),
        "trend": [
            (part.first.isoformat(), _last(part), sheet, said.share(rate), said.of(rate), said.between(rate),
             sum(sheet.closed_as.values()))
            for part, sheet in bulletin.trend for rate in (sheet.self_correction,)
        ],
        "by": ask.by,
        "sort": ask.sort,
        "groupings": [(one, said.report(f"by.{one}"), href(by=one)) for one in GROUPINGS],
        "sorts": {one: href(sort=one) for one in _ORDERS},
        "parts": [part_row(by, part, said) for part in parts[:_ROWS]],
        "beyond": max(0, len(parts) - _ROWS),
        "units": [(name, sheet, said.share(sheet.on_time), said.of(sheet.on_time), said.between(sheet.on_time))
                  for name, sheet in found.units.items()],
        "closed_as": [(words.term("closed_reason", name), n) for name, n in bulletin.city.closed_as.items()],
        "steps": [
            (words.say(f"figures.step.{name}"), spread.n, said.lasting(spread.median_ms), said.lasting(spread.p90_ms))
            for name, spread in found.steps.items()
        ],
        "alarms": [(words.pick(*one.title), one.severity, one.n, one.open) for one in found.alarms[:_ROWS]],
        "notices": found.notices,
        "rights": [right_row(one, said, words) for one in found.rights],
        "quality": _quality(found, words, said),
    }  # fmt: skip


def _quality(found: Figures, words: Words, said: Said) -> list[tuple[str, Share, str]]:
    return [
        (words.say("figures.healthy"), found.quality.healthy, said.share(found.quality.healthy)),
        (words.say("figures.looked_at"), found.quality.looked_at, said.share(found.quality.looked_at)),
        *((words.say("figures.online", kind=words.term("kind", kind)), share, said.share(share))
          for kind, share in found.quality.online.items()),
    ]  # fmt: skip


def _cases(found: Figures) -> dict[str, int]:
    city = found.bulletin.city
    return {
        "opened": city.opened,
        "closed": found.closed,
        "due": city.on_time.denominator,
        "on_time": city.on_time.numerator,
        "late": city.on_time.denominator - city.on_time.numerator,
        "overdue": len(found.bulletin.overdue),
    }


_ORDERS: Final[dict[str, Callable[[Part], Any]]] = {
    "finds": lambda part: (-part.sheet.finds, part.key),
    "rate": lambda part: (-_rate(part), -_n(part), part.key),
    "n": lambda part: (-_n(part), part.key),
    "opened": lambda part: (-part.sheet.opened, part.key),
    "on_time": lambda part: (part.sheet.on_time.value if part.sheet.on_time.value is not None else 2.0, part.key),
    "name": lambda part: part.key,
}
"""What has the most, or is the worst on time, first; what has no rate last."""


def _sorted(parts: Sequence[Part], sort: str) -> list[Part]:
    return sorted(parts, key=_ORDERS[sort])


def _rate(part: Part) -> float:
    value = part.sheet.self_correction.value
    return -1.0 if value is None else value


def _n(part: Part) -> int:
    return part.sheet.self_correction.denominator
