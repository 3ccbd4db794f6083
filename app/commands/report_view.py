"""A report as a file, in a terminal, and as JSON."""

import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from rich.table import Table

from app.reports.words import ReportWords
from cases.kpi.bulletin import SHARES, Bulletin, Part
from cases.kpi.exemplary import Exemplary
from cases.kpi.place import By
from cases.kpi.share import Share
from cases.kpi.sheet import Sheet
from domain.clock import utc
from domain.errors import ConfigError


def write(bulletin: Bulletin, words: ReportWords, file: Path) -> None:
    """As its name says, whole or not at all. Raises ConfigError if it can't be written."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-", suffix=file.suffix)
        os.close(handle)
        draft = Path(name)
        try:
            _fill(bulletin, words, draft)
            draft.chmod(0o644)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as wrong:
        raise ConfigError(f"--out {file} can't be written: {wrong.strerror or wrong}") from None


def _fill(bulletin: Bulletin, words: ReportWords, draft: Path) -> None:
    if draft.suffix == ".html":
        from app.reports.page import page

        draft.write_text(page(bulletin, words), encoding="utf-8")
    else:
        from app.reports.workbook import save

        save(bulletin, words, draft)


def table(bulletin: Bulletin, words: ReportWords) -> Table:
    """The main figures."""
    title = f"{words.title(bulletin.period)} · {words.say('as_of', at=words.at(bulletin.as_of_ms))}"
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("figure", "value", "n", "before"):
        head = f"{words.say('column.numerator')} / {words.say('column.denominator')}" if name == "n" else None
        shown.add_column(head or words.say(f"column.{name}"), justify="left" if name == "figure" else "right")
    city, before = bulletin.city, bulletin.before
    for name in ("finds", "opened"):
        shown.add_row(words.say(f"figure.{name}"), f"{getattr(city, name):,}", "", f"{getattr(before, name):,}")
    for name in SHARES:
        share: Share = getattr(city, name)
        shown.add_row(
            words.say(f"figure.{name}"), words.share(share), words.of(share), words.share(getattr(before, name))
        )
    for name, ms in (("median", "median_ms"), ("p90", "p90_ms")):
        now, then = (words.lasting(getattr(one.time_to_correct, ms)) for one in (city, before))
        shown.add_row(words.say(f"figure.{name}"), now, words.say("n", n=city.time_to_correct.n), then)
    shown.add_row(words.say("figure.overdue"), str(len(bulletin.overdue)), "", "")
    return shown


def as_data(bulletin: Bulletin) -> dict[str, Any]:
    """All of it, each share with its numerator and denominator; a rate that there is none of is null."""
    period = bulletin.period
    return {
        "site": bulletin.site.settings.site,
        "period": period.name,
        "from": _at(period.from_ms),
        "to": _at(period.to_ms),
        "as_of": _at(bulletin.as_of_ms),
        "city": _sheet(bulletin.city),
        "before": _sheet(bulletin.before),
        "trend": [{"first": part.first.isoformat(), **_sheet(sheet)} for part, sheet in bulletin.trend],
        "parts": {by.value: [_part(part) for part in parts] for by, parts in bulletin.parts.items()},
        "ranked": {by.value: [list(part.key) for part in bulletin.ranked(by)] for by in (By.ROAD, By.SHOP)},
        "exemplary": {
            "too_early": bulletin.praise.too_early,
            "shops": [_praised(one) for one in bulletin.praise.shops],
            "roads": [_praised(one) for one in bulletin.praise.roads],
        },
        "overdue": [case.id for case in bulletin.overdue],
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {name: _value(getattr(sheet, name)) for name in sheet.__struct_fields__}


def _value(value: object) -> object:
    return _share(value) if isinstance(value, Share) else msgspec.to_builtins(value)


def _share(share: Share) -> dict[str, Any]:
    return {"numerator": share.numerator, "denominator": share.denominator, "value": share.value}


def _part(part: Part) -> dict[str, Any]:
    return {"key": list(part.key), **_sheet(part.sheet)}


def _praised(one: Exemplary) -> dict[str, Any]:
    return {"name": list(one.name), "rate": _share(one.rate), "shops": _share(one.shops)}


def _at(at_ms: int) -> str:
    return utc(at_ms).isoformat()
