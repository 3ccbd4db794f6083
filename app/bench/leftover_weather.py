"""What happens to a street's picture without anything being put there: light, weather, sensors."""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from app.bench.leftover_goods import Field, Picture

Effect = Callable[[Picture, float, Generator], Picture]
"""A picture, the time in seconds, and chance of this look."""


def _mesh(picture: Picture) -> tuple[Field, Field]:
    """Columns and rows, in shares of the picture."""
    ys, xs = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    return xs / picture.shape[1], ys / picture.shape[0]


def _times(picture: Picture, factor: Field) -> Picture:
    wide = factor[:, :, None] if factor.ndim == 2 else factor
    return np.asarray(np.clip(picture * wide, 0, 255).astype(np.uint8), np.uint8)


def cloud(at_s: float, gain: float) -> Effect:
    """The sun goes or comes: all of it another light within one look, and another white."""
    white = np.array([1.0 + 0.05 * (1 - gain), 1.0, 1.0 - 0.05 * (1 - gain)], np.float32)

    def effect(picture: Picture, time_s: float, rng: Generator) -> Picture:
        if time_s < at_s:
            return picture
        flicker = gain * float(rng.uniform(0.97, 1.03))
        return np.asarray(np.clip(picture * white * np.float32(flicker), 0, 255), np.uint8)

    return effect


def shadow(at_s: float, until_s: float, start: float, speed: float, depth: float) -> Effect:
    """A hard, bluish shadow with a slanting edge; `speed` in shares of the picture's width an hour."""
    tint = np.array([depth * 1.08, depth, depth * 0.96], np.float32)

    def effect(picture: Picture, time_s: float, _rng: Generator) -> Picture:
        if not at_s <= time_s < until_s:
            return picture
        xs, ys = _mesh(picture)
        edge = start + speed * (time_s - at_s) / 3600 + 0.25 * (ys - 0.7)
        soft = np.clip((xs - edge) * picture.shape[1] / 3, 0, 1) * np.clip(
            (edge + 0.22 - xs) * picture.shape[1] / 3, 0, 1
        )
        return _times(picture, 1 - soft[:, :, None] * (1 - tint))

    return effect


def lamp(at_s: float, until_s: float, centre: tuple[float, float], strength: float) -> Effect:
    """A pool of warm light."""

    def effect(picture: Picture, time_s: float, _rng: Generator) -> Picture:
        if not at_s <= time_s < until_s:
            return picture
        xs, ys = _mesh(picture)
        pool = strength * np.exp(-(((xs - centre[0]) / 0.16) ** 2) - ((ys - centre[1]) / 0.12) ** 2)
        warm = pool[:, :, None] * np.array([0.8, 1.0, 1.1], np.float32)
        return _times(picture, np.asarray(1 + warm, np.float32))

    return effect


def window(at_s: float, until_s: float, centre: tuple[float, float], strength: float) -> Effect:
    """Light that falls out of a door: a bright patch with an edge."""

    def effect(picture: Picture, time_s: float, _rng: Generator) -> Picture:
        if not at_s <= time_s < until_s:
            return picture
        high, wide = picture.shape[:2]
        x, y = centre
        corners = [(x - 0.05, y - 0.05), (x + 0.04, y - 0.05), (x + 0.09, y + 0.06), (x - 0.07, y + 0.06)]
        points = np.array([(px * wide, py * high) for px, py in corners], np.int32)
        patch = cv2.GaussianBlur(cv2.fillPoly(np.zeros((high, wide), np.float32), [points], 1.0), (0, 0), 3)
        return _times(picture, 1 + strength * patch)

    return effect


def infrared(at_s: float, until_s: float = math.inf) -> Effect:
    """The camera's filter swings away: no colour, another tone of everything, a spot in the middle."""

    def effect(picture: Picture, time_s: float, _rng: Generator) -> Picture:
        if not at_s <= time_s < until_s:
            return picture
        blue, green, red = (picture[:, :, channel].astype(np.float32) for channel in range(3))
        xs, ys = _mesh(picture)
        spot = 1.25 * np.exp(-(((xs - 0.5) / 0.5) ** 2) - ((ys - 0.6) / 0.45) ** 2)
        grey = 255 * ((0.75 * red + 0.35 * green - 0.1 * blue).clip(0, 255) / 255) ** 0.75 * (0.25 + 0.7 * spot)
        return np.asarray(cv2.merge([np.clip(grey, 0, 255).astype(np.uint8)] * 3), np.uint8)

    return effect


def dusk(at_s: float, until_s: float, floor: float) -> Effect:
    """The light fades to `floor` of itself, and comes back after `until_s`, over half an hour each."""

    def effect(picture: Picture, time_s: float, _rng: Generator) -> Picture:
        fading = np.clip((time_s - at_s) / 1800, 0, 1) - np.clip((time_s - until_s) / 1800, 0, 1)
        return np.asarray(picture * np.float32(1 - (1 - floor) * fading), np.uint8)

    return effect


