"""Drawn goods: cartons, crates, bags and foam boxes with sides, print, soft shadows and soft edges."""

import math
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from domain.sighting import Box

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]


class Goods(StrEnum):
    """What is put on the pavement."""

    CARTON = "carton"
    CRATE = "crate"
    BAG = "bag"
    FOAM = "foam"
    CUTTING = "cutting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A thing, ready to be put into a picture: its colours, its opacity, and the shadow it casts."""

    colours: Field
    opacity: Field
    shadow: Field
    left: int
    top: int
    box: Box
    """Of the thing itself, without its shadow, in shares of the picture."""

    def into(self, picture: Picture) -> Picture:
        """The picture with the thing in it."""
        high, wide = self.opacity.shape
        out = picture.copy()
        part = out[self.top : self.top + high, self.left : self.left + wide]
        high, wide = part.shape[:2]
        opacity, shadow = self.opacity[:high, :wide, None], self.shadow[:high, :wide, None]
        ground = part * (1 - shadow)
        mixed = ground * (1 - opacity) + self.colours[:high, :wide] * opacity
        part[:] = np.clip(mixed, 0, 255).astype(np.uint8)
        return out


def make(goods: Goods, size_px: int, foot: tuple[int, int], scene: Picture, rng: Generator) -> Pasted:
    """Goods so many pixels wide whose lower edge's middle stands at `foot` of the scene; cuttings are cut from it."""
    colours, opacity = _cutting(size_px, scene, rng) if goods is Goods.CUTTING else _DRAWN[goods](size_px, rng)
    shape = scene.shape
    return as_pasted(colours, opacity, foot, (shape[0], shape[1]), rng)


