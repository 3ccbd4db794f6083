"""`longcheng simulate month`: a month of an invented city through the real rules, book and outbox."""

import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from domain.errors import ConfigError

if TYPE_CHECKING:
    from app.simulation.month import Month
    from cases.kpi.bulletin import Bulletin

cli = typer.Typer(no_args_is_help=True, help="What a month of an invented city leads to, in minutes.")
out = Console()
err = Console(stderr=True)
_LANGUAGES = ("zh-CN", "en")


@cli.callback()
def commands() -> None:
    """What a month of an invented city leads to, in minutes."""


@cli.command()
def month(
    *,
    cameras: Annotated[int, typer.Option(min=10, max=5000)] = 671,
    shops: Annotated[int, typer.Option(min=20, max=50_000)] = 4000,
    days: Annotated[int, typer.Option(min=1, max=31, help="From the first of the month on.")] = 30,
    of: Annotated[str, typer.Option("--month", help="With a holiday and a make-up workday.")] = "2026-09",
    seed: Annotated[int, typer.Option(help="The same seed gives the same month.")] = 1,
    restarts: Annotated[bool, typer.Option(help="Every night begin again with nothing but the store.")] = False,
    file: Annotated[
        Path | None, typer.Option("--out", help="A new FOLDER for the reports, the account, and the site itself.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on the last line of standard output.")
    ] = False,
) -> None:
    """Simulate it: everything but cameras, sensors, people and providers is the real code, on a clock that is moved."""
    if file is not None and file.exists() and any(file.iterdir()):
        raise ConfigError(f"--out is {file}, which is not empty; name a folder that is not there yet")
    with tempfile.TemporaryDirectory(prefix="longcheng-month-") as scratch:
        folder = file / "site" if file else Path(scratch)
        began_s = time.perf_counter()
        found, bulletin = _simulate(folder, cameras, shops, days=days, of=of, seed=seed, restarts=restarts)
        data = _data(found, bulletin, time.perf_counter() - began_s, cameras=cameras, shops=shops, seed=seed)
        if file:
            _write(found, bulletin, file)
        if as_json:
            out.print_json(data=data, indent=None)
        else:
            _show(found, bulletin, data)
        found.product.close()


def _simulate(
    folder: Path, cameras: int, shops: int, *, days: int, of: str, seed: int, restarts: bool
) -> "tuple[Month, Bulletin]":
    from app.simulation.city import Size, write_city
    from app.simulation.month import Month
    from cases.kpi.bulletin import make_bulletin
    from cases.kpi.period import Period, Span
    from config.load import load_site

    write_city(folder, Size.of(cameras, shops), seed)
    site = load_site(str(folder), {})
    try:
        whole = Period.read(Span.MONTH, of, site.timezone)
    except ValueError as wrong:
        raise ConfigError(f"--month is {of!r}; {wrong}") from None
    after = min(whole.after, whole.first + timedelta(days=days))
    found = Month(site, Period(Span.MONTH, whole.first, after, whole.zone), seed, restarts=restarts)
    asyncio.run(found.run(lambda day: err.print(f"{day:%m-%d}", end=" ")))
    err.print()
    return found, make_bulletin(found.product.store, site, whole, found.period.to_ms)


def _data(found: "Month", bulletin: "Bulletin", took_s: float, **asked: int) -> dict[str, Any]:
    from app.commands.report_view import as_data
    from app.simulation.told import summary

    report = as_data(bulletin)
    figures = {name: report[name] for name in ("period", "city", "exemplary")}
    return {**asked, "took_s": round(took_s, 1), "steps": found.steps, **figures, "world": summary(found.account)}


def _write(found: "Month", bulletin: "Bulletin", folder: Path) -> None:
    from app.commands import report_view as view
    from app.reports.words import ReportWords
    from app.simulation.told import account_text

    for language in _LANGUAGES:
        words = ReportWords(found.site, language, bulletin.as_of_ms)
        for suffix in ("html", "xlsx"):
            view.write(bulletin, words, folder / f"report-{language}.{suffix}")
    text = "\n".join(account_text(found.account, found.site, bulletin))
    (folder / "account.txt").write_text(f"{text}\n", encoding="utf-8")
    err.print(Text(f"written: {folder}"), soft_wrap=True)


def _show(found: "Month", bulletin: "Bulletin", data: dict[str, Any]) -> None:
    from app.commands import report_view as view
    from app.reports.words import ReportWords

    out.print(view.table(bulletin, ReportWords(found.site, "en", bulletin.as_of_ms)))
    for name, value in data["world"].items():
        out.print(Text(f"{name}: {value}"), soft_wrap=True)
    out.print(f"{data['steps']:,} steps in {data['took_s']:g} s")
