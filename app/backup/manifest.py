"""What an archive says of itself: first what it is, last what it holds."""

import re
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Final

import msgspec
from alembic.config import Config
from alembic.script import ScriptDirectory
from msgspec import Struct

from domain.errors import LongchengError

FORMAT: Final = 1
BEGIN: Final = "backup.json"
"""The first member of an archive: a `Begin`."""
LIST: Final = re.compile(r"members-\d{5}\.json")
"""A `Listed` behind the members it tells of."""
END: Final = "manifest.json"
"""The last one: a `Manifest`. An archive without it was never finished."""
DATA, SITE, RULES, STORE = "data", "site", "rules", "store"
"""The archive's folders: the data folder, the site's, rule files from elsewhere, and what PostgreSQL gave out."""
DUMP: Final = f"{STORE}/cases.pgdump"
_PARTS: Final = (DATA, SITE, RULES, STORE)


class ArchiveRefused(LongchengError):
    """An archive that is damaged, unfinished, of a newer version, or no archive of ours."""


class Begin(Struct, frozen=True, kw_only=True):
    """What can be said before anything was read."""

    format: int
    version: str
    site: str
    taken_ms: int
    revision: str
    """Of the case store's tables, by Alembic; empty where there is no case store yet."""
    cases: str
    """`sqlite`, `postgresql` or `none`."""
    without: tuple[str, ...] = ()
    """What was left out by order: `series`, `evidence`."""


class Member(Struct, frozen=True, kw_only=True):
    """One file. `size` in bytes."""

    name: str
    size: int
    sha256: str


class Listed(Struct, frozen=True, kw_only=True):
    """The members since the list before, in their order: pictures may be a million, and none needs all in memory."""

    members: tuple[Member, ...]


class Manifest(Struct, frozen=True, kw_only=True):
    """All that lies in the archive."""

    begin: Begin
    lists: tuple[Member, ...]
    """The lists of its members, as members themselves."""
    files: int
    size: int
    """Bytes of all files, as they are on a disk."""
    journal_head: int = 0
    """The newest message in the journal, by its number."""
    judged_to: int = 0
    """Up to which message the case store has judged; those behind it are judged again."""
    left_out: tuple[str, ...] = ()
    """Links and other things that are no files, and files that vanished meanwhile."""


def our_version() -> str:
    """This program's."""
    return version("longcheng")


def check_begin(raw: bytes) -> Begin:
    """The Begin, if this program can read what follows. Raises ArchiveRefused."""
    try:
        begin = msgspec.json.decode(raw, type=Begin)
    except (msgspec.DecodeError, msgspec.ValidationError) as wrong:
        raise ArchiveRefused(f"{BEGIN} in it cannot be read ({wrong}): it is no backup, or of another format") from None
    if begin.format > FORMAT:
        raise ArchiveRefused(f"it has format {begin.format}, and this version reads up to {FORMAT}: use a newer one")
    if _numbers(begin.version) > _numbers(our_version()):
        raise ArchiveRefused(f"it was written by {begin.version}, and this is {our_version()}: install that version")
    if begin.revision and begin.revision not in known_revisions():
        raise ArchiveRefused(f"its case store has tables {begin.revision}, which this version does not know")
    return begin


def known_revisions() -> frozenset[str]:
    """Every revision of the case store's tables that this program can bring up to date."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def check_name(name: str) -> str:
    """The name, if it stays in one of the archive's folders. Raises ArchiveRefused."""
    path = PurePosixPath(name)
    plain = str(path) == name and not path.is_absolute() and ".." not in path.parts and "\0" not in name
    if not plain or "\\" in name or len(path.parts) < 2 or path.parts[0] not in _PARTS:
        raise ArchiveRefused(f"it holds {name!r}; all that a backup holds lies in {', '.join(_PARTS)}")
    return name


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))
