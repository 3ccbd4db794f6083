"""`longcheng evidence …`: kept pictures. What is seen, held, released or deleted is written into their ledger."""

import getpass
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.commands.case_book import book_if_any
from app.commands.which_site import SiteName, the_site
from app.retention import Known, Sweep, carry_out, plan, remembered_pictures
from config.load import Site
from domain.clock import SystemClock, utc
from domain.errors import ConfigError, StoreUnavailable
from domain.picture import PictureState, PictureUse, taken_ms_of
from storage.evidence_store import EvidenceStore, Hold, Word
from storage.evidence_store.holds import OF_CASE
from storage.journal.status import read_status
from storage.sqlite import open_readonly

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
out = Console()

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
Name = Annotated[str, typer.Argument(help="Of a picture, e.g. CZ-0001/20261122/CZ-0001-1795329600000.")]
OneName = Annotated[str, typer.Argument(help="Of a picture; or leave it out and name a --case.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why. It is written down for good.")]
Who = Annotated[str, typer.Option("--who", help="In whose name; your login's if left out.", show_default=False)]
CaseNo = Annotated[str, typer.Option("--case", help="All pictures of this case, also those it still gets.")]

_MIB = 1 << 20


class Row(Struct, frozen=True, kw_only=True):
    """One picture, as it is listed."""

    name: str
    taken_ms: int | None
    state: PictureState
    held: bool
    shows: tuple[str, ...]
    size: int
    sha256: str | None


