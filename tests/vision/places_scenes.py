"""A pavement on which bicycles come and go, as a camera shows it and a detector finds it, at any rate of looks."""

import random
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count

import cv2
import numpy as np

from domain.sighting import Box
from tests.vision.scenes import Array, sensed, street
from vision.glance import Glance
from vision.look_time import UNSEEN_MS
from vision.memory import CameraMemory, Detection, Place, from_bytes, to_bytes
from vision.places import follow, standing
from vision.shown import Shown, Watch

Pixels = tuple[int, int, int, int]
LEFT: Pixels = (137, 404, 199, 473)
RIGHT: Pixels = (201, 398, 266, 456)
"""Where the two bicycles of the street scene stand, in its pixels."""
NEXT_TREE: Pixels = (300, 392, 362, 461)
RATES_S = (10, 20, 60, 120)
Light = Callable[[Array], Array]


def aside(spot: Pixels, right: int, down: int = 0) -> Pixels:
    """A spot so many pixels further. A bicycle is 62 wide: 8 pixels are 20 cm."""
    return (spot[0] + right, spot[1] + down, spot[2] + right, spot[3] + down)


def bicycle(name: str) -> Array:
    """The left or the right one of the street, `A…` or `B…`; both are dark city bicycles before the same wall."""
    x1, y1, x2, y2 = {"A": LEFT, "B": RIGHT}[name[0]]
    return street()[y1:y2, x1:x2]


def found(spot: Pixels, label: str = "bicycle", score: float = 0.6) -> Detection:
    """What a detector says of a thing at a spot."""
    return Detection(label=label, score=score, box=shares(spot))


def shares(spot: Pixels) -> Box:
    """A spot in shares of the street scene."""
    high, wide = street().shape[:2]
    return (spot[0] / wide, spot[1] / high, spot[2] / wide, spot[3] / high)


def as_it_is(picture: Array) -> Array:
    """No other light."""
    return picture


class Pavement:
    """One camera over it. Looks come `every_s`; the detector misses a share of the things, by chance."""

    def __init__(self, every_s: int, *, misses: float = 0.0, seed: int = 0) -> None:
        self.every_s = every_s
        self.places: tuple[Place, ...] = ()
        self.now_ms = 1_000_000
        self.light: Light = as_it_is
        self.misses = misses
        self._chance = random.Random(seed)
        self._seeds = count(seed)
        self.unknown_words: frozenset[str] = frozenset()
        self._watch = Watch(
            min_score=0.35,
            unseen_ms=UNSEEN_MS,
            counts_at=lambda _: True,
            knows=lambda label: label not in self.unknown_words,
        )

    def look(
        self,
        bicycles: Mapping[str, Pixels],
        *,
        before: Mapping[Pixels, str] | None = None,
        behind: Pixels | None = None,
        also: tuple[Detection, ...] = (),
        after_s: float | None = None,
    ) -> list[float]:
        """A look at bicycles by name, and at what stands before them. The stays of what stands there, left to right.

        They may also be `behind` something for which the detector has no word.
        """
        self.now_ms += round((self.every_s if after_s is None else after_s) * 1000)
        hiding = before or {}
        unseen = (*hiding, behind) if behind else tuple(hiding)
        seen = [
            found(self._danced(spot), score=self._chance.uniform(0.4, 0.7))
            for spot in bicycles.values()
            if self._chance.random() >= self.misses and not any(_hides(other, spot) for other in unseen)
        ]
        seen += [found(spot, label, 0.8) for spot, label in hiding.items()]
        shown = (tuple(bicycles.items()), unseen, self.light, next(self._seeds) % 5)
        glance = _glance(*shown)
        shows = Shown(glance=glance, found=(*seen, *also), at_ms=self.now_ms)
        self.places = follow(self.places, shows, self._watch)
        return self.stays()

    def stays(self) -> list[float]:
        """In seconds, of the bicycles that stand there now, left to right."""
        there = [place for place in self.places if standing(place) and place.label == "bicycle"]
        return [place.stay_ms / 1000 for place in sorted(there, key=lambda place: place.box)]

    @property
    def unknown(self) -> bool:
        """Whether the last look leaves open if something is there."""
        return any(place.hidden for place in self.places)

    @property
    def cleared(self) -> bool:
        """Whether the last look says of something that it is gone."""
        return any(place.missed for place in self.places)

    def restart(self) -> None:
        """Another worker takes over, from what was stored."""
        self.places = from_bytes(to_bytes(CameraMemory(places=self.places))).places

    def _danced(self, spot: Pixels) -> Pixels:
        """Boxes dance by 3 pixels."""
        x1, y1, x2, y2 = (edge + self._chance.randint(-3, 3) for edge in spot)
        return (x1, y1, x2, y2)


def _hides(other: Pixels, spot: Pixels) -> bool:
    """Whether so much of a bicycle is hidden that no detector finds it."""
    wide = min(other[2], spot[2]) - max(other[0], spot[0])
    high = min(other[3], spot[3]) - max(other[1], spot[1])
    return max(wide, 0) * max(high, 0) > 0.2 * (spot[2] - spot[0]) * (spot[3] - spot[1])


@lru_cache(maxsize=256)
def _glance(bicycles: tuple[tuple[str, Pixels], ...], hiding: tuple[Pixels, ...], light: Light, noise: int) -> Glance:
    picture = street("clear").copy()
    for name, (x1, y1, x2, y2) in bicycles:
        picture[y1:y2, x1:x2] = cv2.resize(bicycle(name), (x2 - x1, y2 - y1))
    for x1, y1, x2, y2 in hiding:
        body = np.random.default_rng(x1).integers(20, 200, (8, 4, 3), np.uint8)
        painted = np.tile(np.kron(body, np.ones((80, 80, 1), np.uint8)), (1, 2, 1))
        picture[y1:y2, x1:x2] = painted[: y2 - y1, : x2 - x1]
    return Glance.of(sensed(light(picture), seed=noise))
