"""Figures as rows and charts of a page."""

from typing import Final

import msgspec
from msgspec import Struct

from cases.kpi.bulletin import SHARES, Part
from cases.kpi.place import By
from cases.kpi.share import Share, Spread
from cases.kpi.sheet import Sheet
from cases.precision import Standing, wilson
from config.load import Site
from console.figures import Figures
from console.words import Words


class FigureRow(Struct, frozen=True, kw_only=True):
    """One figure in words."""

    name: str
    about: str
    value: str
    of: str
    """What it is a share of, `14 / 16`, or how many it was counted from."""
    between: str
    """Wilson's interval of 95 %; empty where there is none."""
    before: str
    change: str


class PartRow(Struct, frozen=True, kw_only=True):
    """One part of the city."""

    name: str
    around: str
    finds: int
    opened: int
    rate: str
    of: str
    between: str
    on_time: str
    on_time_of: str


class Said:
    """Words of reports, and figures as people read them."""

    def __init__(self, site: Site, words: Words) -> None:
        self._site, self._words = site, words

    def report(self, key: str) -> str:
        """The text `report.<key>`: what a figure is called stands in one place."""
        return self._site.texts.say(self._words.language, f"report.{key}")

    def share(self, share: Share) -> str:
        """`87.5 %`; `–` of nothing."""
        return "–" if share.value is None else f"{share.value * 100:.1f} %"

    def of(self, share: Share) -> str:
        """`14 / 16`."""
        return f"{share.numerator:,} / {share.denominator:,}"

    def between(self, share: Share) -> str:
        """`70–88 %`, 19 times in 20; empty of nothing, and of what can be more than all."""
        if not share.denominator or share.numerator > share.denominator:
            return ""
        low, high = wilson(share.numerator, share.denominator)
        return f"{low * 100:.0f}–{high * 100:.0f} %"

    def change(self, now: Share, before: Share) -> str:
        """`+1.2`: points of a hundred; empty if one of them is not."""
        if now.value is None or before.value is None:
            return ""
        return f"{(now.value - before.value) * 100:+.1f}".replace("-", "−")

    def lasting(self, ms: int | None) -> str:
        """`1 小时 12 分`; `–` of nothing."""
        return "–" if ms is None else self._words.lasting(ms / 1000)

    def part(self, by: By, part: Part) -> tuple[str, str]:
        """Its name, and what it lies in."""
        name = part.key[-1]
        if by is By.SHOP and (shop := self._site.shops.get(name)):
            return shop.name, shop.location.road
        if by is By.MATTER and (matter := self._site.matters.get(name)):
            return f"{name} {self._words.pick(matter.zh, matter.en)}", ""
        return name, part.key[0] if len(part.key) > 1 else ""


def figure_rows(city: Sheet, before: Sheet, said: Said) -> list[FigureRow]:
    """The main figures beside those of the period before."""
    rows = []
    for name in SHARES:
        share, earlier = getattr(city, name), getattr(before, name)
        rows.append(
            FigureRow(
                name=said.report(f"figure.{name}"),
                about=said.report(f"of.{name}"),
                value=said.share(share),
                of=said.of(share),
                between=said.between(share),
                before=f"{said.share(earlier)} ({said.of(earlier)})",
                change=said.change(share, earlier),
            )
        )
    return [
        *rows,
        *(_spread_row(name, city.time_to_correct, before.time_to_correct, said) for name in ("median", "p90")),
    ]


def _spread_row(name: str, now: Spread, then: Spread, said: Said) -> FigureRow:
    return FigureRow(
        name=said.report(f"figure.{name}"),
        about=said.report("of.time_to_correct"),
        value=said.lasting(getattr(now, f"{name}_ms")),
        of=f"n = {now.n:,}",
        between="",
        before=f"{said.lasting(getattr(then, f'{name}_ms'))} (n = {then.n:,})",
        change="",
    )


def part_row(by: By, part: Part, said: Said) -> PartRow:
    """One part of the city."""
    name, around = said.part(by, part)
    sheet = part.sheet
    return PartRow(
        name=name,
        around=around,
        finds=sheet.finds,
        opened=sheet.opened,
        rate=said.share(sheet.self_correction),
        of=said.of(sheet.self_correction),
        between=said.between(sheet.self_correction),
        on_time=said.share(sheet.on_time),
        on_time_of=said.of(sheet.on_time),
    )


def right_row(standing: Standing, said: Said, words: Words) -> tuple[str, ...]:
    """A matter, its precision, n, interval and least, and whether shops are told of it without a person."""
    precision, right = standing.precision, standing.right
    share = Share(precision.n - precision.wrong, precision.n)
    if standing.needs_a_person:
        since = "" if not right.is_lost or right.lost_ms is None else words.clock(right.lost_ms)
        state = words.say("figures.lost", since=since) if since else words.say("figures.person")
    elif right.restored_ms is not None:
        state = words.say("figures.restored", who=right.restored_by or "–", at=words.clock(right.restored_ms))
    else:
        state = words.say("figures.may")
    name = said.part(By.MATTER, Part(key=(right.matter,), sheet=_NO_SHEET))[0]
    return (name, said.share(share), said.of(share), said.between(share), f"{precision.min_precision * 100:g} %", state)


_NOTHING: Final = Share(0, 0)
_NO_SHEET: Final = Sheet(
    finds=0, upheld=0, opened=0, self_correction=_NOTHING, self_correction_strict=_NOTHING, filing=_NOTHING,
    closing=_NOTHING, on_time=_NOTHING, deferred=0, rework=_NOTHING, repeat=_NOTHING,
    time_to_correct=Spread(0, None, None), closed_as={},
)  # fmt: skip


def charts(found: Figures, said: Said, words: Words) -> list[tuple[str, str]]:
    """For the script: each chart's title and what it draws."""
    trend = found.bulletin.trend
    rate = {
        "name": said.report("trend.rate"),
        "unit": "%",
        "max": 100,
        "digits": 1,
        "points": [
            (part.from_ms, None if (value := sheet.self_correction.value) is None else value * 100)
            for part, sheet in trend
        ],
        "notes": [_note(sheet.self_correction, said) for _, sheet in trend],
    }
    told = {
        "name": words.say("figures.told"),
        "unit": "",
        "kind": "bars",
        "points": [(part.from_ms, sheet.self_correction.denominator) for part, sheet in trend],
    }
    opened = {
        "name": said.report("figure.opened"),
        "points": [(part.from_ms, sheet.opened) for part, sheet in trend],
    }
    closed = {
        "name": words.say("figures.closed"),
        "points": [(part.from_ms, sum(sheet.closed_as.values())) for part, sheet in trend],
    }
    out = []
    for title, series in ((said.report("trend.rate"), [told, rate]), (words.say("figures.cases"), [opened, closed])):
        spec = {"label": title, "day": True, "series": series}
        out.append((title, msgspec.json.encode(spec).decode()))
    return out


def _note(share: Share, said: Said) -> str:
    between = said.between(share)
    return f"n = {share.denominator:,}, {between}" if between else f"n = {share.denominator:,}"
