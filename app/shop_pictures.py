"""Pictures as a shop may see them, made from the shareable copy when they are asked for, the last ones remembered."""

import threading
from collections import OrderedDict
from typing import Final

from config.load import Site
from domain.errors import SourceError
from storage.evidence_store import EvidenceStore
from vision.zone_copy import zone_copy

REMEMBERED: Final = 128
"""Some 50 KB each."""
_AT_ONCE: Final = 2
"""Each takes a core for a moment; pages must not slow the rules."""


class ShopPictures:
    """Any thread may ask."""

    def __init__(self, evidence: EvidenceStore, site: Site) -> None:
        self._evidence = evidence
        self._site = site
        self._made: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._room = threading.Semaphore(_AT_ONCE)

    def picture(self, name: str, zone: str) -> bytes | None:
        """A JPEG of one zone in a kept picture; None if there is none, or it cannot be known where the zone lay."""
        # A picture may be deleted while it is remembered here: what is gone is shown no more.
        path = self._evidence.shareable(name)
        if path is None:
            return None
        key = (name, zone)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = self._make(name, zone)
        if made is not None:
            with self._lock:
                self._made[key] = made
                while len(self._made) > REMEMBERED:
                    self._made.popitem(last=False)
        return made

    def _make(self, name: str, zone: str) -> bytes | None:
        path, record = self._evidence.shareable(name), self._evidence.record(name)
        camera = self._site.cameras.get(record.facts.camera_id) if record else None
        if path is None or record is None or camera is None:
            return None
        with self._room:
            try:
                return zone_copy(path.read_bytes(), record.facts, camera, zone)
            except (OSError, SourceError):  # it is just being deleted, or its file is broken
                return None
