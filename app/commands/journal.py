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

from app.called import as_called
from app.commands.which_site import SiteName, the_site
from domain.clock import SystemClock
from domain.errors import ConfigError, StoreUnavailable
from storage.journal import JournalStatus
from storage.journal.status import read_status
from storage.journal.verify import Flaw, Verdict, verify
from storage.sqlite import open_readonly

cli = typer.Typer(no_args_is_help=True)
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]

_MIB = 1 << 20
_FLAWS_SHOWN = 100
_READ_THROUGH_BYTES = 256 << 20
"""A journal up to this size is read whole for its status; that takes a second or two."""
_ADVICE = (
    "What to do: the disk gave back other bytes than were written, so look at it (dmesg, smartctl). Nothing is to be "
    "mended by hand: `serve` steps over what it cannot read, and keeps it as dead letters `damaged`."
)


@cli.command()
def status(site: SiteName = "", as_json: AsJson = False) -> None:
    """How full the journal is, how far its readers are, and how long it will last."""
    settings = the_site(site).settings
    path = _existing(settings.data_dir / "journal.db")
    with closing(open_readonly(path)) as connection:
        try:
            found = read_status(connection, path, settings.journal.max_size, SystemClock().now_ms())
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{path} cannot be read: {error}; try `longcheng journal verify`") from error
    verdict = verify(path, lambda _done, _total: None) if found.bytes <= _READ_THROUGH_BYTES else None
    if as_json:
        said = msgspec.to_builtins(found) | {"damaged_records": _damaged(found, verdict), "verified": bool(verdict)}
        out.print_json(msgspec.json.encode(said).decode(), indent=None)
    else:
        out.print(_table(path, found, verdict))


@cli.command("verify")
def verify_command(
    site: SiteName = "",
    file: Annotated[
        Path | None, typer.Option(help="This file instead of the site's: a copy, or one set aside.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the whole journal and say what in it is damaged, also beside a running `serve`. Changes nothing.

    Exits with 0 only if every record is there and as it was written.
    """
    path = _existing(file.resolve() if file else the_site(site).settings.data_dir / "journal.db")
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
        raise ConfigError(f"there is no journal at {path}; is this the right site and working folder?")
    return path


def _table(path: Path, found: JournalStatus, verdict: Verdict | None) -> Table:
    table = Table(title=str(path), show_header=False, title_justify="left")
    rows = {
        "records": f"{found.records:,} (seq {found.oldest} to {found.head})" if found.records else "none",
        "size": f"{found.bytes / _MIB:,.1f} of {found.max_bytes / _MIB:,.0f} MiB, {found.bytes / found.max_bytes:.1%}",
        "oldest unread": f"{_span(found.oldest_unread_age_s)} old" if found.oldest_unread_age_s else "all is read",
        **{f"reader {name}": f"at {seq}, {found.lags[name]:,} behind" for name, seq in found.cursors.items()},
        "disk": f"{found.free_bytes / _MIB:,.1f} MiB free",
        "full": _full(found),
        "damaged": _said_of_damage(found, verdict),
    }
    for name, value in rows.items():
        table.add_row(Text(name), Text(as_called(value)))
    return table


def _full(found: JournalStatus) -> str:
    if found.full_in_s == 0:
        why = "its bound is reached" if found.bytes >= found.max_bytes else "its disk has no room"
        return f"FULL: takes nothing; {why}"
    return "not filling" if found.full_in_s is None else f"in {_span(found.full_in_s)}, unless it is read"


def _damaged(found: JournalStatus, verdict: Verdict | None) -> int:
    """Records that were damaged since the file was made, with those that no reader has met yet."""
    flaws = verdict.flaws if verdict else ()
    met = [flaw for flaw in flaws if flaw.set_aside]
    unmet = [flaw for flaw in flaws if flaw.last_seq and not flaw.set_aside]
    twice = sum(max(0, min(a.last_seq, b.last_seq) - max(a.first_seq, b.first_seq) + 1) for a in met for b in unmet)
    return found.damaged_records + sum(flaw.last_seq - flaw.first_seq + 1 for flaw in unmet) - twice


def _said_of_damage(found: JournalStatus, verdict: Verdict | None) -> str:
    count = _damaged(found, verdict)
    if verdict is None:
        return f"{count:,} records so far; too large to be read here, so ask `longcheng journal verify`"
    if verdict.flaws:
        file = ", and the file itself" if any(not flaw.last_seq for flaw in verdict.flaws) else ""
        return f"{count:,} records{file}: see `longcheng journal verify`"
    return f"{count:,} records, all of them gone by now" if count else "none"


def _say(path: Path, found: Verdict) -> None:
    for flaw in found.flaws[:_FLAWS_SHOWN]:
        out.print(Text(f"{_where(flaw)}: {flaw.what}{_meaning(flaw)}", style="red"), soft_wrap=True)
    unchecked = f", {found.unchecked:,} of them without a checksum" if found.unchecked else ""
    verdict = f"flaws found: {len(found.flaws)}" if found.flaws else "all is well"
    out.print(Text(f"{path}: {found.records:,} records read{unchecked}; {verdict}"), soft_wrap=True)
    if found.flaws:
        out.print(Text(_ADVICE), soft_wrap=True)


def _meaning(flaw: Flaw) -> str:
    if flaw.read_before:
        return "; every reader had passed it, so nothing is lost"
    return "; not every reader had passed it" if flaw.last_seq and not flaw.set_aside else ""


def _where(flaw: Flaw) -> str:
    return f"seq {flaw.first_seq} to {flaw.last_seq}" if flaw.last_seq else "the file"


def _span(seconds: float) -> str:
    for unit, length_s in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds / length_s:.1f} {unit}"
    return f"{seconds:.0f} seconds"
