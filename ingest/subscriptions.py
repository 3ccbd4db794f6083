"""What a client subscribes to, and, on disk, what it subscribed to last.

A session that the broker keeps also keeps the filters of earlier settings, and its broker tells nobody which. So they
are written down before they are asked for, and struck out when the broker has confirmed that they are gone.
"""

import hashlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

log = logging.getLogger(__name__)

_FOLDER = "sessions"


class Remembered(Struct, frozen=True, kw_only=True):
    """A session that a broker keeps for us."""

    client_id: str
    broker: str
    """host:port."""
    filters: tuple[str, ...]


class Plan(Struct, frozen=True, kw_only=True):
    """What to do with a session that the broker has just told of."""

    unwanted: tuple[str, ...]
    """Filters it still has, and that are no longer configured."""
    session_lost: bool
    """There was a session, and the broker does not have it any more."""


class Subscriptions:
    """Of one client at one broker. Without a folder, it remembers no longer than it lives."""

    def __init__(
        self, wanted: Iterable[str], *, client_id: str = "", broker: str = "", folder: Path | None = None
    ) -> None:
        """`folder` is the site's data folder."""
        self.wanted = tuple(wanted)
        self._client_id = client_id
        self._broker = broker
        self._path = folder / _FOLDER / _name(client_id, broker) if folder else None
        self._remembered = _read(self._path) if self._path else None

    def begin(self, *, session_present: bool) -> Plan:
        """Before anything is asked for: from here on, a crash forgets nothing that the broker may have."""
        remembered = self._remembered
        has = remembered.filters if remembered and session_present else ()
        self._write({*has, *self.wanted})
        return Plan(
            unwanted=tuple(name for name in has if name not in self.wanted),
            session_lost=remembered is not None and not session_present,
        )

    def settle(self) -> None:
        """The broker has confirmed: it is what is wanted, and nothing else."""
        self._write(self.wanted)

    def forget(self) -> None:
        """The session is ended."""
        self._remembered = None
        if self._path:
            self._path.unlink(missing_ok=True)

    def _write(self, filters: Iterable[str]) -> None:
        now = Remembered(client_id=self._client_id, broker=self._broker, filters=tuple(sorted(filters)))
        if now == self._remembered:
            return
        self._remembered = now
        if self._path is None:
            return
        try:
            _replace(self._path, msgspec.json.encode(now))
        except OSError as wrong:
            log.warning("collector: %s cannot be written (%s); its filters may outlive the settings", self._path, wrong)


def leftover(folder: Path, broker: str, client_ids: Iterable[str]) -> list[str]:
    """The client ids that had a session at this broker, and are not among these any more."""
    found = (_read(path) for path in sorted((folder / _FOLDER).glob("*.json")))
    used = set(client_ids)
    return [one.client_id for one in found if one and one.broker == broker and one.client_id not in used]


def _name(client_id: str, broker: str) -> str:
    return hashlib.sha256(f"{client_id}\n{broker}".encode()).hexdigest()[:16] + ".json"


def _read(path: Path) -> Remembered | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Remembered)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as wrong:
        log.warning("collector: %s cannot be read (%s); what it named stays subscribed", path, wrong)
        return None


def _replace(path: Path, content: bytes) -> None:
    """All of it or nothing, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
