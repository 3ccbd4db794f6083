"""The commands of `longcheng series`: readings out of a store, into another, and how a store is."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from app.commands import series_view as view
from app.commands.moments import moment_ms
from app.commands.series_view import StoreStatus
from app.commands.which_site import SiteName, the_site
from config.load import Site
from domain.clock import SystemClock, utc
from domain.errors import ConfigError, StoreRefused, StoreUnavailable, TransferError
from storage.series import SeriesStore, flaws
from storage.series.embedded import EmbeddedSeries
from storage.series.transfer import Imported, export_file, import_file
from storage.series.victoria import VictoriaSeries
from storage.series.victoria_server import Limits

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
out = Console()
err = Console(stderr=True)


class Kind(StrEnum):
    """Which of a site's stores; `auto` is the one it writes to."""

    AUTO = "auto"
    EMBEDDED = "embedded"
    INFLUX2 = "influx2"
    INFLUX3 = "influx3"
    VICTORIA = "victoria"


class Precision(StrEnum):
    """Units of time in a file of line protocol."""

    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"


AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
_OTHER = "Not the store the site writes to, but this one; where it is stands in site.yaml."


@cli.command("export")
def export_command(
    *,
    to: Annotated[Path, typer.Option("--to", help="FILE.parquet, or line protocol: FILE.lp or FILE.lp.gz.")],
    site: SiteName = "",
    since: Annotated[
        str, typer.Option("--from", help="`7d` ago, `2026-11-22` or `2026-11-22T08:00` in the site's time zone.")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="Likewise; it is not included.")] = "",
    measurement: Annotated[
        list[str] | None, typer.Option(help="Only this kind, such as tree; may be given several times.")
    ] = None,
    store: Annotated[Kind, typer.Option(help=_OTHER)] = Kind.AUTO,
    as_json: AsJson = False,
) -> None:
    """Write every stored point into a file.

    Parquet has one row for each point: `time`, `measurement`, a column for each tag and each metric. DuckDB, pandas
    and Polars read it as it is. Figures of hours whose points are no longer kept are not exported. Exits with 1, and
    writes no file, if there is nothing to export.
    """
    found, clock, to = the_site(site), SystemClock(), to.resolve()
    start_ms = moment_ms(since, "--from", found.timezone, clock) if since else flaws.FIRST_MS
    stop_ms = moment_ms(until, "--until", found.timezone, clock) if until else flaws.END_MS
    if start_ms >= stop_ms:
        raise ConfigError(f"--from {since or 'the beginning'} is not before --until {until or 'the end'}")
    with _opened(found, store) as (opened, where), view.Shown(f"exporting to {to.name}", err) as shown:
        done = export_file(
            opened,
            to,
            start_ms=start_ms,
            stop_ms=stop_ms,
            measurements=measurement or (),
            progress=shown.update,
        )
    if as_json:
        out.print_json(msgspec.json.encode(done).decode(), indent=None)
    elif done.points:
        out.print(Text(view.exported(done)), soft_wrap=True)
    else:
        err.print(Text(view.nothing(measurement, since, until, where)), soft_wrap=True)
    raise typer.Exit(0 if done.points else 1)


