"""The two sample scenes, empty, and the people and vehicles that can be put into them."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from app.bench.leftover_goods import Field, Goods, Pasted, Picture, as_pasted, make
from domain.register import Polygon, Zone, ZoneRole
from domain.sighting import Box
from vision.zones import overlap, stands_in

SIZE = (480, 360)
"""Of the made pictures: three times what is looked at, and three times as fast to make as the scenes' own size."""
PICTURES = Path(__file__).parents[1] / "demo" / "pictures"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Street:
    """A view in which nothing stands, and where something could."""

    name: str
    empty: Picture
    zone: Zone
    wall: Box
    """Where a shutter could be: its lower edge reaches a little into the zone."""
    tall: float
    """Height of a person at the zone's lower edge, as a share of the picture's height."""
    light: float
    """Of the scene, on what is put into it."""

    @property
    def ground(self) -> Field:
        """1 on the ground, 0 elsewhere, soft."""
        high, wide = self.empty.shape[:2]
        points = np.array([(x * wide, y * high) for x, y in self.zone.polygon], np.int32)
        return np.asarray(cv2.GaussianBlur(cv2.fillPoly(np.zeros((high, wide), np.float32), [points], 1.0), (0, 0), 6))

    def spot(self, rng: Generator) -> tuple[int, int]:
        """Somewhere in the zone, in pixels."""
        high, wide = self.empty.shape[:2]
        while True:
            x, y = float(rng.uniform(0.06, 0.94)), float(rng.uniform(0.1, 0.97))
            if stands_in((x - 0.01, y - 0.02, x + 0.01, y), self.zone.polygon):
                return int(x * wide), int(y * high)

    def goods(self, rng: Generator, kind: Goods | None = None, share: float | None = None) -> Pasted:
        """Something standing somewhere in the zone; `share` of the picture's width."""
        kind = kind or list(Goods)[int(rng.integers(len(Goods)))]
        share = share or float(rng.uniform(0.05, 0.12))
        while True:
            thing = make(kind, int(share * self.empty.shape[1]), self.spot(rng), self.empty, rng)
            thing = replace(thing, colours=thing.colours * np.float32(self.light))
            if overlap(thing.box, self.zone.polygon) >= 0.6:  # what lies mostly outside is in no zone
                return thing

    def person(self, rng: Generator, foot: tuple[int, int] | None = None) -> Pasted:
        """A walker of the road video, at his size for where he stands."""
        foot = foot or self.spot(rng)
        colours, opacity = walkers()[int(rng.integers(len(walkers())))]
        high = self.empty.shape[0]
        scale = self.tall * high * (0.35 + 0.65 * foot[1] / high) / opacity.shape[0]
        size = (max(int(opacity.shape[1] * scale), 4), max(int(opacity.shape[0] * scale), 8))
        return _placed(cv2.resize(colours, size), cv2.resize(opacity, size), foot, self.empty, rng)

    def van(self, rng: Generator) -> Pasted:
        """The van of the road video, larger, parked in the zone."""
        cut = road_frames()[0][48:98, 648:738].astype(np.float32)
        share = 0.2 * self.empty.shape[1] / cut.shape[1]
        cut = cv2.resize(cut, None, fx=share, fy=share, interpolation=cv2.INTER_CUBIC)
        outline = np.zeros(cut.shape[:2], np.float32)
        high, wide = outline.shape
        cv2.ellipse(outline, (wide // 2, high // 2), (int(wide * 0.49), int(high * 0.49)), 0, 0, 360, 1.0, -1)
        return _placed(cut, outline, self.spot(rng), self.empty, rng)


def _placed(colours: Field, opacity: Field, foot: tuple[int, int], empty: Picture, rng: Generator) -> Pasted:
    return as_pasted(
        np.asarray(colours, np.float32), np.asarray(opacity, np.float32), foot, (empty.shape[0], empty.shape[1]), rng
    )


@lru_cache
def road_frames() -> tuple[Picture, ...]:
    """30 moments of the road video."""
    video = cv2.VideoCapture(str(PICTURES / "campus-road.mp4"))
    frames = []
    for number in range(795):
        if not video.grab():
            break
        if number % 27 == 0:
            frames.append(np.asarray(video.retrieve()[1], np.uint8))
    video.release()
    return tuple(frames)


@lru_cache
def walkers() -> tuple[tuple[Field, Field], ...]:
    """People of the road video, cut out: colours and opacity."""
    empty = _empty_road().astype(np.float32)
    found = []
    for frame in road_frames()[::2]:
        apart = np.abs(frame.astype(np.float32) - empty).max(axis=2)
        mask = cv2.morphologyEx((apart > 28).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 5), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
        for label in range(1, count):
            x, y, wide, high, pixels = (int(value) for value in stats[label])
            alone = 0.28 < wide / high < 0.62 and high > 55 and pixels > 0.45 * wide * high
            if alone and y > 150 and 2 < x < frame.shape[1] - wide - 2:
                cut = frame[y : y + high, x : x + wide].astype(np.float32)
                found.append((cut, (labels[y : y + high, x : x + wide] == label).astype(np.float32)))
    return tuple(found)


@lru_cache
def _empty_road() -> Picture:
    return np.asarray(np.median(np.stack(road_frames()), axis=0), np.uint8)


def _small(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache
def bikes() -> tuple[Picture, tuple[Box, ...]]:
    """The street with its two bicycles, and their boxes as a detector gives them."""
    return _picture("street-bikes.jpg"), ((0.176, 0.735, 0.262, 0.84), (0.262, 0.705, 0.352, 0.81))


def _picture(name: str) -> Picture:
    return _small(np.asarray(cv2.imread(str(PICTURES / name)), np.uint8))


def _zone(polygon: Polygon) -> Zone:
    return Zone(camera_id="cam-1", zone="front", role=ZoneRole.PAVEMENT, polygon=polygon)


@lru_cache
def streets() -> tuple[Street, ...]:
    """Cobbles before brick walls, and a tarmac road between lawns."""
    return (
        Street(
            name="street",
            empty=_picture("street-clear.jpg"),
            zone=_zone(((0.05, 0.86), (0.30, 0.77), (0.52, 0.71), (0.78, 0.72), (0.86, 0.98), (0.10, 0.98))),
            wall=(0.22, 0.52, 0.37, 0.775),
            tall=0.34,
            light=0.75,
        ),
        Street(
            name="road",
            empty=_small(_empty_road()),
            zone=_zone(((0.03, 0.29), (0.5, 0.31), (0.88, 0.27), (0.97, 0.45), (0.97, 0.85), (0.6, 0.6), (0.03, 0.41))),
            wall=(0.60, 0.10, 0.74, 0.31),
            tall=0.24,
            light=1.0,
        ),
    )
