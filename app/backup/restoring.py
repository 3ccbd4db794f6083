"""Bringing an archive back: read and checked beside what is there, and put in its place by a rename."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from app.backup import postgres
from app.backup.account import Account
from app.backup.archive import Found, Told, read
from app.backup.manifest import (
    BEGIN,
    DATA,
    DUMP,
    END,
    LIST,
    SITE,
    ArchiveRefused,
    Begin,
    Listed,
    Manifest,
    Member,
    check_begin,
    check_name,
)
from app.backup.target import LOCKS, Agree, Target, nobody_on
from domain.errors import StoreRefused


class Restored(Struct, frozen=True, kw_only=True):
    """What was brought back, and where it lies."""

    manifest: Manifest
    data_dir: str
    site: str
    set_aside: tuple[str, ...] = ()
    """Folders that stood there before; they were moved, not deleted."""
    differing: tuple[str, ...] = ()
    """Files of the site's folder that are others than the archive's, and were left as they are."""


Said = TypeVar("Said", Manifest, Listed)


def verify(source: str, told: Told) -> Manifest:
    """Read all of an archive, and compare it with what it says of itself. Raises ArchiveRefused."""
    return _unpack(source, None, told, lambda _begin: None)


def restore(
    source: str, folder: Path, *, replace: bool, stamp: str, told: Told, agree: Agree = lambda _site, _data: None
) -> Restored:
    """A site as it was. `folder` is its site folder; without a site.yaml there, the archive's files become it.

    Its `data_dir` must be empty, unless with `replace`: then what is there is moved to `….before-{stamp}`. `agree` is
    told both folders once they are known, and what it raises leaves them as they are.
    Raises ConfigError for a `serve` or `watch` that runs there; ArchiveRefused; StoreRefused. Until all was read and
    found right, nothing that is there is touched.
    """
    target = Target(folder, replace=replace, agree=agree)
    try:
        manifest = _unpack(source, target.place, told, target.begin)
        return _put_in_place(manifest, target, stamp)
    finally:
        target.clear()


def _unpack(source: str, place: Callable[[str], Path] | None, told: Told, judge: Callable[[Begin], None]) -> Manifest:
    """Every member hashed, and put where `place` says. What it says of itself comes behind."""
    account = Account(source)
    begin: Begin | None = None
    manifest: Manifest | None = None
    with read(source, told) as members:
        for found in members:
            if manifest is not None:
                raise ArchiveRefused(f"{source} holds {found.name!r} behind its end")
            if begin is None:
                begin = check_begin(found.content()) if found.name == BEGIN else _no_begin(source)
                judge(begin)
            elif found.name == END:
                manifest = _decoded(found, Manifest)[0]
            elif LIST.fullmatch(found.name):
                account.compare(*_decoded(found, Listed))
            else:
                check_name(found.name)
                account.saw(found.copy(None) if place is None else _copied(found, place(found.name)))
    account.close(manifest, begin)
    assert manifest is not None  # noqa: S101
    return manifest


def _copied(found: Found, path: Path) -> Member:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise ArchiveRefused(f"it holds {found.name!r} twice") from None
    with os.fdopen(descriptor, "wb") as file:
        member = found.copy(file)
        file.flush()
        os.fchmod(file.fileno(), found.mode)
        os.fsync(file.fileno())
    return member


def _decoded(found: Found, kind: type[Said]) -> tuple[Said, Member]:
    raw = found.content()
    try:
        said = msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as wrong:
        raise ArchiveRefused(f"{found.name} in it cannot be read: {wrong}") from None
    return said, Member(name=found.name, size=len(raw), sha256=hashlib.sha256(raw).hexdigest())


def _no_begin(source: str) -> Begin:
    raise ArchiveRefused(f"{source} does not begin with {BEGIN}: it is no backup")


def _put_in_place(manifest: Manifest, target: Target, stamp: str) -> Restored:
    site, aside = target.site, []
    data = site.settings.data_dir
    differing = target.differing()
    target.check_room()
    if manifest.begin.cases == "postgresql":
        postgres.put_back(site.settings, target.unpacked / DUMP, replace=target.replace)
    fresh_data = target.unpacked / DATA
    fresh_data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.fresh:
        if target.folder.is_dir():
            target.folder.rmdir()
        _move(target.beside / SITE, target.folder)
    data.parent.mkdir(parents=True, exist_ok=True)
    if data.is_dir():
        with nobody_on(data):
            aside += _set_aside(data, stamp)
    _move(fresh_data, data)
    return Restored(
        manifest=manifest,
        data_dir=str(data.absolute()),
        site=str(target.folder.absolute()),
        set_aside=tuple(aside),
        differing=differing,
    )


def _set_aside(data: Path, stamp: str) -> list[str]:
    """What stood there before, under another name; an empty folder goes."""
    if all(entry.name in LOCKS for entry in data.iterdir()):
        for name in LOCKS:
            (data / name).unlink(missing_ok=True)
        data.rmdir()
        return []
    before = data.with_name(f"{data.name}.before-{stamp}")
    _move(data, before)
    return [str(before.absolute())]


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
        _sync(target.parent)
    except OSError as wrong:
        raise StoreRefused(
            f"{source} cannot become {target}: {wrong.strerror}; a folder that is a mount of its own cannot be "
            "replaced: let data_dir be a folder in it"
        ) from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
