"""What a look tells of each zone, and what it keeps to itself."""

from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from app.bench.leftover_sequences import play
from app.bench.leftover_street import streets
from config.load import Site
from domain.picture import PictureFacts
from domain.sighting import ViewHealth
from tests.fakes.cameras import jpeg
from tests.fakes.invented_site import invented_site
from tests.vision.leftover_scenes import story
from tests.vision.scenes import BIKES_ZONE, NOON_MS, Array, camera, sensed, shifted, street, zone
from tests.vision.test_look import Lookout
from vision.detectors.openvino import OpenVino
from vision.look import Visit
from vision.memory import CameraMemory
from vision.picture import Picture
from vision.studio import Studio

HIGH_AND_DRY = ((0.02, 0.02), (0.30, 0.02), (0.30, 0.45), (0.02, 0.45))


def named(lookout: Lookout, picture: Array) -> list[str]:
    """The zones that a look at this picture speaks of."""
    return [found.zone for found in lookout.sees(picture).sighting.zones]


def test_outside_its_hours_a_zone_is_not_spoken_of(detector: OpenVino) -> None:
    """Nothing counts for or against the shop then; the zone beside it, which is always open, is told as ever."""
    closed = structs.replace(zone(BIKES_ZONE, name="closed"), hours="23:00-23:30")
    lookout = Lookout(detector, camera(closed, zone(BIKES_ZONE, name="open")))
    assert named(lookout, street()) == ["open"]


def test_zones_follow_a_view_that_sways(detector: OpenVino) -> None:
    """The same bicycles lie in the same part of the zone when the pole leans by 1.5 % of the picture."""
    lookout = Lookout(detector, camera(zone(BIKES_ZONE)))
    still = [lookout.sees(street()) for _ in range(4)][-1]
    leaning = [lookout.sees(shifted(street(), 11)) for _ in range(2)][-1]
    assert leaning.sighting.view is ViewHealth.HEALTHY
    before, after = (sorted(seen.overlap for seen in look.sighting.zones[0].objects) for look in (still, leaning))
    assert after == pytest.approx(before, abs=0.06)


def test_a_zone_behind_something_is_left_out(detector: OpenVino) -> None:
    """A plain board before part of the view: the view is healthy, and says nothing of what lies behind."""
    lookout = Lookout(detector, camera(zone(HIGH_AND_DRY, name="behind"), zone(BIKES_ZONE, name="before")))
    for _ in range(4):
        lookout.sees(street("clear"))
    boarded = street("clear").copy()
    boarded[: int(0.5 * boarded.shape[0]), : int(0.32 * boarded.shape[1])] = 120
    look = lookout.sees(boarded)
    assert look.sighting.view is ViewHealth.HEALTHY
    assert [found.zone for found in look.sighting.zones] == ["before"]


def test_goods_come_into_the_sighting_and_go_from_it(detector: OpenVino) -> None:
    """A carton is put down, stands for 25 minutes and is taken away; the zone tells of it, and is clear again."""
    place = streets()[0]
    lookout = Lookout(detector, camera(place.zone))
    told: list[list[list[str]]] = []
    for moment in play(story(place), 60.0, np.random.default_rng(1)):
        lookout.now_ms += 40_000  # and 20 s of its own
        taken = lookout.gets(Picture(data=jpeg(moment.picture, quality=95)))
        assert taken.sighting.view is ViewHealth.HEALTHY
        told.append([[seen.label for seen in found.objects] for found in taken.sighting.zones])
    clear: list[list[str]] = [[]]
    there = [["left_object"]]
    assert told[:5] == [clear] * 5
    assert {str(look) for look in told[12:28]} <= {str(there), str([])}  # told of, or not spoken of; never clear
    assert told[12:28].count(there) >= 10
    assert told[-3:] == [clear] * 3


class Shelf:
    """Keeps nothing."""

    def keep(self, facts: PictureFacts, original: bytes, shareable: bytes) -> None:
        """Let it go."""

    def set_aside(self, facts: PictureFacts, original: bytes) -> None:
        """Let it go."""

    def fetch_aside(self, name: str) -> None:
        """There is none."""


async def test_the_same_picture_from_two_cameras_is_a_placeholder(detector: OpenVino, tmp_path: Path) -> None:
    """A media server's own picture is sharp and new to each camera; only together are they found out."""
    site: Site = invented_site(tmp_path)
    studio = Studio(site, detector, Shelf(), skip_unchanged=True)
    data = jpeg(sensed(street("clear"), seed=1))
    views = []
    for name in ("one", "two"):
        watched = camera(zone(BIKES_ZONE), camera_id=name, source=f"http://192.0.2.1/{name}")
        visit = Visit(camera=watched, brought=Picture(data=data), taken_ms=NOON_MS)
        views.append((await studio.look(visit, CameraMemory())).sighting.view)
    studio.close()
    assert views == [ViewHealth.HEALTHY, ViewHealth.PLACEHOLDER]