@cli.command("import")
def import_command(
    *,
    files: Annotated[list[Path], typer.Argument(help="FILE.parquet, FILE.lp or FILE.lp.gz; several are possible.")],
    site: SiteName = "",
    into: Annotated[Kind, typer.Option(help=_OTHER)] = Kind.AUTO,
    precision: Annotated[Precision, typer.Option(help="The unit of times in line protocol.")] = Precision.MS,
    as_json: AsJson = False,
) -> None:
    """Write every point of files into a store.

    May be run again, also after an interruption: a point that is there already stays one point. What the store will
    never take is written to FILE.rejected.lp with the reason, and the command exits with 1.
    """
    found = the_site(site)
    done: list[Imported] = []
    with _opened(found, into, makes=True) as (opened, where):
        for file in (given.resolve() for given in files):
            with view.Shown(f"importing {file.name}", err) as shown:
                try:
                    done.append(import_file(opened, file, precision=precision.value, progress=shown.update))
                except (StoreUnavailable, StoreRefused) as problem:
                    raise TransferError(
                        f"{file} is not imported whole: {where}: {problem}. Run the same again when that is mended"
                    ) from problem
    rejected = sum(one.rejected for one in done)
    if as_json:
        total = {
            "points": sum(one.points for one in done),
            "stored": sum(one.stored for one in done),
            "rejected": rejected,
        }
        out.print_json(msgspec.json.encode({**total, "files": done}).decode(), indent=None)
    else:
        for one in done:
            out.print(Text(view.imported(one, where)), soft_wrap=True)
    raise typer.Exit(1 if rejected else 0)


@cli.command()
def status(
    site: SiteName = "", store: Annotated[Kind, typer.Option(help=_OTHER)] = Kind.AUTO, as_json: AsJson = False
) -> None:
    """Which store it is, whether it answers, how many values it has, from when to when, and how long they are kept."""
    found = the_site(site)
    with _opened(found, store) as (opened, where), err.status("counting values"):
        answer = _asked(found, opened, where)
    if as_json:
        out.print_json(msgspec.json.encode(answer).decode(), indent=None)
    else:
        out.print(view.table(answer))
    raise typer.Exit(0 if answer.reachable else 1)


def _asked(site: Site, store: SeriesStore, where: str) -> StoreStatus:
    reachable, values, problem, extent, size = store.reachable(), None, None, None, None
    limits = Limits()
    if reachable:
        try:
            values = store.count()
            if isinstance(store, EmbeddedSeries):
                extent, size = store.extent(), store.size_bytes()
            if isinstance(store, VictoriaSeries):
                limits = store.limits()
        except (StoreUnavailable, StoreRefused) as wrong:
            problem, reachable = str(wrong), False
    oldest, newest = (utc(at_ms).astimezone(site.timezone).isoformat() for at_ms in extent) if extent else (None, None)
    return StoreStatus(
        kind=type(store).__name__.removesuffix("Series").lower(),
        where=where,
        reachable=reachable,
        values=values,
        problem=problem,
        oldest=oldest,
        newest=newest,
        size_bytes=size,
        keep_raw_s=site.settings.series.keep_raw,
        keep_hourly_s=site.settings.series.keep_hourly,
        server_keeps_s=None if limits.retention_ms is None else limits.retention_ms / 1000,
        counts_once=limits.deduplicates,
    )


@contextmanager
def _opened(site: Site, kind: Kind, *, makes: bool = False) -> Iterator[tuple[SeriesStore, str]]:
    """A store of the site, and where it is. The file of an embedded one is made only if that is asked for."""
    from storage.series.open import kind_of, open_store

    settings, path = site.settings.series, site.settings.data_dir / "series.db"
    if kind is not Kind.AUTO:
        _check(settings.model_dump(), kind)
        settings = settings.model_copy(update={"store": kind.value})
    if not makes and kind_of(settings) == "embedded" and not path.is_file():
        raise ConfigError(f"no readings at {path} yet; is this the right site and working folder?")
    store = open_store(settings, path)
    servers = {Kind.VICTORIA.value: settings.victoria_url, Kind.EMBEDDED.value: str(path)}
    auto = settings.victoria_url or settings.influx_url or str(path)
    where = auto if settings.store == Kind.AUTO.value else servers.get(settings.store, settings.influx_url)
    try:
        yield store, where
    finally:
        store.close()


def _check(settings: dict[str, object], kind: Kind) -> None:
    needed = {Kind.VICTORIA: "victoria_url", Kind.INFLUX2: "influx_url", Kind.INFLUX3: "influx_url"}.get(kind)
    if needed and not settings[needed]:
        raise ConfigError(f"the store {kind.value} is asked for, but series.{needed} is not set in site.yaml")
