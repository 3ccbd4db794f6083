"""`longcheng journal …`: how full it is, and whether all of it can be read back. Neither changes anything."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from config.load import load_site
from domain.clock import SystemClock
from domain.errors import ConfigError, StoreUnavailable
from storage.journal import JournalStatus
from storage.journal.status import read_status
from storage.journal.verify import Flaw, Verdict, verify
from storage.sqlite import open_readonly

cli = typer.Typer(no_args_is_help=True)
out = Console()
err = Console(stderr=True)

SiteName = Annotated[
    str, typer.Option("--site", envvar="LONGCHENG_SITE", help="A shipped site's name, or the path of a site folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]

_MIB = 1 << 20
_FLAWS_SHOWN = 100


@cli.command()
def status(site: SiteName = "demo", as_json: AsJson = False) -> None:
    """How full the journal is, how far its readers are, and how long it will last."""
    settings = load_site(site).settings
    path = _existing(settings.data_dir / "journal.db")
    with closing(open_readonly(path)) as connection:
        try:
            found = read_status(connection, path, settings.journal.max_size, SystemClock().now_ms())
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{path} cannot be read: {error}; try `longcheng journal verify`") from error
    if as_json:
        out.print_json(msgspec.json.encode(found).decode(), indent=None)
    else:
        out.print(_table(path, found))


@cli.command("verify")
def verify_command(
    site: SiteName = "demo",
    file: Annotated[
        Path | None, typer.Option(help="This file instead of the site's: a copy, or one set aside.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the whole journal and say what in it is damaged, also beside a running `serve`. Changes nothing.

    Exits with 0 only if every record is there and as it was written.
    """
    path = _existing(file or load_site(site).settings.data_dir / "journal.db")
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("checking its pages", total=None)
        found = verify(
            path,
            lambda done, total: progress.update(task, description="reading records", completed=done, total=total),
        )
    if as_json:
        out.print_json(msgspec.json.encode(found).decode(), indent=None)
    else:
        _say(path, found)
    raise typer.Exit(1 if found.flaws else 0)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(f"there is no journal at {path}")
    return path


def _table(path: Path, found: JournalStatus) -> Table:
    table = Table(title=str(path), show_header=False, title_justify="left")
    rows = {
        "records": f"{found.records:,} (seq {found.oldest} to {found.head})" if found.records else "none",
        "size": f"{found.bytes / _MIB:,.1f} of {found.max_bytes / _MIB:,.0f} MiB, {found.bytes / found.max_bytes:.1%}",
        "oldest unread": f"{_span(found.oldest_unread_age_s)} old" if found.oldest_unread_age_s else "all is read",
        **{f"reader {name}": f"at {seq}, {found.lags[name]:,} behind" for name, seq in found.cursors.items()},
        "full": "not filling" if found.full_in_s is None else f"in {_span(found.full_in_s)}, unless it is read",
        "damaged": f"{found.damaged_records:,} records lost" if found.damaged_records else "none",
    }
    for name, value in rows.items():
        table.add_row(Text(name), Text(value))
    return table


def _say(path: Path, found: Verdict) -> None:
    for flaw in found.flaws[:_FLAWS_SHOWN]:
        out.print(Text(f"{_where(flaw)}: {flaw.what}", style="red"), soft_wrap=True)
    unchecked = f", {found.unchecked:,} of them without a checksum" if found.unchecked else ""
    verdict = f"flaws found: {len(found.flaws)}" if found.flaws else "all is well"
    out.print(Text(f"{path}: {found.records:,} records read{unchecked}; {verdict}"), soft_wrap=True)


def _where(flaw: Flaw) -> str:
    return f"seq {flaw.first_seq} to {flaw.last_seq}" if flaw.last_seq else "the file"


def _span(seconds: float) -> str:
    for unit, length_s in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds / length_s:.1f} {unit}"
    return f"{seconds:.0f} seconds"
