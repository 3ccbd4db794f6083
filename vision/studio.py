"""The work on a picture, off the event loop: look, draw, keep."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import cv2
from msgspec import structs

from config.load import Site
from vision.evidence import Words, shareable_copy
from vision.look import Detector, Look, Terms, Visit, look
from vision.memory import CameraMemory
from vision.picture import Picture

log = logging.getLogger(__name__)

Result = TypeVar("Result")

THREADS = 2


class EvidenceKeeper(Protocol):
    """Where pictures that speak for a finding are kept."""

    def keep(self, camera_id: str, look_id: str, taken_ms: int, original: bytes, shareable: bytes) -> str:
        """Store both durably and return their name. Raises ValueError or OSError."""
        ...


class Studio:
    """Two threads that take looks. OpenCV's own threads are switched off: they would fight with these."""

    def __init__(self, site: Site, detector: Detector, evidence: EvidenceKeeper, *, skip_unchanged: bool) -> None:
        cv2.setNumThreads(1)
        vision = site.settings.vision
        self._terms = Terms(min_score=vision.min_score, compress=site.settings.compress, skip_unchanged=skip_unchanged)
        self._words = Words.of(site)
        self._detector = detector
        self._evidence = evidence
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="look")

    async def look(self, visit: Visit, memory: CameraMemory) -> Look:
        """One look; its picture is kept, and named in the sighting, if it is worth it."""
        return await self.run(lambda: self._look(visit, memory))

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do blocking work in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Let what is running end; nothing more is taken."""
        self._pool.shutdown(cancel_futures=True)

    def _look(self, visit: Visit, memory: CameraMemory) -> Look:
        taken = look(visit, memory, self._detector, self._terms)
        if not taken.keep or not isinstance(visit.brought, Picture):
            return taken
        sighting = taken.sighting
        shareable = shareable_copy(visit.brought.data, sighting, visit.camera, self._detector.detect, self._words)
        try:
            name = self._evidence.keep(
                sighting.camera_id, sighting.look_id, sighting.taken_ms, visit.brought.data, shareable
            )
        except (OSError, ValueError):  # a full disk costs the picture, not the look
            log.exception("%s: the picture of look %s is not kept", sighting.camera_id, sighting.look_id)
            return taken
        return structs.replace(taken, sighting=structs.replace(sighting, picture=name))
