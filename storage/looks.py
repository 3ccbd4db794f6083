"""The last looks of every camera, for people who look at one: what it saw today, and how its view was.

Nothing is judged by them, so a crash may cost the last second. A camera keeps its last `NEWEST` looks whole; of older
ones, for a day, those in which its view changed, those with other things than the one kept before, and one every
`APART_MS`; never more than `MOST` in all.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from domain.sighting import LookMark, Sighting, ViewHealth
from storage.lasting import Lasting
from storage.sqlite import Database

log = logging.getLogger(__name__)

FILE: Final = "looks.db"
NEWEST: Final = 50
MOST: Final = 400
DAY_MS: Final = 86_400_000
APART_MS: Final = 300_000
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS looks (
  camera_id TEXT NOT NULL, taken_ms INTEGER NOT NULL, stays INTEGER NOT NULL, view TEXT NOT NULL,
  things INTEGER NOT NULL, look BLOB NOT NULL, PRIMARY KEY (camera_id, taken_ms)) WITHOUT ROWID;
"""
_INSERT: Final = "INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?, ?, ?)"
_NTH: Final = "SELECT taken_ms FROM looks WHERE camera_id = ? ORDER BY taken_ms DESC LIMIT 1 OFFSET ?"
_PASSING: Final = "DELETE FROM looks WHERE camera_id = ? AND taken_ms < ? AND (NOT stays OR taken_ms < ?)"
_BEYOND: Final = "DELETE FROM looks WHERE camera_id = ? AND taken_ms <= ?"
_PRUNED_EVERY: Final = 60
"""Flushes, each a second after the other."""
_MOST_WAITING: Final = 20_000
"""While the disk is full, the rest is let go."""
_FLUSH_S: Final = 1.0


class _Kept(Struct, frozen=True):
    """What the next look is compared with."""

    taken_ms: int
    view: ViewHealth
    holds: tuple[tuple[str, str], ...]


class Looks:
    """Any thread may note and ask; one thread steps. What is noted is there after the next step."""

    def __init__(self, path: Path) -> None:
        """Open it, or begin it anew where it is damaged. Raises StoreUnavailable."""
        self._db = Lasting(path, lambda: Database(path, SCHEMA, synchronous="NORMAL"))
        self._waiting: list[Sighting] = []
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._touched: set[str] = set()
        self._steps = 0

    def note(self, observation: object) -> None:
        """Take note of a look; of anything else, nothing. Never blocks: it is called in the way of every message."""
        if isinstance(observation, Sighting) and len(self._waiting) < _MOST_WAITING:
            self._waiting.append(observation)

    def step(self) -> float:
        """Write what was noted. Returns how long to rest, in seconds. Raises StoreUnavailable, to be tried again."""
        with self._lock:
            noted = self._waiting[:]
            if noted:
                self._write(noted)
                del self._waiting[: len(noted)]
            self._steps += 1
            if self._steps % _PRUNED_EVERY == 0:
                self._prune()
        return _FLUSH_S

    def newest(self, camera_id: str, *, limit: int, before_ms: int | None = None) -> Sequence[Sighting]:
        """A camera's looks, the newest first."""
        statement = "SELECT look FROM looks WHERE camera_id = ? AND taken_ms < ? ORDER BY taken_ms DESC LIMIT ?"
        rows = self._db.rows(statement, (camera_id, before_ms if before_ms is not None else 1 << 62, limit))
        return [_decoder.decode(row[0]) for row in rows]

    def since(self, camera_id: str, since_ms: int, *, limit: int = MOST) -> Sequence[Sighting]:
        """A camera's looks from then on, the oldest first; of very many, the newest."""
        found = [look for look in self.newest(camera_id, limit=limit) if look.taken_ms >= since_ms]
        return found[::-1]

    def marks(self, camera_id: str, since_ms: int) -> Sequence[LookMark]:
        """What its looks from then on came to, the oldest first."""
        statement = "SELECT taken_ms, view, things FROM looks WHERE camera_id = ? AND taken_ms >= ? ORDER BY taken_ms"
        rows = self._db.rows(statement, (camera_id, since_ms))
        return [LookMark(taken_ms=at, view=ViewHealth(view), things=things) for at, view, things in rows]

    def close(self) -> None:
        """Write what was noted, and close the file. No thread may use it any more."""
        try:
            self.step()
        finally:
            self._db.close()

    def _write(self, noted: Sequence[Sighting]) -> None:
        kept = dict(self._kept)
        rows = [self._row(look) for look in noted]
        try:
            with self._db.transaction() as connection:
                connection.executemany(_INSERT, rows)
        except BaseException:
            self._kept = kept  # what is written later is compared with what stands in the file
            raise

    def _row(self, look: Sighting) -> tuple[object, ...]:
        holds = tuple(sorted((zone.zone, seen.label) for zone in look.zones for seen in zone.objects))
        before = self._kept.get(look.camera_id)
        stays = (
            before is None
            or before.view is not look.view
            or before.holds != holds
            or not 0 <= look.taken_ms - before.taken_ms < APART_MS
        )
        if stays:
            self._kept[look.camera_id] = _Kept(look.taken_ms, look.view, holds)
        self._touched.add(look.camera_id)
        return (look.camera_id, look.taken_ms, stays, look.view.value, len(holds), _encoder.encode(look))

    def _prune(self) -> None:
        """Of the cameras that were looked through since the last time."""
        with self._db.transaction() as connection:
            for camera_id in self._touched:
                for offset, statement in ((NEWEST - 1, _PASSING), (MOST, _BEYOND)):
                    found = connection.execute(_NTH, (camera_id, offset)).fetchone()
                    if found is not None:
                        day_ago = (found[0],) if statement is _BEYOND else (found[0], self._kept_until(camera_id))
                        connection.execute(statement, (camera_id, *day_ago))
        self._touched.clear()

    def _kept_until(self, camera_id: str) -> int:
        """A day before its newest look that is kept: the time of looks, not of this machine."""
        return self._kept[camera_id].taken_ms - DAY_MS if camera_id in self._kept else 0


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Sighting)
