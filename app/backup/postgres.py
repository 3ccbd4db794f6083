"""A case store on PostgreSQL, by its own programs: `pg_dump` and `pg_restore`."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, inspect, make_url

from app.backup.snapshots import reader_of
from config.schema import Settings
from domain.errors import ConfigError, StoreRefused
from storage.case_claim import Claim, Claimed
from storage.case_engine import open_engine, place, reading

_DUMP: Final = ("-Fc", "--no-owner", "--no-privileges")
_LONGEST_S: Final = 4 * 3600.0
_OPTIONS: Final = ("statement_timeout=0", "idle_in_transaction_session_timeout=0", "lock_timeout=0")


class Dumped:
    """One moment of the database: what its cursors say, and a dump of the same."""

    def __init__(self, connection: Connection, url: URL) -> None:
        self._connection = connection
        self._url = url
        self._snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()

    def judged_to(self, identity: str) -> int:
        """Up to where a journal is judged."""
        asked = "SELECT seq FROM cursors WHERE name = %(name)s"
        found = self._connection.exec_driver_sql(asked, {"name": reader_of(identity)}).scalar_one_or_none()
        return int(found or 0)

    def write(self, path: Path) -> None:
        """The dump, in PostgreSQL's own format. Raises StoreRefused with what `pg_dump` said."""
        _run(
            "pg_dump",
            self._url,
            [*_DUMP, f"--snapshot={self._snapshot}", "-f", str(path)],
        )


@contextmanager
def moment(settings: Settings) -> Iterator[Dumped]:
    """The database as it is now, for as long as the block lasts. Raises ConfigError without `pg_dump`."""
    _program("pg_dump")
    engine = open_engine(settings.cases.url)
    try:
        with reading(engine) as connection:
            for option in _OPTIONS:
                connection.exec_driver_sql(f"SET LOCAL {option}")
            yield Dumped(connection, engine.url)
    finally:
        engine.dispose()


def put_back(settings: Settings, dump: Path, *, replace: bool) -> None:
    """All of a dump or nothing. What stands there goes only with `replace`.

    Raises StoreRefused while a `serve` has it, where tables are, and with what `pg_restore` said.
    """
    check_room(settings, replace=replace)
    url = make_url(settings.cases.url)
    with ExitStack() as claimed:
        for what in Claimed:
            claim = Claim(settings, what)
            claimed.callback(claim.release)
            claim.take()
        clean = ["--clean", "--if-exists"] if replace else []
        _run("pg_restore", url, ["--no-owner", "--no-privileges", "--single-transaction", *clean, "-d", "", str(dump)])


def check_room(settings: Settings, *, replace: bool) -> None:
    """Raises StoreRefused where something stands that was not to be replaced, ConfigError without `pg_restore`."""
    _program("pg_restore")
    engine = open_engine(settings.cases.url)
    try:
        with reading(engine) as connection:
            if not replace and inspect(connection).get_table_names():
                raise StoreRefused(f"{place(engine.url)} has tables; name an empty database, or say --replace")
    finally:
        engine.dispose()


def _run(program: str, url: URL, words: list[str]) -> None:
    environment = {**os.environ, **_environment(url)}
    command = [_program(program), *_database(program, words, url)]
    done = subprocess.run(  # noqa: S603  PostgreSQL's own program, with words of ours
        command, env=environment, capture_output=True, check=False, timeout=_LONGEST_S, text=True
    )
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise StoreRefused(f"{program} of {place(url)} failed: {said}")


def _database(program: str, words: list[str], url: URL) -> list[str]:
    """`pg_restore` writes a script unless it is told its database; `pg_dump` finds it in the environment."""
    return [url.database or "" if word == "" else word for word in words] if program == "pg_restore" else words


def _environment(url: URL) -> dict[str, str]:
    """What says where it is: not the command's words, which every user of the machine can read."""
    host = url.host or url.query.get("host", "")
    said = {
        "PGHOST": host if isinstance(host, str) else ",".join(host),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
        "PGSSLMODE": str(url.query.get("sslmode", "")),
        "PGSSLROOTCERT": str(url.query.get("sslrootcert", "")),
    }
    return {name: value for name, value in said.items() if value}


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        dump = "pg_dump -Fc --no-owner --no-privileges -f cases.pgdump DATABASE"
        raise ConfigError(
            f"the case store is on PostgreSQL, and there is no program {name} here: apt-get install postgresql-client, "
            f"of the server's version or newer; or take the cases by themselves where it is, `{dump}`, and all else "
            "with --without-cases"
        )
    return found
