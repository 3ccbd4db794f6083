"""The work on a picture, off the event loop: look, draw, keep."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import cv2
from msgspec import structs

from config.load import Site
from vision.archive import Archive, EvidenceKeeper
from vision.detecting import Detector
from vision.detectors.hiding import finder_of_hidden
from vision.evidence import Faces, Hider, Words
from vision.keeping import Occasions
from vision.look import Look, Terms, Visit, look, sha256_of
from vision.memory import CameraMemory
from vision.picture import Picture
from vision.stages import Stage, Stopwatch
from vision.view_health import Duplicates
from vision.views import ViewKeeper, Views

Result = TypeVar("Result")

THREADS = 2


class Studio:
    """Two threads that take looks. OpenCV's own threads are switched off: they would fight with these."""

    def __init__(
        self,
        site: Site,
        detector: Detector,
        evidence: EvidenceKeeper,
        *,
        skip_unchanged: bool,
        occasions: Occasions | None = None,
        faces: Faces | None = None,
        views: ViewKeeper | None = None,
    ) -> None:
        """`occasions` is when pictures are kept; `faces` finds what else is to be hidden in their copies.

        `views` is where the last picture of every camera is kept, if anywhere.
        """
        cv2.setNumThreads(1)
        vision = site.settings.vision
        self._terms = Terms(
            min_score=vision.min_score,
            compress=site.settings.compress,
            skip_unchanged=skip_unchanged,
            timezone=site.timezone,
            occasions=occasions or Occasions(),
        )
        self._detector = detector
        self._duplicates = Duplicates()
        hider = Hider(detect=finder_of_hidden(detector), faces=faces)
        self._archive = Archive(evidence, hider, Words.of(site))
        every_s = site.settings.evidence.view_every
        self._views = None if views is None else Views(views, hider, every_s=every_s)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="look")
        self._looks: set[Future[Look]] = set()
        self._gives_up = False

    async def look(self, visit: Visit, memory: CameraMemory, stopwatch: Stopwatch | None = None) -> Look:
        """One look; its picture is kept, and named in the sighting, if it is worth it."""
        if self._gives_up:
            raise asyncio.CancelledError
        taken = self._pool.submit(self._look, visit, memory, stopwatch or Stopwatch())
        self._looks.add(taken)
        try:
            return await asyncio.wrap_future(taken)
        finally:
            self._looks.discard(taken)

    def give_up(self) -> None:
        """Begin no more looks: whoever waits for one is cancelled. Those that a thread is at end as they would have."""
        self._gives_up = True
        for taken in self._looks:
            taken.cancel()

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do blocking work in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Let what is running end; nothing more is taken."""
        self._pool.shutdown(cancel_futures=True)

    def _look(self, visit: Visit, memory: CameraMemory, stopwatch: Stopwatch) -> Look:
        stopwatch.lap(Stage.QUEUE)
        visit = self._compared(visit)
        taken = look(visit, memory, self._detector, self._terms, stopwatch)
        filed = self._archive.file(visit, taken)
        if self._views is not None:
            self._views.file(visit, filed)
        stopwatch.lap(Stage.EVIDENCE)
        return filed

    def _compared(self, visit: Visit) -> Visit:
        """The visit, with whether another camera has given the same picture."""
        if not isinstance(visit.brought, Picture) or visit.brought.unchanged:
            return visit
        sha256 = sha256_of(visit.brought)
        elsewhere = self._duplicates.elsewhere(sha256, visit.camera.source)
        return structs.replace(visit, sha256=sha256, elsewhere=elsewhere)