@cli.command("list")
def list_command(
    *,
    camera: Annotated[str, typer.Option(help="Only this camera's.")] = "",
    state: Annotated[PictureState | None, typer.Option(help="Only those of which this became.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest.", min=1)] = 50,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Which pictures are kept, what became of what they show, and whether they are held."""
    found = the_site(site)
    store, known = _store(found), _known(found)
    rows = [row for row in _rows(store, known, camera) if state in {None, row.state}]
    shown = sorted(rows, key=lambda row: (row.taken_ms or 0, row.name), reverse=True)[:limit]
    if as_json:
        _json({"pictures": msgspec.to_builtins(shown), "found": len(rows), "bytes": sum(row.size for row in rows)})
        return
    table = Table("picture", "taken", "became", "shows", "held", title_justify="left")
    for row in shown:
        taken = f"{utc(row.taken_ms).astimezone(found.timezone):%Y-%m-%d %H:%M:%S}" if row.taken_ms else "?"
        table.add_row(row.name, taken, row.state.value, ", ".join(row.shows) or "nothing", "held" if row.held else "")
    out.print(table)
    out.print(f"{len(shown)} of {len(rows)} pictures, {sum(row.size for row in rows) / _MIB:,.1f} MiB")


@cli.command()
def original(
    name: Name,
    *,
    reason: Reason,
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not be there yet.")],
    who: Who = "",
    site: SiteName = "",
) -> None:
    """Copy an original, which nobody's face is hidden in, into a file. Who did it and why is written down first."""
    store, person = _store(the_site(site)), who or getpass.getuser()
    if to.exists():
        raise ConfigError(f"--to is {to}, which is there already; name a new file")
    try:
        found = store.original(name, who=person, why=reason, at_ms=SystemClock().now_ms())
    except (LookupError, ValueError) as wrong:
        raise ConfigError(str(wrong)) from None
    to.touch(mode=0o600, exist_ok=False)
    to.write_bytes(found.data)
    out.print(Text(f"{to}: {len(found.data):,} bytes, seen by {person}: {reason}"), soft_wrap=True)
    if not found.intact:
        out.print(Text("NOT as it was when it was kept: its SHA-256 is another one, or none is known", style="red"))
        raise typer.Exit(1)


@cli.command()
def verify(site: SiteName = "", as_json: AsJson = False) -> None:
    """Compare every picture with its SHA-256, and with the one its look told; and see that the ledger is whole.

    Exits with 0 only if nothing is changed or missing.
    """
    found = the_site(site)
    store = _store(found)
    with book_if_any(found) as cases:
        told = cases.picture_hashes() if cases else {}
    deleted = {line.name for line in store.ledger.lines() if line.what is Word.DELETED}
    flaws = list(store.verify({name: sha256 for name, sha256 in told.items() if name not in deleted}))
    broken = store.ledger.broken()
    if as_json:
        _json({"flaws": msgspec.to_builtins(flaws), "ledger_broken_lines": broken, "told_by_looks": len(told)})
    else:
        for flaw in flaws:
            out.print(Text(f"{flaw.what}: {flaw.name}", style="red"), soft_wrap=True)
        for number in broken:
            out.print(Text(f"ledger line {number} does not follow from the one before", style="red"))
        out.print("all is well" if not flaws and not broken else f"flaws found: {len(flaws) + len(broken)}")
    raise typer.Exit(1 if flaws or broken else 0)


@cli.command()
def hold(name: OneName = "", *, reason: Reason, case: CaseNo = "", who: Who = "", site: SiteName = "") -> None:
    """Let a picture, or all of a case, not be deleted until it is released."""
    target = _target(name, case)
    try:
        new = _store(the_site(site)).holds.add(
            Hold(target=target, who=who or getpass.getuser(), why=reason, at_ms=SystemClock().now_ms())
        )
    except ValueError as wrong:
        raise ConfigError(str(wrong)) from None
    out.print(Text(f"{target} is held" if new else f"{target} was held already"))


@cli.command()
def release(name: OneName = "", *, reason: Reason, case: CaseNo = "", who: Who = "", site: SiteName = "") -> None:
    """End a hold. What its time has passed for is deleted by the next upkeep."""
    target, person = _target(name, case), who or getpass.getuser()
    try:
        ended = _store(the_site(site)).holds.release(target, who=person, why=reason, at_ms=SystemClock().now_ms())
    except ValueError as wrong:
        raise ConfigError(str(wrong)) from None
    out.print(Text(f"{target} is held no longer" if ended else f"{target} was not held"))


@cli.command()
def holds(site: SiteName = "", as_json: AsJson = False) -> None:
    """What is held, by whom, and why."""
    found = the_site(site)
    known = _store(found).holds.all()
    if as_json:
        _json({"holds": msgspec.to_builtins(known)})
        return
    table = Table("held", "since", "by", "why", title_justify="left")
    for one in known:
        table.add_row(one.target, f"{utc(one.at_ms).astimezone(found.timezone):%Y-%m-%d %H:%M}", one.who, one.why)
    out.print(table)


@cli.command()
def prune(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Delete what its time has passed for (`evidence:` in site.yaml), as `serve` does by itself every hour."""
    found = the_site(site)
    if not dry_run:
        _refuse_unread(found)
    store, now_ms = _store(found), SystemClock().now_ms()
    sweep = plan(store, _known(found), found.settings.evidence, now_ms)
    deleted = 0 if dry_run else carry_out(store, sweep, now_ms)
    if as_json:
        _json({"due": msgspec.to_builtins(sweep.due), "deleted": deleted, "left": sweep.pictures, "held": sweep.held})
    else:
        _say(sweep, deleted, dry_run=dry_run)


def _say(sweep: Sweep, deleted: int, *, dry_run: bool) -> None:
    for due in sweep.due:
        out.print(Text(f"{due.why}: {due.name}"), soft_wrap=True)
    what = "would be deleted" if dry_run else "deleted"
    number = len(sweep.due) if dry_run else deleted
    out.print(f"{number} {what}, {sweep.pictures} left ({sweep.size / _MIB:,.1f} MiB), {sweep.held} of them held")


def _rows(store: EvidenceStore, known: Known, camera: str) -> Iterator[Row]:
    for stored in store.pictures():
        if camera and not stored.name.startswith(f"{camera}/"):
            continue
        uses, record = known.uses.get(stored.name, ()), store.record(stored.name)
        yield Row(
            name=stored.name,
            taken_ms=record.facts.taken_ms if record else taken_ms_of(stored.name),
            state=_state(uses),
            held=stored.name in known.held or any(f"{OF_CASE}{use.case_id}" in known.held for use in uses),
            shows=tuple(sorted({thing.label for thing in record.facts.seen})) if record else (),
            size=stored.size,
            sha256=record.sha256 if record else None,
        )


def _state(uses: Collection[PictureUse]) -> PictureState:
    states = {use.state for use in uses}
    return next((state for state in reversed(PictureState) if state in states), PictureState.NO_FINDING)


def _target(name: str, case: str) -> str:
    if bool(name) == bool(case):
        raise ConfigError("name one picture, or a case with --case")
    return name or f"{OF_CASE}{case}"


def _store(site: Site) -> EvidenceStore:
    return EvidenceStore(site.settings.data_dir / "evidence")


def _known(site: Site) -> Known:
    with book_if_any(site) as cases:
        uses = cases.picture_uses() if cases else {}
    return Known(
        uses=uses,
        held=frozenset(hold.target for hold in _store(site).holds.all()),
        named=remembered_pictures(site.settings.data_dir, site.settings.evidence, SystemClock().now_ms()),
    )


def _refuse_unread(site: Site) -> None:
    """What nothing refers to yet may be what the next finding shows."""
    path = site.settings.data_dir / "journal.db"
    if not path.is_file():
        return
    from app.readers.rules_reader import RULES

    with closing(open_readonly(path)) as connection:
        try:
            status = read_status(connection, path, site.settings.journal.max_size, SystemClock().now_ms())
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{path} cannot be read: {error}; nothing is deleted") from error
    if waiting := status.lags.get(RULES, status.head):
        raise ConfigError(f"{waiting:,} messages have not been judged yet; let `serve` run, then prune")


def _json(value: object) -> None:
    out.print_json(msgspec.json.encode(value).decode(), indent=None)
