"""The figures of a period as files: CSV of the parts, and the whole report as an Excel workbook."""

import asyncio
import csv
import io
from typing import Final

import msgspec
from aiohttp import web

from cases.kpi.bulletin import SHARES, Part
from cases.kpi.period import Period
from cases.kpi.place import By
from console.figures import asked_period, counted
from console.keys import CLOCK, SITE
from console.language import spoken
from console.pages.figure_rows import Said
from console.pages.figures import AskFigures
from console.scope.seats import seat_of
from console.seat import Seat
from console.words import Words
from domain.errors import OrderRefused

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


async def export_csv(request: web.Request) -> web.Response:
    """`/figures/export.csv`: every part of a grouping with all its figures, for any program; UTF-8 that Excel knows."""
    seat, now_ms, ask, period = _asked(request)
    words = Words(request.app[SITE], spoken(request), now_ms)
    text = await asyncio.to_thread(lambda: _csv(seat, ask, period, words))
    return _file(text.encode("utf-8-sig"), "text/csv", f"figures-{period.name}-{ask.by}.csv")


async def export_xlsx(request: web.Request) -> web.Response:
    """`/figures/export.xlsx`: what `longcheng report` writes of the same period."""
    seat, now_ms, _, period = _asked(request)
    language = spoken(request)
    body = await asyncio.to_thread(lambda: seat.desk.workbook(seat.desk, seat.site, period, now_ms, language))
    return _file(body, _XLSX, f"figures-{period.name}.xlsx")


def _asked(request: web.Request) -> tuple[Seat, int, AskFigures, Period]:
    query = {name: value for name, value in request.query.items() if name != "lang"}
    try:
        ask = msgspec.convert(query, AskFigures, strict=False)
    except msgspec.ValidationError as wrong:
        raise OrderRefused(f"the address asks what cannot be: {wrong}") from None
    now_ms = request.app[CLOCK].now_ms()
    seat = seat_of(request)
    period = asked_period(seat.site, now_ms, days=ask.days, month=ask.month, first=ask.first, last=ask.last)
    return seat, now_ms, ask, period


def _csv(seat: Seat, ask: AskFigures, period: Period, words: Words) -> str:
    scope = seat.caller.scope if seat.caller else None
    found = counted(seat.desk, seat.site, scope, period, words.now_ms)
    said, by, out = Said(seat.site, words), By(ask.by), io.StringIO()
    writer = csv.writer(out)
    heads = [
        said.report(f"by.{by.value}"),
        said.report("place"),
        said.report("figure.finds"),
        said.report("figure.opened"),
    ]
    for name in SHARES:
        heads += [said.report(f"figure.{name}"), said.report("column.numerator"), said.report("column.denominator")]
    writer.writerow(heads)
    for part in found.bulletin.parts[by]:
        writer.writerow([plain(cell) for cell in _cells(by, part, said)])
    return out.getvalue()


def _cells(by: By, part: Part, said: Said) -> list[str | int | float]:
    name, around = said.part(by, part)
    cells: list[str | int | float] = [name, around, part.sheet.finds, part.sheet.opened]
    for figure in SHARES:
        share = getattr(part.sheet, figure)
        cells += ["" if share.value is None else round(share.value, 4), share.numerator, share.denominator]
    return cells


def plain(cell: str | float) -> str | int | float:
    """A name is text in every program, also where it begins like a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell


def _file(body: bytes, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=kind, headers=headers)