def as_pasted(colours: Field, opacity: Field, foot: tuple[int, int], shape: tuple[int, int], rng: Generator) -> Pasted:
    """Something cut out, with soft edges and the shadow it casts, for a picture of this height and width."""
    size_px = opacity.shape[1]
    high, wide = opacity.shape
    pad = max(size_px // 3, 4)
    colours = cv2.copyMakeBorder(colours, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    opacity = cv2.copyMakeBorder(opacity, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    left, top = max(foot[0] - wide // 2 - pad, 0), max(foot[1] - high - pad, 0)
    x, y = left + pad, top + pad
    box = (x / shape[1], y / shape[0], min((x + wide) / shape[1], 1.0), min((y + high) / shape[0], 1.0))
    return Pasted(
        colours=cv2.GaussianBlur(colours, (0, 0), 0.6),
        opacity=np.asarray(cv2.GaussianBlur(opacity, (0, 0), 0.8), np.float32),
        shadow=_contact_shadow(opacity, high, rng),
        left=left,
        top=top,
        box=box,
    )


def _contact_shadow(opacity: Field, high: int, rng: Generator) -> Field:
    """Dark where the thing meets the ground, fading to one side."""
    lower = opacity.copy()
    rows = np.nonzero(opacity.max(axis=1) > 0.5)[0]
    lower[: rows[-1] - max(high // 4, 2)] = 0
    right = float(rng.uniform(-0.15, 0.15)) * high
    matrix = np.array([[1, 0, right], [0, 1, 0.06 * high]], np.float32)
    moved = cv2.warpAffine(lower, matrix, (opacity.shape[1], opacity.shape[0]))
    soft = cv2.GaussianBlur(moved, (0, 0), max(high * 0.06, 1.0))
    return np.asarray(soft * np.float32(rng.uniform(0.3, 0.55)), np.float32)


def _grain(high: int, wide: int, sigma: float, rng: Generator) -> Field:
    """Noise with so coarse a grain, spread 1."""
    noise = cv2.GaussianBlur(rng.normal(0, 1, (high, wide)).astype(np.float32), (0, 0), sigma)
    return np.asarray(noise / max(float(noise.std()), 1e-6), np.float32)


def _solid(size: int, colour: tuple[float, float, float], rng: Generator) -> tuple[Field, Field, int]:
    """A box seen from above its front: a lighter top, a front, and the row where they meet."""
    high = max(int(size * rng.uniform(0.7, 1.15)), 8)
    top = max(int(high * rng.uniform(0.22, 0.4)), 2)
    shade = np.full((high, size), rng.uniform(0.72, 0.88), np.float32)
    shade[:top] = rng.uniform(1.02, 1.18)
    shade[top:] *= np.linspace(1.0, 0.85, high - top, dtype=np.float32)[:, None]
    shade *= 1 + 0.03 * _grain(high, size, size / 10, rng) + 0.02 * _grain(high, size, 0.8, rng)
    slant = int(size * rng.uniform(0.03, 0.14))
    right, low = size - 1, high - 1
    corners = np.array([(slant, 0), (right - slant, 0), (right, top), (right, low), (0, low), (0, top)])
    opacity = np.asarray(cv2.fillPoly(np.zeros((high, size), np.float32), [corners.astype(np.int32)], 1.0), np.float32)
    return np.asarray(shade[:, :, None] * np.array(colour, np.float32), np.float32), opacity, top


def _carton(size: int, rng: Generator) -> tuple[Field, Field]:
    tone = float(rng.uniform(0.75, 1.15))
    colours, opacity, top = _solid(size, (98 * tone, 138 * tone, 172 * tone), rng)
    high = opacity.shape[0]
    middle = int(size * rng.uniform(0.42, 0.58))
    tape = max(size // 14, 1)
    colours[: top + high // 6, middle - tape : middle + tape] *= rng.uniform(1.1, 1.25)
    if rng.random() < 0.7:  # print
        y, x = int(top + (high - top) * 0.35), int(size * rng.uniform(0.1, 0.5))
        colours[y : y + max(high // 8, 1), x : x + size // 3] *= rng.uniform(0.4, 0.6)
    return colours, opacity


def _crate(size: int, rng: Generator) -> tuple[Field, Field]:
    choice = [(150.0, 70.0, 40.0), (50.0, 60.0, 170.0), (70.0, 130.0, 60.0), (40.0, 170.0, 210.0)]
    colours, opacity, top = _solid(size, choice[int(rng.integers(len(choice)))], rng)
    step = max(size // 6, 3)
    colours[top::step] *= 0.6
    colours[top:, ::step] *= 0.65
    return colours, opacity


def _foam(size: int, rng: Generator) -> tuple[Field, Field]:
    colours, opacity, top = _solid(size, (215.0, 220.0, 222.0), rng)
    colours[top : top + max(size // 20, 1)] *= 0.75
    return colours, opacity


def _bag(size: int, rng: Generator) -> tuple[Field, Field]:
    """A tied black or coloured bag: folds that shine."""
    high = max(int(size * rng.uniform(0.9, 1.2)), 8)
    ys, xs = np.mgrid[0:high, 0:size].astype(np.float32)
    angle = np.arctan2(ys - high * 0.58, xs - size / 2)
    bumps = 1 + 0.06 * np.sin(3 * angle + rng.uniform(0, 6)) + 0.05 * np.sin(5 * angle + rng.uniform(0, 6))
    body = np.hypot((xs - size / 2) / (size * 0.48), (ys - high * 0.58) / (high * 0.42)) < bumps
    neck = (np.abs(xs - size / 2) < size * 0.12) & (ys < high * 0.3)
    folds = np.clip(_grain(high, size, max(size / 14, 1), rng), -1, 2.5)
    light = np.clip(1.1 - 0.5 * (ys / high), 0.3, 1.2)
    tones = [(30.0, 28.0, 28.0), (34.0, 30.0, 28.0), (150.0, 90.0, 60.0), (60.0, 60.0, 180.0)]
    tone = np.array(tones[int(rng.integers(len(tones)))], np.float32)
    colours = light[:, :, None] * (tone + np.float32(18) * np.maximum(folds, 0)[:, :, None])
    return np.asarray(colours, np.float32), np.asarray(body | neck, np.float32)


def _cutting(size: int, source: Picture, rng: Generator) -> tuple[Field, Field]:
    """A part of a photograph with enough in it, in the outline of a heap."""
    high = max(int(size * rng.uniform(0.6, 1.0)), 8)
    for _ in range(30):
        y = int(rng.integers(source.shape[0] // 4, source.shape[0] - high))
        x = int(rng.integers(0, source.shape[1] - size))
        cut = source[y : y + high, x : x + size].astype(np.float32)
        if float(cut.std()) > 28:
            break
    ys, xs = np.mgrid[0:high, 0:size].astype(np.float32)
    edge = 0.92 + 0.06 * np.sin(xs / size * math.tau * 2 + rng.uniform(0, 6))
    heap = ((np.abs(xs / size - 0.5) * 2) ** 4 + ((1 - ys / high) ** 4)) < edge
    return cut, np.asarray(heap, np.float32)


_DRAWN = {
    Goods.CARTON: _carton,
    Goods.CRATE: _crate,
    Goods.BAG: _bag,
    Goods.FOAM: _foam,
}
