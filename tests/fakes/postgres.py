"""A real PostgreSQL of our own, on a free port, and a new database in it for each who asks."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.brokers import free_port

_PATIENCE_S = 90.0
_OWNER = "postgres"
PASSWORD = "long&城/secret"
"""Everything that a url has to escape."""
ESCAPED = "long%26%E5%9F%8E%2Fsecret"


class Postgres:
    """A cluster that keeps its files in `folder`, so that it can be stopped and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """`settings` are its own, besides and before those that all have."""
        self.port = free_port()
        self._settings = settings
        self._binaries = _binaries()
        self._folder = folder
        self._log = folder / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        _give_away(folder)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as secret:
            secret.write(PASSWORD)
        _give_away(Path(secret.name))
        made = self._as_owner("initdb", "-D", str(self._data), "-U", "longcheng", "--encoding=UTF8", "--locale=C.UTF-8",
                              "--auth=scram-sha-256", f"--pwfile={secret.name}")  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, timeout=_PATIENCE_S)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start it unless it runs, and return when it answers."""
        if self._process is not None:
            return
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
            "max_connections": "60",
            "shared_buffers": "32MB",
            "synchronous_commit": "off",  # so that only ours can be why commits wait for the disk
            "fsync": "off",  # nobody cuts the power here, and a server that is killed recovers all the same
        }
        said = [word for name, value in (settings | self._settings).items() for word in ("-c", f"{name}={value}")]
        command = self._as_owner("postgres", "-D", str(self._data), "-p", str(self.port), *said)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        ready = [str(self._binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]
        until_s, pause = time.monotonic() + _PATIENCE_S, threading.Event()
        while subprocess.run(ready, check=False, timeout=_PATIENCE_S).returncode != 0:
            if time.monotonic() > until_s or self._process.poll() is not None:
                pytest.fail(f"PostgreSQL did not start: {self._log.read_text(errors='replace')[-2000:]}")
            pause.wait(0.05)

    def stop(self) -> None:
        """Every session is ended, what they had not committed is undone, and the port is closed."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """As a power cut would; it recovers at the next start."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def url(self, database: str = "postgres") -> str:
        """As it stands in `site.yaml`."""
        return f"postgresql+psycopg://longcheng:{ESCAPED}@127.0.0.1:{self.port}/{database}"

    def by_socket(self, url: str) -> str:
        """The same database, without the network."""
        return url.replace(f"127.0.0.1:{self.port}", "") + f"?host={self._folder}&port={self.port}"

    def new_database(self, *more: str) -> str:
        """The url of a new, empty database; `more` are further words of CREATE DATABASE."""
        name = f"cases_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} {' '.join(more)}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """A database is no longer needed, whoever is connected to it."""
        self.run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def dump(self, url: str, to: Path) -> Path:
        """A backup of a database."""
        self._client("pg_dump", url.rpartition("/")[2], "--format=custom", f"--file={to}")
        return to

    def restored(self, backup: Path) -> str:
        """The url of a new database with what is in a backup."""
        url = self.new_database()
        self._client("pg_restore", url.rpartition("/")[2], "--no-owner", str(backup))
        return url

    def run(self, sql: str, database: str = "postgres") -> str:
        """What `psql` answers to a statement, as its superuser."""
        return self._client("psql", database, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", sql)

    def _client(self, program: str, database: str, *words: str) -> str:
        server = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "longcheng", "-d", database]
        asked = [str(self._binaries / program), *server, *words]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _as_owner(self, program: str, *words: str) -> Sequence[str]:
        """PostgreSQL refuses to run as root."""
        command = [str(self._binaries / program), *words]
        if os.geteuid() != 0:
            return command
        owner = pwd.getpwnam(_OWNER)
        return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", *command]


@contextmanager
def postgres(**settings: str) -> Iterator[Postgres]:
    """A running PostgreSQL, gone in the end with its files; `settings` as for `Postgres`."""
    # Not below pytest's folders: those are root's alone, and a socket's path may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="longcheng-pg-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder), **settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, _OWNER, _OWNER)


def _binaries() -> Path:
    """Debian keeps them out of the PATH, by version."""
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("initdb") or (str(kept[-1]) if kept else None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("postgresql is not installed; CI must have it")
        pytest.skip("postgresql is not installed")
    return Path(found).resolve().parent
