"""The memories of all cameras: in the worker while it runs, in a store in between."""

import logging
from typing import Protocol

from msgspec import Struct

from vision import leftover
from vision.memory import CameraMemory, from_bytes, to_bytes

log = logging.getLogger(__name__)

SAVE_WITHIN_MS = 600_000
"""A memory in which nothing of weight has changed is written at the latest after this time. A memory is some 150 kB,
those of 671 cameras 100 MB, all of it kept in the worker: a look a minute each would write that every minute."""
AT_A_TIME = 64
"""Memories are packed and written so many at once: packing all of a city's would take as much room again."""


class MemoryStore(Protocol):
    """Where memories outlive the worker."""

    def load(self, camera_id: str) -> bytes | None:
        """A camera's memory; None if it has none."""
        ...

    def save(self, memories: dict[str, bytes]) -> None:
        """Keep these memories by camera_id."""
        ...


class _Weight(Struct, frozen=True):
    """What a crash must not lose of a memory: an onset, a step, a view; and how old it is."""

    what: tuple[object, ...]
    picture_ms: int


def _weight(memory: CameraMemory) -> _Weight:
    places = tuple((place.label, place.home, place.marks, place.missed) for place in memory.places)
    left = tuple((mark.key, mark.marks) for mark in memory.album.left)
    what = (memory.view, memory.zones_key, places, left, leftover.weight(memory.backgrounds))
    return _Weight(what, memory.seen.picture_ms)


class Recall:
    """Loads each memory once, and saves in batches those in which something of weight has changed."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._known: dict[str, CameraMemory] = {}
        self._saved: dict[str, _Weight] = {}
        self._dirty: set[str] = set()
        self._told = False

    def known(self, camera_id: str) -> CameraMemory | None:
        """The camera's memory, if it was read already; never blocks."""
        return self._known.get(camera_id)

    def get(self, camera_id: str) -> CameraMemory:
        """The camera's memory; reads the store the first time, so not on the event loop."""
        if camera_id not in self._known:
            stored = self._store.load(camera_id)
            self._known[camera_id] = memory = from_bytes(stored)
            if stored is not None and not memory.looks:
                self._tell_unreadable(camera_id)
            self._saved[camera_id] = _weight(memory)
        return self._known[camera_id]

    def put(self, camera_id: str, memory: CameraMemory) -> None:
        """What the camera's next look has to know."""
        self._known[camera_id] = memory
        saved, now = self._saved[camera_id], _weight(memory)
        if saved.what != now.what or abs(now.picture_ms - saved.picture_ms) >= SAVE_WITHIN_MS:
            self._dirty.add(camera_id)

    def save(self, *, everything: bool = False) -> None:
        """Write what has changed; `everything` includes what has no weight. Blocks. What failed is tried next time."""
        dirty, self._dirty = self._dirty, set()
        wanted = sorted(self._known if everything else dirty)
        try:
            for first in range(0, len(wanted), AT_A_TIME):
                self._write({camera_id: self._known[camera_id] for camera_id in wanted[first : first + AT_A_TIME]})
        except Exception:
            self._dirty |= dirty
            raise

    def _tell_unreadable(self, camera_id: str) -> None:
        """Once, and not for each of a city's."""
        level = logging.DEBUG if self._told else logging.WARNING
        self._told = True
        log.log(
            level,
            "%s: its memory is of another version, or damaged, and cannot be read: it begins anew, as may others. What "
            "stands there already and has no class is not known any more",
            camera_id,
        )

    def _write(self, memories: dict[str, CameraMemory]) -> None:
        self._store.save({camera_id: to_bytes(memory) for camera_id, memory in memories.items()})
        self._saved.update({camera_id: _weight(memory) for camera_id, memory in memories.items()})
