"""`longcheng report daily | monthly | quarterly`: the figures of a period as HTML, as Excel, or as JSON."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from app.commands.case_book import opened_book
from app.commands.moments import moment_ms
from app.commands.which_site import SiteName, the_site
from cases.kpi.period import Period, Span
from config.load import Site
from config.texts import LANGUAGES
from domain.clock import SystemClock, utc
from domain.errors import ConfigError

cli = typer.Typer(no_args_is_help=True, help="Daily check, monthly bulletin, quarterly review: HTML, Excel or JSON.")
out = Console()
err = Console(stderr=True)

Out = Annotated[
    Path | None, typer.Option("--out", help="FILE.html or FILE.xlsx; without it, the main figures are printed.")
]
Language = Annotated[str, typer.Option("--language", help="zh-CN or en.", show_default="the site's")]
AsOf = Annotated[
    str, typer.Option("--as-of", help="Count what was known then: `2026-12-01T08:00`, or `2h` ago.", show_default="now")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
_OPTION: Final = {Span.DAY: "--day", Span.MONTH: "--month", Span.QUARTER: "--quarter"}


@cli.command()
def daily(
    *,
    day: Annotated[str, typer.Option(help="`2026-11-30`.", show_default="yesterday")] = "",
    site: SiteName = "",
    file: Out = None,
    language: Language = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """The daily check: one day, the fourteen up to it, and what is overdue."""
    _report(Span.DAY, day, site=site, file=file, language=language, as_of=as_of, as_json=as_json)


@cli.command()
def monthly(
    *,
    month: Annotated[str, typer.Option(help="`2026-11`.", show_default="the last whole month")] = "",
    site: SiteName = "",
    file: Out = None,
    language: Language = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """The monthly bulletin: with rankings of roads and shops, and who is exemplary."""
    _report(Span.MONTH, month, site=site, file=file, language=language, as_of=as_of, as_json=as_json)


@cli.command()
def quarterly(
    *,
    quarter: Annotated[str, typer.Option(help="`2026-Q4`.", show_default="the last whole quarter")] = "",
    site: SiteName = "",
    file: Out = None,
    language: Language = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """The quarterly review: the same for three months, week by week."""
    _report(Span.QUARTER, quarter, site=site, file=file, language=language, as_of=as_of, as_json=as_json)


def _report(span: Span, wanted: str, *, site: str, file: Path | None, language: str, as_of: str, as_json: bool) -> None:
    from app.commands import report_view as view
    from app.reports.words import ReportWords
    from cases.kpi.bulletin import make_bulletin

    found, clock = the_site(site), SystemClock()
    language = language or found.settings.language
    if language not in LANGUAGES:
        raise ConfigError(f"--language is {language!r}; there is {' and '.join(LANGUAGES)}")
    if file is not None and file.suffix not in {".html", ".xlsx"}:
        raise ConfigError(f"--out is {file}; a report is an .html or .xlsx file")
    as_of_ms = moment_ms(as_of or "0s", "--as-of", found.timezone, clock)
    if as_of_ms > clock.now_ms():
        raise ConfigError(f"--as-of is {as_of}; what will be known then is not known yet")
    period = _period(span, wanted, found, as_of_ms)
    if period.from_ms >= as_of_ms:
        raise ConfigError(f"{_OPTION[span]} is {period.name}; it has not begun")
    with opened_book(found) as book:
        bulletin = make_bulletin(book, found, period, as_of_ms)
    words = ReportWords(found, language, as_of_ms)
    if file is not None:
        view.write(bulletin, words, file)
        err.print(Text(f"written: {file}"), soft_wrap=True)
    if as_json:
        out.print_json(data=view.as_data(bulletin), indent=None)
    elif file is None:
        out.print(view.table(bulletin, words))


def _period(span: Span, wanted: str, site: Site, as_of_ms: int) -> Period:
    """The one that was named, else the last that is whole."""
    if wanted:
        try:
            return Period.read(span, wanted, site.timezone)
        except ValueError as wrong:
            raise ConfigError(f"{_OPTION[span]} is {wanted!r}; {wrong}") from None
    today = utc(as_of_ms).astimezone(site.timezone).date()
    return Period.of(span, Period.of(span, today, site.timezone).first - timedelta(days=1), site.timezone)
