"""What stands before the bicycles clears nothing: whatever it is, however the zone is drawn, and whatever is masked."""

import copy
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from config.load import Site
from domain.finding import Change
from domain.register import Camera, Polygon, Zone, ZoneRole
from rules.files import load_rules
from rules.kinds.presence import PresenceWatch
from tests.app.line import starter
from tests.fakes.cameras import jpeg
from tests.vision import view_scenes
from tests.vision.scenes import BIKES_ZONE, NOON_MS, Array, camera, sensed, street, zone
from vision.detectors import SHIPPED
from vision.detectors.openvino import OpenVino
from vision.look import Terms, Visit, look
from vision.memory import CameraMemory, from_bytes, to_bytes
from vision.picture import Picture

MINUTE_MS = 60_000
LOOKS = 3
"""One more than the rule wants, to be sure that a place is clear."""
SEEDS = (0, 1, 2, 3, 6, 8, 11, 12)
"""Where much of the bicycles is behind the lorry."""
WIDE: Polygon = ((0.05, 0.55), (0.95, 0.55), (0.95, 0.98), (0.05, 0.98))
FAR_SIDE = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 0.545), (0.0, 0.545)), ZoneRole.MASK, "far")
ZONES: dict[str, tuple[Zone, ...]] = {
    "tight": (zone(BIKES_ZONE),),
    "wide": (zone(WIDE),),
    "masked": (zone(WIDE), FAR_SIDE),
}
HIDING = {
    "lorry": view_scenes.lorry,
    "bus": view_scenes.bus,
    "drop": view_scenes.dropped_on,
    "cloth": view_scenes.cloth,
    "hand": view_scenes.hand,
    "paint": view_scenes.sprayed,
    "leaf": view_scenes.leaf,
    "board": view_scenes.half,
}
OFTEN = {"lorry", "bus"}
"""What leaves the view healthy: with each of the seeds. The others with one."""


class Standing:
    """Bicycles before a camera for a quarter of an hour; then each story begins from there."""

    def __init__(self, detector: OpenVino, site: Site, zones: tuple[Zone, ...]) -> None:
        self._detector, self._camera = detector, camera(*zones)
        self._watch = _bikes_watch(site, self._camera)
        self._memory, self.now_ms = CameraMemory(), NOON_MS
        self.changes: list[Change] = []
        for _ in range(16):
            self.sees(street())
        self._known = to_bytes(self._memory), self.now_ms, copy.deepcopy(self._watch.state)

    def sees(self, picture: Array) -> None:
        """A look, and what the rule makes of it."""
        self.now_ms += MINUTE_MS
        brought = Picture(data=jpeg(sensed(picture, seed=self.now_ms // MINUTE_MS)))
        visit = Visit(camera=self._camera, brought=brought, taken_ms=self.now_ms, elapsed_ms=MINUTE_MS)
        taken = look(visit, self._memory, self._detector, Terms(min_score=0.35))
        self._memory = taken.memory
        found = self._watch.look(taken.sighting)
        if found is not None and found.change is not Change.RENEWED:
            self.changes.append(found.change)

    def begin(self) -> None:
        """Back to the quarter of an hour."""
        data, self.now_ms, state = self._known
        self._memory, self._watch.state, self.changes = from_bytes(data), copy.deepcopy(state), []


def _bikes_watch(site: Site, watched: Camera) -> PresenceWatch:
    site = dataclasses.replace(site, cameras={watched.camera_id: watched})
    (rule,) = (rule for rule in load_rules(site.rule_files, site) if rule.spec.id == "bike-misparked")
    (watch,) = (watch for watch in rule.spec.watches(rule, site) if getattr(watch, "zone", None) == "front")
    assert isinstance(watch, PresenceWatch)
    return watch


@pytest.fixture(scope="module")
def detector() -> OpenVino:
    """The shipped detector."""
    return OpenVino(SHIPPED, 1)


@pytest.fixture(scope="module", params=ZONES)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, detector: OpenVino) -> Standing:
    """Bicycles in one kind of zone, of which the rule has raised its alarm."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    before = Standing(detector, starter(folder), ZONES[request.param])
    assert before.changes == [Change.RAISED]
    return before


@pytest.mark.parametrize("what", HIDING)
def test_what_stands_before_them_resolves_nothing(standing: Standing, what: str) -> None:
    """In any place before them and of any colour, for one look more than would be enough if it were clear."""
    for seed in SEEDS if what in OFTEN else SEEDS[:1]:
        standing.begin()
        scene = HIDING[what](street(), np.random.default_rng(seed))
        for _ in range(LOOKS):
            standing.sees(scene)
        assert standing.changes == [], f"{what} {seed}"


def test_the_clear_place_does(standing: Standing) -> None:
    """Or none of these would say anything."""
    standing.begin()
    for _ in range(LOOKS):
        standing.sees(street("clear"))
    assert standing.changes == [Change.RESOLVED]
