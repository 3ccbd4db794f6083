"""The vision worker as it is shipped, sweeping on order, in a process of its own.

`python -m app.bench.vision.product <site folder>` says which model it has; each line on its input is an `Order`,
each answer a `Swept`. It ends with its input.
"""

import asyncio
import random
import resource
import sys
import time
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from app.occasions import occasions_of
from config.load import Site, load_site
from domain.clock import SystemClock
from rules.files import load_rules
from storage.camera_memory import CameraMemories
from storage.evidence_store import EvidenceStore
from vision.detecting import Detector
from vision.detectors import open_detector
from vision.detectors.faces import Faces
from vision.publish import SightingPublisher
from vision.tally import WatchStats
from vision.worker import Worker

_FLUSH_S = 30.0


class Order(Struct, frozen=True, kw_only=True):
    """Look through every camera once."""

    infer_all: bool


class Swept(Struct, frozen=True, kw_only=True):
    """What one sweep took."""

    seconds: float
    visits_s: dict[str, float]
    """How long each camera's visit took."""
    cpu_s: float
    rss_mb: float
    """After it."""
    peak_rss_mb: float
    """Since the process began."""
    stats: WatchStats
    """Of all sweeps of this kind so far."""


class Named(Struct, frozen=True, kw_only=True):
    """The detector, said first."""

    model: str
    model_sha256: str


class Product:
    """Everything that `longcheng watch` puts together."""

    def __init__(self, site: Site) -> None:
        data = Path(site.settings.data_dir)
        data.mkdir(parents=True, exist_ok=True)
        self._site = site
        self._memories = CameraMemories(data / "cameras.db")
        self._evidence = EvidenceStore(data / "evidence")
        self._detector: Detector = open_detector(site.settings.vision)
        self._occasions = occasions_of(load_rules(site.rule_files, site))
        self._faces = Faces()
        self.publisher = SightingPublisher(
            site.settings.mqtt,
            client_id="longcheng-bench-watch",
            chance=random.Random(),  # noqa: S311 jitter
        )

        self._workers = {infer_all: self._worker(infer_all=infer_all) for infer_all in (True, False)}
        self.named = Named(model=self._detector.model, model_sha256=self._detector.model_sha256)

    def _worker(self, *, infer_all: bool) -> Worker:
        return Worker(
            self._site,
            evidence=self._evidence,
            memories=self._memories,
            publisher=self.publisher,
            clock=SystemClock(),
            chance=random.Random(),  # noqa: S311 jitter
            detector=self._detector,
            skip_unchanged=not infer_all,
            occasions=self._occasions,
            faces=self._faces,
        )

    async def sweep(self, order: Order) -> Swept:
        """Look through all cameras once, and wait until the broker has it all."""
        worker = self._workers[order.infer_all]
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        visits_s = await worker.sweep()
        await asyncio.to_thread(self.publisher.flush, _FLUSH_S)
        return Swept(
            seconds=time.monotonic() - began_s,
            visits_s=visits_s,
            cpu_s=time.process_time() - began_cpu_s,
            rss_mb=psutil.Process().memory_info().rss / 2**20,
            peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            stats=worker.stats,
        )


async def _obey(site: Site) -> None:
    product = Product(site)
    product.publisher.start()
    _say(msgspec.json.encode(product.named))
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(msgspec.json.encode(await product.sweep(msgspec.json.decode(line, type=Order))))
    finally:
        product.publisher.stop(2.0)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_obey(load_site(sys.argv[1])))
