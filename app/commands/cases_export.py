"""`longcheng cases export`: cases as files for other systems."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from app.commands.case_book import opened_book
from app.commands.moments import moment_ms
from app.commands.which_site import SiteName, the_site
from domain.clock import SystemClock
from domain.errors import ConfigError, ConfigErrors

if TYPE_CHECKING:
    from config.load import Site
    from domain.case import Case

cli = typer.Typer(no_args_is_help=True, help="See cases and work on them; and as files for other systems.")
err = Console(stderr=True)
_FORMATS: Final = ("csv", "gb47678-csv", "open311-json")
_EVERY: Final = 1_000_000


@cli.callback()
def cases() -> None:
    """See cases and work on them; and as files for other systems."""


@cli.command()
def export(
    *,
    form: Annotated[str, typer.Option("--format", help="csv, gb47678-csv or open311-json.")],
    file: Annotated[Path, typer.Option("--out", help="The file; what is there is replaced.")],
    since: Annotated[str, typer.Option("--from", help="Opened since: `7d` ago, `2026-11-01` or `2026-11-01T08:00`.")],
    until: Annotated[str, typer.Option("--to", help="Likewise; it is not included.", show_default="now")] = "0s",
    skip: Annotated[
        bool, typer.Option("--skip-incomplete", help="gb47678-csv: leave out cases that lack a field, and say which.")
    ] = False,
    site: SiteName = "",
) -> None:
    """Write the cases that were opened in a time, the newest first.

    csv: every column. gb47678-csv: the six fields of GB/T 47678.5; the bureau's department codes stand under
    exports.agencies of site.yaml, grid cells in grids.csv. open311-json: as the API gives them with `extensions=true`,
    without pictures.
    """
    found, clock = the_site(site), SystemClock()
    if form not in _FORMATS:
        raise ConfigError(f"--format is {form!r}; there is {', '.join(_FORMATS)}")
    from_ms = moment_ms(since, "--from", found.timezone, clock)
    to_ms = moment_ms(until, "--to", found.timezone, clock)
    if from_ms >= to_ms:
        raise ConfigError(f"--from {since} is not before --to {until}")
    with opened_book(found) as book:
        cases = book.cases_opened(from_ms, to_ms, limit=_EVERY)
    text, n, problems = _written(form, cases, found)
    if problems and not skip:
        raise ConfigErrors([ConfigError(problem) for problem in problems])
    try:
        # What csv wrote has its line ends already.
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as wrong:
        raise ConfigError(f"--out {file} can't be written: {wrong.strerror}") from None
    for problem in problems:
        err.print(Text(f"left out: {problem}"), soft_wrap=True)
    err.print(Text(f"written: {file}: {n} of {len(cases)} cases"), soft_wrap=True)


def _written(form: str, cases: "list[Case]", site: "Site") -> tuple[str, int, list[str]]:
    """The file's text, how many cases are in it, and what keeps the others out."""
    from cases.exports.files import gb47678_csv, plain_csv
    from cases.exports.open311 import request_of

    if form == "gb47678-csv":
        return gb47678_csv(cases, site)
    if form == "csv":
        return plain_csv(cases, site), len(cases), []
    requests = [request_of(case, site, extended=True) for case in cases]
    return msgspec.json.encode(requests).decode() + "\n", len(cases), []
