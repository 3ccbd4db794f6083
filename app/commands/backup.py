"""`longcheng backup` and `longcheng restore`: everything that must not be lost, as one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TransferSpeedColumn
from rich.table import Table

from app.commands.which_site import the_site
from domain.clock import SystemClock, utc
from domain.errors import ConfigError

if TYPE_CHECKING:  # they bring SQLAlchemy, which most commands can do without
    from app.backup.archive import Told
    from app.backup.manifest import Manifest
    from app.backup.restoring import Restored

cli = typer.Typer(invoke_without_command=True)
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
_MIB = 1 << 20


@cli.callback()
def backup(
    context: typer.Context,
    *,
    site: Annotated[str, typer.Option("--site", envvar="LONGCHENG_SITE", show_default=False, help="Its folder.")] = "",
    to: Annotated[
        str, typer.Option("--to", help="A new file .tar, .tar.gz or .tar.zst; - for standard output, as a .tar.")
    ] = "",
    without_series: Annotated[
        bool, typer.Option("--without-series", help="Leave the embedded series store out.")
    ] = False,
    without_evidence: Annotated[bool, typer.Option("--without-evidence", help="Leave pictures out.")] = False,
    without_cases: Annotated[bool, typer.Option("--without-cases", help="Leave the case store out.")] = (False),
    as_json: AsJson = False,
) -> None:
    """Take a backup of a site while `serve` runs: settings, journal, cases, readings, pictures, keys.

    The file is for this user alone (0600) and not encrypted: it holds names, pictures and keys. To encrypt it:
    `longcheng backup --site S --to - | age -r KEY >FILE`.
    """
    if context.invoked_subcommand is not None:
        return
    from app.backup.archive import STREAM
    from app.backup.note import note_taken
    from app.backup.taking import take

    if not to:
        raise ConfigError("say where to: --to backups/today.tar.zst, or --to - for standard output")
    named = {"series": without_series, "evidence": without_evidence, "cases": without_cases}
    without = tuple(name for name, chosen in named.items() if chosen)
    found = the_site(site)
    with _progress(quiet=as_json) as told:
        manifest = take(found, to, without, SystemClock().now_ms(), told)
    with _noting(str(found.settings.data_dir)):
        note_taken(found.settings.data_dir, to, manifest)
    _say(manifest, to, as_json=as_json, on=err if to == STREAM else out)


@cli.command()
def verify(
    file: Annotated[str, typer.Argument(help="A backup; - for standard input.")],
    site: Annotated[
        str,
        typer.Option(
            "--site", envvar="LONGCHENG_SITE", help="Whose it is: if it is the newest, Health says it is right."
        ),
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Read all of a backup, and compare each byte with what was written."""
    from app.backup.note import note_verified
    from app.backup.restoring import verify as run

    with _progress(quiet=as_json) as told:
        manifest = run(file, told)
    if site:
        with _noting(site):
            note_verified(the_site(site).settings.data_dir, manifest, SystemClock().now_ms())
    _say(manifest, file, as_json=as_json, on=out)


def restore(
    file: Annotated[str, typer.Argument(help="A backup; - for standard input, then with --yes.")],
    *,
    site: Annotated[
        Path,
        typer.Option(
            "--site",
            envvar="LONGCHENG_SITE",
            help="The site's folder. One that is new gets the backup's files; else its settings say where data goes.",
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Set what stands in data_dir aside; in PostgreSQL, replace it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back. `serve` and `watch` must not run. Nothing is touched before all of it was found right."""
    from app.backup.archive import STREAM
    from app.backup.restoring import restore as run

    if file == STREAM and not yes:
        raise ConfigError("who brings back what comes from standard input cannot be asked there: say --yes")
    stamp = utc(SystemClock().now_ms()).strftime("%Y%m%dT%H%M%SZ")
    with _bar(quiet=as_json) as bar:
        agree = partial(_agree, bar, file, yes=yes)
        done = run(file, site, replace=replace, stamp=stamp, told=_told(bar), agree=agree)
    if as_json:
        out.print_json(msgspec.json.encode(_brief(done.manifest) | _where(done)).decode(), indent=None)
        return
    _say(done.manifest, file, as_json=False, on=out)
    out.print(f"site: {done.site}\ndata: {done.data_dir}", soft_wrap=True, markup=False)
    for folder in done.set_aside:
        out.print(f"what stood there before is now {folder}; remove it once all is well", soft_wrap=True, markup=False)
    for name in done.differing:
        out.print(f"{name} is not as in the backup, and was left as it is", soft_wrap=True, markup=False)


def _agree(bar: Progress, file: str, site: Path, data: Path, *, yes: bool) -> None:
    """Say where to, and ask: a `data_dir` of the settings may be relative, and lie below the working folder."""
    bar.stop()
    for name, folder, kept in (
        ("site", site, "there already, and kept"),
        ("data", data, "what stands there is set aside"),
    ):
        stands = folder.is_dir() and any(folder.iterdir())
        err.print(f"{name}: {folder} ({kept if stands else 'new'})", soft_wrap=True, markup=False, highlight=False)
    if not yes:
        typer.confirm(f"Bring {file} back to there?", abort=True, err=True)
    bar.start()


@contextmanager
def _progress(*, quiet: bool) -> "Iterator[Told]":
    with _bar(quiet=quiet) as bar:
        yield _told(bar)


def _bar(*, quiet: bool) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn(binary_units=True))
    return Progress(*columns, TransferSpeedColumn(), TimeElapsedColumn(), console=err, disable=quiet)


def _told(bar: Progress) -> "Told":
    task = bar.add_task("", total=None)
    return lambda name, size: bar.update(task, description=name[-48:], advance=size)


@contextmanager
def _noting(where: str) -> "Iterator[None]":
    """What cannot be noted costs the console's word of it, and no backup."""
    try:
        yield
    except (OSError, ConfigError) as wrong:
        err.print(f"not noted in {where}: {wrong}", soft_wrap=True, markup=False)


def _brief(manifest: "Manifest") -> dict[str, object]:
    facts = msgspec.to_builtins(manifest.begin)
    return {
        **facts,
        "files": manifest.files,
        "bytes": manifest.size,
        "journal_head": manifest.journal_head,
        "judged_to": manifest.judged_to,
        "left_out": manifest.left_out,
    }


def _where(done: "Restored") -> dict[str, object]:
    return {"data_dir": done.data_dir, "folder": done.site, "set_aside": done.set_aside, "differing": done.differing}


def _say(manifest: "Manifest", file: str, *, as_json: bool, on: Console) -> None:
    if as_json:
        on.print_json(msgspec.json.encode(_brief(manifest)).decode(), indent=None)
        return
    begin = manifest.begin
    table = Table(title=file, show_header=False, title_justify="left")
    table.add_row("site", begin.site)
    table.add_row("taken", utc(begin.taken_ms).isoformat())
    table.add_row("version, tables", f"{begin.version}, {begin.revision or 'none'}")
    table.add_row("files", f"{manifest.files}, {manifest.size / _MIB:.1f} MiB unpacked")
    table.add_row("messages", f"up to {manifest.journal_head}; judged to {manifest.judged_to}")
    table.add_row("left out", ", ".join((*begin.without, *manifest.left_out)) or "nothing")
    on.print(table)
