"""The last picture of a camera: when it is made, and what is not to be seen in it."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from domain.picture import ViewFacts
from domain.register import Zone, ZoneRole
from domain.sighting import Box, Sighting, ViewHealth
from tests.fakes.cameras import jpeg
from tests.vision.scenes import BIKES_ZONE, NOON_MS, camera, road, zone
from vision.evidence import Hider
from vision.look import Look, Visit
from vision.memory import CameraMemory, Detection
from vision.picture import Picture, Pixels, decode
from vision.views import LONG_SIDE_PX, Views, draw

MASK = ((0.6, 0.6), (0.9, 0.6), (0.9, 0.9), (0.6, 0.9))


class Shelf:
    """Keeps in memory; full now and then."""

    full = False

    def __init__(self) -> None:
        self.kept: list[tuple[ViewFacts, bytes, bytes]] = []

    def facts(self, camera_id: str) -> ViewFacts | None:
        mine = [facts for facts, _, _ in self.kept if facts.camera_id == camera_id]
        return mine[-1] if mine else None

    def put(self, facts: ViewFacts, picture: bytes, thumb: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.kept.append((facts, picture, thumb))


class Watching:
    """One camera, whose pictures cost `cost_s` each."""

    def __init__(self, *, cost_s: float = 0.0) -> None:
        self.shelf = Shelf()
        self.now_s, self.cost_s = 1000.0, cost_s
        self.camera = camera(zone(BIKES_ZONE))
        self.views = Views(self.shelf, Hider(detect=self._detect), every_s=600, clock_s=lambda: self.now_s)

    def _detect(self, _pixels: Pixels) -> tuple[Detection, ...]:
        self.now_s += self.cost_s / 5  # a picture is searched five times
        return ()

    def sees(self, at_s: int, *, view: ViewHealth = ViewHealth.HEALTHY, early: bool = False, name: str = "") -> bool:
        """Whether the look's picture was kept."""
        watched = replace(self.camera, camera_id=name) if name else self.camera
        taken_ms = NOON_MS + at_s * 1000
        visit = Visit(camera=watched, brought=Picture(data=PICTURE), taken_ms=taken_ms, early=early)
        return self.views.file(visit, looked(taken_ms, view=view, name=watched.camera_id))


def looked(taken_ms: int, *, view: ViewHealth = ViewHealth.HEALTHY, name: str = "cam") -> Look:
    sighting = Sighting(camera_id=name, look_id="x", taken_ms=taken_ms, received_ms=taken_ms, view=view)
    return Look(sighting=sighting, memory=CameraMemory())


PICTURE = jpeg(road()[10])


def test_one_is_made_now_and_then() -> None:
    watching = Watching()
    assert [watching.sees(at_s) for at_s in (0, 60, 599, 600, 660)] == [True, False, False, True, False]


def test_what_has_changed_is_seen_at_once() -> None:
    """The view, the zones, or that somebody asks."""
    watching = Watching()
    watching.sees(0)
    assert watching.sees(10, view=ViewHealth.DARK)
    assert not watching.sees(20, view=ViewHealth.DARK)
    assert watching.sees(30, view=ViewHealth.DARK, early=True)
    watching.camera = camera(zone(BIKES_ZONE), zone(MASK))
    assert watching.sees(40, view=ViewHealth.DARK)


@pytest.mark.parametrize("view", [ViewHealth.OFFLINE, ViewHealth.PLACEHOLDER, ViewHealth.FROZEN, ViewHealth.STALE])
def test_no_picture_of_now_leaves_the_one_before(view: ViewHealth) -> None:
    watching = Watching()
    watching.sees(0)
    assert not watching.sees(5000, view=view, early=True)
    assert watching.shelf.kept[-1][0].taken_ms == NOON_MS


def test_a_city_s_pictures_take_a_part_of_the_time_only() -> None:
    """After a start all are due; every other second is free for looks, and then four of five."""
    watching = Watching(cost_s=1.0)
    made = 0
    for n in range(200):
        made += watching.sees(n, name=f"cam-{n}")
        watching.now_s += 0.1
    assert watching.now_s - 1000 >= made * 1.9
    assert made >= 10
    assert watching.sees(0, name="cam-asked", early=True)


def test_a_full_disk_costs_the_picture_only() -> None:
    watching = Watching()
    watching.shelf.full = True
    assert not watching.sees(0)
    watching.shelf.full = False
    assert watching.sees(60)


def drawn(*zones: Zone, view: ViewHealth = ViewHealth.HEALTHY, hidden: Sequence[Box] = ()) -> tuple[Pixels, Pixels]:
    """The picture as it is kept, and as it was."""
    found = tuple(Detection(label="person", score=0.9, box=box) for box in hidden)
    watched = camera(*zones)
    made = draw(Picture(data=PICTURE), watched, looked(NOON_MS, view=view), Hider(detect=lambda _: found))
    was = decode(PICTURE)
    picture = cv2.imdecode(np.frombuffer(made.picture, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert made.size_px == (picture.shape[1], picture.shape[0])
    return np.asarray(picture, np.uint8), was


def part(picture: Pixels, box: Box) -> Pixels:
    height, width = picture.shape[:2]
    return picture[round(box[1] * height) : round(box[3] * height), round(box[0] * width) : round(box[2] * width)]


def edges(picture: Pixels) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())


def test_heads_are_hidden_and_nothing_is_drawn() -> None:
    """Outside of what is hidden it is the camera's own picture: no zones, no boxes, no words."""
    picture, was = drawn(zone(BIKES_ZONE), hidden=[(0.4, 0.2, 0.6, 0.9)])
    assert picture.shape == was.shape
    assert edges(part(picture, (0.42, 0.22, 0.58, 0.38))) < 0.25 * edges(part(was, (0.42, 0.22, 0.58, 0.38)))
    corner = (0.0, 0.0, 0.25, 0.4)
    assert float(np.abs(part(picture, corner).astype(int) - part(was, corner).astype(int)).mean()) < 8


def test_masks_are_blank() -> None:
    picture, _ = drawn(Zone(camera_id="cam", zone="m", role=ZoneRole.MASK, polygon=MASK))
    assert edges(part(picture, (0.62, 0.62, 0.88, 0.88))) < 5


def test_a_view_that_moved_shows_nothing_that_a_mask_may_cover() -> None:
    """Nobody knows where it lies; without masks the picture is as clear as any."""
    mask = Zone(camera_id="cam", zone="m", role=ZoneRole.MASK, polygon=MASK)
    moved, was = drawn(mask, view=ViewHealth.MOVED)
    clear, _ = drawn(zone(BIKES_ZONE), view=ViewHealth.MOVED)
    whole = (0.0, 0.0, 0.55, 0.55)
    small = cv2.resize(part(moved, whole), (20, 20), interpolation=cv2.INTER_AREA)
    again = cv2.resize(small, part(moved, whole).shape[1::-1], interpolation=cv2.INTER_NEAREST)
    assert float(np.abs(again.astype(int) - part(moved, whole).astype(int)).mean()) < 12
    assert edges(part(clear, whole)) > 0.5 * edges(part(was, whole))


def test_large_ones_are_made_smaller() -> None:
    large = jpeg(cv2.resize(road()[10], (2560, 1440)))
    made = draw(Picture(data=large), camera(), looked(NOON_MS), Hider(detect=lambda _: ()))
    assert made.size_px == (LONG_SIDE_PX, 720)
    assert len(made.picture) < 400_000
    assert len(made.thumb) < 40_000
