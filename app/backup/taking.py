"""Taking a backup: copies of the databases first, then one pass over all files into the archive."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from alembic.migration import MigrationContext

from app.backup import files, postgres, snapshots
from app.backup.archive import Told, Writing, written
from app.backup.manifest import BEGIN, DATA, DUMP, END, FORMAT, RULES, SITE, Begin, Manifest, our_version
from app.backup.snapshots import CASES, SERIES, Copies
from config.load import Site
from domain.errors import ConfigError
from storage.case_opening import readonly_cases

_SPARE: Final = 256 << 20


def take(site: Site, to: str, without: tuple[str, ...], now_ms: int, told: Told) -> Manifest:
    """All of a site in one archive, beside a `serve` that goes on. Nothing is left behind by a failure.

    `without`: `series`, `evidence`, `cases`. `site`'s data folder must be absolute. Raises ConfigError where there is
    nothing, or no room for the copies; StoreUnavailable, StoreRefused.
    """
    data = site.settings.data_dir
    if not data.is_dir():
        raise ConfigError(f"data_dir is {data}, and there is no such folder: nothing to take")
    names = _databases(data, without)
    _check_room(data, names)
    left_out: list[str] = []
    with written(to, told) as archive, tempfile.TemporaryDirectory(prefix=".backup-", dir=data) as folder:
        copies, begin = _copied(site, Path(folder), names, without=without, now_ms=now_ms, told=told)
        archive.say(BEGIN, msgspec.json.encode(begin))
        _add_all(archive, site, copies, without, left_out)
        archive.list()
        manifest = Manifest(
            begin=begin,
            lists=tuple(archive.lists),
            files=archive.files,
            size=archive.size,
            journal_head=copies.journal_head,
            judged_to=copies.judged_to,
            left_out=tuple(left_out),
        )
        archive.say(END, msgspec.json.encode(manifest))
    return manifest


def _databases(data: Path, without: tuple[str, ...]) -> tuple[str, ...]:
    unwanted = {SERIES} if "series" in without else set()
    if "cases" in without:
        unwanted.add(CASES)
    return tuple(name for name in files.databases(data) if name not in unwanted)


def _check_room(data: Path, names: tuple[str, ...]) -> None:
    wanted = sum((data / name).stat().st_size for name in names) + _SPARE
    free = shutil.disk_usage(data).free
    if free < wanted:
        raise ConfigError(
            f"{data} has {free >> 20} MiB free, and copies of its databases need {wanted >> 20} MiB for a while"
        )


def _copied(
    site: Site, folder: Path, names: tuple[str, ...], *, without: tuple[str, ...], now_ms: int, told: Told
) -> tuple[Copies, Begin]:
    settings = site.settings
    server = bool(settings.cases.url) and "cases" not in without
    begin = Begin(
        format=FORMAT,
        version=our_version(),
        site=settings.site,
        taken_ms=now_ms,
        revision=_revision(site) if "cases" not in without else "",
        cases="postgresql" if server else "sqlite" if CASES in names else "none",
        without=without,
    )
    with _cases(site, folder, names, server=server, told=told) as judged_to:
        copies = snapshots.take(settings.data_dir, folder, names, judged_to, lambda name: told(f"{DATA}/{name}", 0))
    dump = folder / Path(DUMP).name
    return (msgspec.structs.replace(copies, dumps=(dump,)) if server else copies), begin


@contextmanager
def _cases(
    site: Site, folder: Path, names: tuple[str, ...], *, server: bool, told: Told
) -> Iterator[snapshots.JudgedTo]:
    """Who can say up to where the cases' copy has judged. A server's is taken here, before all others."""
    if server:
        with postgres.moment(site.settings) as dumped:
            told(DUMP, 0)
            dumped.write(folder / Path(DUMP).name)
            yield dumped.judged_to
        return
    kept = CASES in names

    def of_the_copy(identity: str) -> int:
        return snapshots.cursor_in(folder / CASES, snapshots.reader_of(identity)) if kept else 0

    yield of_the_copy


def _add_all(archive: Writing, site: Site, copies: Copies, without: tuple[str, ...], left_out: list[str]) -> None:
    data, folder = site.settings.data_dir, site.folder.resolve()
    # The site's first: they say where all else is to go.
    for name, path in files.below(folder, SITE, left_out, frozenset({data.resolve(), data})):
        _add(archive, name, path, left_out)
    for path in site.rule_files:
        if not path.is_relative_to(folder):
            _add(archive, f"{RULES}/{path.name}", path, left_out)
    for path in copies.paths:
        archive.add(f"{DATA}/{path.name}", path)
        path.unlink()  # its room is given back at once
    for dump in copies.dumps:
        archive.add(DUMP, dump)
    # Pictures last: what cases and looks speak of was kept before it was spoken of.
    unwanted = (files.EVIDENCE,) if "evidence" in without else ()
    for name, path in files.plain(data, unwanted, left_out):
        _add(archive, f"{DATA}/{name}", path, left_out)


def _add(archive: Writing, name: str, path: Path, left_out: list[str]) -> None:
    if not archive.add(name, path):
        left_out.append(name)


def _revision(site: Site) -> str:
    with readonly_cases(site.settings) as engine:
        if engine is None:
            return ""
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
