"""`longcheng registers check | import`: shops, permits, contacts and units from the files that offices send."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from app.commands.which_site import SiteName, the_site
from cases.imports.kinds import Kind, kind_of, read
from cases.imports.merge import Merged, merge, save
from config.load import Site
from console.payload import readable

cli = typer.Typer(no_args_is_help=True, help="Shops, permits, contacts and units from CSV files into the site's own.")
out = Console()
_SHOWN: Final = 40

File = Annotated[
    Path, typer.Argument(help="A CSV in UTF-8; its columns say what it holds: shops, permits, contacts or units.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]


@cli.command()
def check(file: File, *, site: SiteName = "", as_json: AsJson = False) -> None:
    """Say what is wrong with every line of a file, and what it would change. Nothing is written.

    shops: shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact and maybe hours (09:00-21:00).
    contacts: shop_id,contact. hours: shop_id,hours. permits: shop_id,matter,first,last,document.
    closures: shop_id,first,last,why. Both days are part of it.
    units: sub_district,grid,matter,unit,recipient; an empty cell fits all, and the closest line wins.
    """
    kind, merged = _merged(file, the_site(site))
    _tell(kind, merged, done=False, as_json=as_json)


@cli.command("import")
def import_(
    file: File,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Take a file over into the site's register, whole or, with one mistake in it, not at all.

    Lines the register has are changed, others are added; what the file does not name stays as it is. `serve` reads
    registers when it starts.
    """
    kind, merged = _merged(file, the_site(site))
    if not dry_run and merged.changes:
        save(merged)
    _tell(kind, merged, done=not dry_run, as_json=as_json)


def _merged(file: Path, site: Site) -> tuple[Kind, Merged]:
    kind = kind_of(file)
    return kind, merge(site.folder, kind, read(file, kind, site))


def _tell(kind: Kind, merged: Merged, *, done: bool, as_json: bool) -> None:
    if as_json:
        out.print_json(data=_data(kind, merged, done=done), indent=None)
        return
    for change in merged.changes[:_SHOWN]:
        key = readable(" ".join(change.key), limit=100)
        if change.added:
            named = ", ".join(new for column, (_old, new) in change.cells.items() if new and column not in kind.key)
            out.print(Text(f"+ {key}: {readable(named, limit=200)}", style="green"), soft_wrap=True)
        for column, (old, new) in () if change.added else change.cells.items():
            said = f"{readable(old, limit=80) or '(empty)'} → {readable(new, limit=80) or '(empty)'}"
            out.print(Text(f"~ {key}: {column}: {said}", style="yellow"), soft_wrap=True)
    if len(merged.changes) > _SHOWN:
        out.print(f"… and {len(merged.changes) - _SHOWN} more; --json has them all")
    added = sum(change.added for change in merged.changes)
    counts = f"{added} added, {len(merged.changes) - added} changed, {merged.same} as before"
    what = f"written to {merged.file}" if done and merged.changes else "nothing written"
    out.print(Text(f"{kind.name}: {counts}; {what}"), soft_wrap=True)


def _data(kind: Kind, merged: Merged, *, done: bool) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "register": str(merged.file),
        "written": done and bool(merged.changes),
        "same": merged.same,
        "changes": [
            {
                "key": list(change.key),
                "added": change.added,
                "cells": {column: {"old": old, "new": new} for column, (old, new) in change.cells.items()},
            }
            for change in merged.changes
        ],
    }
