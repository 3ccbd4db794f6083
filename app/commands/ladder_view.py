"""Ladders, contests and rights to notices, as they are read in a terminal, and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app.called import command
from cases.precision import Standing
from cases.scene import matter_of
from config.load import Site
from console.api.answers import LaddersOut
from console.api.ladders import ContestsOut, RightsOut, contest_out, right_out
from console.api.rows import Rows
from console.payload import readable
from console.places import place_of
from console.words import Words
from domain.ladder import Ladder, ShopReply

_NO_TIME: Final = 0


def ladders_table(ladders: Sequence[Ladder], site: Site, now_ms: int) -> RenderableType:
    """What waits for a person, a line each."""
    if not ladders:
        return Text("nothing waits for a person")
    words, table = Words(site, site.settings.language, now_ms), _table(f"{len(ladders)} that wait for a person")
    for name in ("episode", "since", "asked again"):
        table.add_column(name, no_wrap=True)
    table.add_column("what", overflow="fold")
    for one in ladders:
        table.add_row(str(one.id), words.clock(one.started_ms), words.clock(one.recheck_ms), _what(one, site, words))
    return table


def running_table(ladders: Sequence[Ladder], site: Site, now_ms: int) -> RenderableType:
    """Where each ladder stands, a line each."""
    if not ladders:
        return Text("no ladder runs")
    words, table = Words(site, site.settings.language, now_ms), _table(f"{len(ladders)} ladders")
    for name in ("episode", "since", "step", "looked at again"):
        table.add_column(name, no_wrap=True)
    table.add_column("what", overflow="fold")
    for one in ladders:
        again = words.clock(one.recheck_ms) if one.ended_ms is None else "–"
        step = "contested" if one.contested_ms is not None and one.ended_ms is None else one.step.value
        table.add_row(str(one.id), words.clock(one.started_ms), step, again, _what(one, site, words))
    return table


def contests_table(
    contests: Sequence[ShopReply], about: Mapping[int, Ladder | None], site: Site, now_ms: int
) -> RenderableType:
    """What shops contest, and what was decided."""
    if not contests:
        return Text("no contest waits for a person")
    words, table = Words(site, site.settings.language, now_ms), _table(f"{len(contests)} contests")
    for name in ("contest", "given", "decided"):
        table.add_column(name, no_wrap=True)
    table.add_column("what, and in whose words", overflow="fold")
    for one in contests:
        ladder = about.get(one.id)
        what = Text(_what(ladder, site, words) if ladder else one.matter)
        what.append(f"\n“{readable(one.words, limit=300) or '–'}”")
        if one.picture:
            what.append(f"\nphoto: {command(f'shop photo {one.id}')}", style="dim")
        if one.decided_ms is not None:
            what.append(f"\n{one.decided_by}: {readable(one.why or '', limit=300)}", style="dim")
        decided = "waits" if one.decided_ms is None else "upheld" if one.upheld else "rejected"
        table.add_row(str(one.id), words.clock(one.given_ms), decided, what)
    return table


def rights_table(standings: Sequence[Standing], site: Site) -> RenderableType:
    """One line for each matter, those that need a person first."""
    if not standings:
        return Text("no matter was seen on a ladder yet")
    table = _table("finds that people could speak on, and how many were so")
    for name in ("matter", "precision", "95 %", "of", "told"):
        table.add_column(name, no_wrap=True)
    table.add_column("why", overflow="fold")
    for one in sorted(standings, key=lambda standing: (not standing.needs_a_person, standing.right.matter)):
        found, low_high = one.precision, one.precision.interval
        share = "–" if found.share is None else f"{found.share:.1%}"
        interval = "–" if low_high is None else f"{low_high[0]:.0%}–{low_high[1]:.0%}"
        told = "by a person" if one.needs_a_person else "at once"
        name = f"{one.right.matter} {matter_of(one.right.matter, site).zh}"
        table.add_row(name, share, interval, str(found.n), told, _why(one))
    return table


def ladders_json(ladders: Sequence[Ladder], site: Site) -> bytes:
    """As the API has them."""
    rows = Rows(site, _NO_TIME)
    return msgspec.json.encode(LaddersOut(items=[rows.ladder(one) for one in ladders]))


def contests_json(contests: Sequence[ShopReply], about: Mapping[int, Ladder | None], site: Site) -> bytes:
    """As the API has them."""
    rows = Rows(site, _NO_TIME)
    return msgspec.json.encode(ContestsOut(items=[contest_out(rows, one, about.get(one.id)) for one in contests]))


def rights_json(standings: Sequence[Standing], site: Site) -> bytes:
    """As the API has them."""
    rows = Rows(site, _NO_TIME)
    return msgspec.json.encode(RightsOut(items=[right_out(rows, one) for one in standings]))


def _what(ladder: Ladder, site: Site, words: Words) -> str:
    matter = matter_of(ladder.matter, site)
    place = place_of(site, words, ladder.camera_id, shop_id=ladder.shop_id)
    return f"{ladder.matter} {words.pick(matter.zh, matter.en)}, {place.name}"


def _why(one: Standing) -> str:
    least = f"below {one.precision.min_precision:.0%}"
    if one.right.is_lost:
        return f"lost: {one.right.precision or 0:.1%} of {one.right.n}, {least}"
    if one.confirm == "person":
        return "the site says so"
    return "" if one.precision.enough else "too few to judge by"


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, pad_edge=False)
