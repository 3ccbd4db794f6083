"""1080p pictures for the measurement: real street pictures, each camera with its own cut, colours and noise."""

import multiprocessing
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.demo.frames import PICTURES

SIZE = (1920, 1080)
VARIANTS = 2
"""Pictures of one camera: the same view under other noise, as two looks at an unchanged street are."""
QUALITY = 82
_ROAD_STEP = 20
_NOISE_SIGMA = 3.0
_NOISE_MARGIN = 64

Picture = NDArray[np.uint8]


def picture_path(folder: Path, number: int, variant: int) -> Path:
    """Where a camera's picture lies."""
    return folder / f"{number:04}-{variant}.jpg"


def render(folder: Path, cameras: int, tell: Callable[[int, int], None]) -> None:
    """Write `VARIANTS` JPEGs for each camera, no two alike; always the same for the same number of the camera."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        for done, _ in enumerate(pool.map(_render_one, [(folder, n) for n in range(cameras)], chunksize=8), start=1):
            tell(done, cameras)


def _render_one(task: tuple[Path, int]) -> None:
    folder, number = task
    chance = random.Random(f"camera {number}")  # noqa: S311 a made street needs no secrets
    view = _view(chance)
    for variant in range(VARIANTS):
        top, left = chance.randrange(_NOISE_MARGIN), chance.randrange(_NOISE_MARGIN)
        noisy = cv2.add(view, _noise()[top : top + SIZE[1], left : left + SIZE[0]], dtype=cv2.CV_8U)
        _, data = cv2.imencode(".jpg", noisy, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
        picture_path(folder, number, variant).write_bytes(bytes(data))


def _view(chance: random.Random) -> Picture:
    """Another cut of a real picture, in other light and colours, sometimes mirrored."""
    whole = chance.choice(_scenes())
    share = chance.uniform(0.7, 1.0)
    wide = round(whole.shape[1] * share)
    high = min(round(wide * SIZE[1] / SIZE[0]), whole.shape[0])
    left, top = chance.randint(0, whole.shape[1] - wide), chance.randint(0, whole.shape[0] - high)
    cut = cv2.resize(whole[top : top + high, left : left + wide], SIZE, interpolation=cv2.INTER_CUBIC)
    if chance.random() < 0.5:
        cut = cv2.flip(cut, 1)
    gains = [chance.uniform(0.85, 1.1) * chance.uniform(0.97, 1.03) for _ in range(3)]
    table = np.clip(np.outer(np.arange(256), gains), 0, 255).astype(np.uint8).reshape(1, 256, 3)
    return np.asarray(cv2.LUT(cut, table), np.uint8)


@lru_cache(maxsize=1)
def _scenes() -> tuple[Picture, ...]:
    street = [cv2.imread(str(PICTURES / name)) for name in ("street-bikes.jpg", "street-clear.jpg")]
    video = cv2.VideoCapture(str(PICTURES / "campus-road.mp4"))
    road = []
    number = 0
    while video.grab():
        if number % _ROAD_STEP == 0:
            road.append(np.asarray(video.retrieve()[1], np.uint8))
        number += 1
    video.release()
    return (*(np.asarray(picture, np.uint8) for picture in street * 10), *road)


@lru_cache(maxsize=1)
def _noise() -> NDArray[np.int8]:
    shape = (SIZE[1] + _NOISE_MARGIN, SIZE[0] + _NOISE_MARGIN, 3)
    noise = np.random.default_rng(671).standard_normal(shape, np.float32) * _NOISE_SIGMA
    return np.asarray(np.rint(noise), np.int8)