def wet(at_s: float, ground: Field, over_s: float = 600) -> Effect:
    """The ground gets darker and mirrors what is above it."""

    def effect(picture: Picture, time_s: float, _rng: Generator) -> Picture:
        much = min(max((time_s - at_s) / over_s, 0), 1)
        if much == 0:
            return picture
        mirror = cv2.GaussianBlur(picture[::-1], (0, 0), sigmaX=2, sigmaY=9).astype(np.float32)
        blend = 0.22 * much * ground[:, :, None]
        darker = picture * (1 - 0.35 * much * ground[:, :, None])
        return np.asarray(np.clip(darker * (1 - blend) + mirror * blend, 0, 255), np.uint8)

    return effect


def headlights(from_s: float, until_s: float) -> Effect:
    """Beams that sweep over the ground in two looks of five."""

    def effect(picture: Picture, time_s: float, rng: Generator) -> Picture:
        if not from_s <= time_s < until_s or rng.random() > 0.4:
            return picture
        xs, ys = _mesh(picture)
        x, y = rng.uniform(0.2, 0.9), rng.uniform(0.5, 0.95)
        beam = sum(np.exp(-(((xs - x - off) / 0.07) ** 2) - ((ys - y) / 0.05) ** 2) for off in (-0.06, 0.06))
        return _times(
            picture, 1 + 1.3 * np.asarray(beam, np.float32)[:, :, None] * np.array([1.1, 1, 0.95], np.float32)
        )

    return effect


def rain(from_s: float, until_s: float) -> Effect:
    """Streaks and haze."""

    def effect(picture: Picture, time_s: float, rng: Generator) -> Picture:
        if not from_s <= time_s < until_s:
            return picture
        high, wide = picture.shape[:2]
        streaks = np.zeros((high, wide), np.uint8)
        for _ in range(220):
            x, y, length = int(rng.integers(wide)), int(rng.integers(high)), int(rng.integers(8, 26))
            cv2.line(streaks, (x, y), (x + length // 6, y + length), int(rng.integers(60, 150)), 1, cv2.LINE_AA)
        hazy = picture * np.float32(0.86) + 22 + cv2.GaussianBlur(streaks, (3, 3), 0)[:, :, None] * np.float32(0.5)
        return np.asarray(np.clip(hazy, 0, 255), np.uint8)

    return effect


def snow(at_s: float, ground: Field, over_s: float = 1500) -> Effect:
    """The ground turns white by patches, and flakes fall."""
    drift = np.random.default_rng(7).normal(0, 1, ground.shape).astype(np.float32)
    drift = cv2.GaussianBlur(drift, (0, 0), 12)
    drift = (drift - drift.min()) / (drift.max() - drift.min())

    def effect(picture: Picture, time_s: float, rng: Generator) -> Picture:
        much = min(max((time_s - at_s) / over_s, 0), 1)
        if much == 0:
            return picture
        lying = np.clip(3 * (much * 1.4 - drift), 0, 0.85)[:, :, None] * ground[:, :, None]
        out = picture * (1 - lying) + 215 * lying
        flakes = rng.integers(0, out.shape[0] * out.shape[1], 260)
        out.reshape(-1, 3)[flakes] = 235
        return np.asarray(cv2.GaussianBlur(out, (0, 0), 0.6), np.uint8)

    return effect


def leaves(from_s: float, ground: Field) -> Effect:
    """Sun through leaves: spots of shadow that move with every gust; and fallen ones, a few pixels each."""
    fallen: list[tuple[int, int]] = []

    def effect(picture: Picture, time_s: float, rng: Generator) -> Picture:
        if time_s < from_s:
            return picture
        high, wide = picture.shape[:2]
        spots = cv2.GaussianBlur(rng.normal(0, 1, (high, wide)).astype(np.float32), (0, 0), 9)
        shade = np.clip(spots / spots.std(), 0, 1.2) * 0.35 * ground
        out = _times(picture, 1 - shade)
        if len(fallen) < 40 and rng.random() < 0.5:
            fallen.append((int(rng.integers(wide)), int(rng.integers(high // 2, high))))
        for x, y in fallen:
            cv2.ellipse(out, (x, y), (2, 1), (x * 7) % 180, 0, 360, (40, 110, 150), -1, cv2.LINE_AA)
        return out

    return effect


def shutter(box: tuple[float, float, float, float], opens_s: tuple[float, ...]) -> Effect:
    """A roller shutter that is shut or open by turns."""

    def effect(picture: Picture, time_s: float, _rng: Generator) -> Picture:
        shut = sum(time_s >= at_s for at_s in opens_s) % 2 == 0
        high, wide = picture.shape[:2]
        x1, y1, x2, y2 = (int(v * side) for v, side in zip(box, (wide, high, wide, high), strict=True))
        out = picture.copy()
        if shut:
            out[y1:y2, x1:x2] = (150, 150, 146)
            out[y1:y2:6, x1:x2] = (105, 105, 102)
        else:
            out[y1:y2, x1:x2] = (out[y1:y2, x1:x2] * 0.25 + 12).astype(np.uint8)
            out[(y1 + y2) // 2 : y2 - 8, x1 + 8 : (x1 + x2) // 2] = (60, 90, 140)
        return out

    return effect
