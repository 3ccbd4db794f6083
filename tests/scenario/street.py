"""One street corner: pictures in, alarms, ladders and cases out. The real look, detector, rules, book and stores."""

import dataclasses
from itertools import count
from pathlib import Path

import numpy as np
from msgspec import structs

from config.load import Site
from domain.case import Alarm
from domain.errors import SourceError, SourceFault
from domain.ladder import Ladder
from domain.message import RawMessage
from domain.register import Camera, Shop, Zone
from domain.sighting import Sighting
from storage.evidence_store import EvidenceStore
from tests.app.line import Line, starter
from tests.fakes.cameras import jpeg
from tests.vision.scenes import Array, sensed
from vision.detecting import Detector
from vision.look import Visit
from vision.memory import from_bytes, to_bytes
from vision.picture import Picture
from vision.studio import Studio
from vision.wire import payload_of

MINUTE_MS = 60_000
BIKES_RULE = "bike-misparked"


class Street:
    """A camera, the shop before it, and everything behind them. Time is the line's own clock."""

    def __init__(self, folder: Path, detector: Detector, *zones: Zone) -> None:
        self.site = _site(folder, *zones)
        self.camera = next(iter(self.site.cameras.values()))
        self.line = Line(self.site)
        self._reader = self.line.reader()
        self.evidence = EvidenceStore(folder / "evidence")
        self._studio = Studio(self.site, detector, self.evidence, skip_unchanged=True)
        self._memory = to_bytes(from_bytes(None))
        self._seeds = count()

    async def sees(self, picture: Array, *, looks: int = 1, every_ms: int = MINUTE_MS) -> list[Sighting]:
        """So many looks at this scene, each with other noise."""
        return [
            await self.gets(Picture(data=jpeg(sensed(picture, seed=next(self._seeds)))), every_ms) for _ in range(looks)
        ]

    async def misses(self, fault: SourceFault, *, looks: int) -> list[Sighting]:
        """So many visits that bring no picture."""
        return [await self.gets(SourceError(fault, "made up")) for _ in range(looks)]

    async def gets(self, brought: Picture | SourceError, every_ms: int = MINUTE_MS) -> Sighting:
        """One look at exactly this; then everyone behind does what there is to do."""
        self.line.clock.advance(seconds=every_ms / 1000)
        now_ms = self.line.clock.now_ms()
        visit = Visit(camera=self.camera, brought=brought, taken_ms=now_ms)
        taken = await self._studio.look(visit, from_bytes(self._memory))
        self._memory = to_bytes(taken.memory)
        topic = f"longcheng/v1/camera/{self.camera.camera_id}/sighting"
        payload = payload_of(taken.sighting)
        self.line.journal.append(
            [RawMessage(topic=topic, payload=payload, qos=1, retain=False, dup=False, received_ms=now_ms)]
        )
        self._work_off()
        return taken.sighting

    def alarms(self, rule_id: str = BIKES_RULE) -> list[Alarm]:
        """All that this rule has raised, ended ones too."""
        return [alarm for alarm in self.line.store.alarms(open_only=False) if alarm.rule_id == rule_id]

    def ladders(self) -> list[Ladder]:
        """All that were begun."""
        return self.line.store.ladders(open_only=False)

    def close(self) -> None:
        """Close every file."""
        self._studio.close()
        self.line.close()

    def _work_off(self) -> None:
        while self._reader.cursor < self.line.journal.head():
            self._reader.step()
        self._reader.step()
        for notice in self.line.store.due_notices(self.line.clock.now_ms(), 100):
            self.line.store.mark_sent(notice.id, self.line.clock.now_ms())


def _site(folder: Path, *zones: Zone) -> Site:
    """The starter site with these zones before its camera, and messages at any hour."""
    site = starter(folder)
    camera: Camera = next(iter(site.cameras.values()))
    shop: Shop = next(iter(site.shops.values()))
    own = tuple(
        structs.replace(zone, camera_id=camera.camera_id, shop_id=zone.shop_id and shop.shop_id) for zone in zones
    )
    return dataclasses.replace(site, cameras={camera.camera_id: structs.replace(camera, zones=own)})


def black(like: Array) -> Array:
    """A closed iris."""
    return np.zeros_like(like)
