"""Camera pictures, made from a few real ones. No two are byte-identical, as with real sensors."""

import random
from datetime import tzinfo
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.demo.scenes import Scene
from domain.clock import utc

PICTURES = Path(__file__).parent / "pictures"
ROAD_STEP = 20  # frames between two kept ones: the video's key frames, two seconds apart
ROAD_STEP_MS = 2000
QUALITY = 82
NOISE_SIGMA = 2.0
NOISE_MARGIN = 128  # how far the noise may be shifted, each way
DARKNESS = 3

Picture = NDArray[np.uint8]


class Frames:
    """Renders what a camera sees. Not thread-safe: call it from one thread."""

    def __init__(self, *, seed: int, timezone: tzinfo, folder: Path = PICTURES) -> None:
        self._seed = seed
        self._timezone = timezone
        self._street = {
            Scene.BIKES: _read(folder / "street-bikes.jpg"),
            Scene.CLEAR: _read(folder / "street-clear.jpg"),
        }
        self._road = _read_road(folder / "campus-road.mp4")
        self._noise = _noise(seed, (*self._size(), 3))
        self._shift = random.Random(seed)
        self._tints: dict[str, Picture] = {}
        self._frozen: dict[str, bytes] = {}

    def render(self, camera_id: str, scene: Scene, at_ms: int) -> bytes:
        """The JPEG that this camera sends at this moment. ValueError for a scene that sends none."""
        if scene is Scene.BLACK:
            return self._encode(np.full((*self._size(), 3), DARKNESS, np.uint8))
        if scene is Scene.FROZEN:
            if camera_id not in self._frozen:
                self._frozen[camera_id] = self._tinted(camera_id, self._street[Scene.CLEAR], at_ms)
            return self._frozen[camera_id]
        if scene is Scene.ROAD:
            return self._tinted(camera_id, self._road_now(camera_id, at_ms), at_ms)
        if scene in self._street:
            return self._tinted(camera_id, self._street[scene], at_ms)
        raise ValueError(f"a camera whose scene is {scene.value!r} sends no picture")

    def _size(self) -> tuple[int, int]:
        rows, columns = self._road[0].shape  # planar YUV: half as many rows again
        return rows * 2 // 3, columns

    def _road_now(self, camera_id: str, at_ms: int) -> Picture:
        """Every camera is at its own place in the video and moves on with time."""
        start = random.Random(f"{self._seed}/{camera_id}/start").randrange(len(self._road))
        planar = self._road[(start + at_ms // ROAD_STEP_MS) % len(self._road)]
        picture: Picture = cv2.cvtColor(planar, cv2.COLOR_YUV2BGR_I420)
        return picture

    def _tinted(self, camera_id: str, picture: Picture, at_ms: int) -> bytes:
        """In this camera's colours, with its name and clock burnt in."""
        tinted: Picture = cv2.LUT(picture, self._tint(camera_id))
        moment = utc(at_ms).astimezone(self._timezone)
        words = f"{moment:%Y-%m-%d %H:%M:%S}.{at_ms % 1000 // 100}  {camera_id}"
        for colour, place in (((0, 0, 0), (13, 27)), ((255, 255, 255), (12, 26))):
            cv2.putText(tinted, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, colour, 1, cv2.LINE_AA)
        return self._encode(tinted)

    def _tint(self, camera_id: str) -> Picture:
        """Gain and white balance as a table from value to value, one column a colour."""
        if camera_id not in self._tints:
            chance = random.Random(f"{self._seed}/{camera_id}/tint")
            gain = chance.uniform(0.88, 1.1)
            colours = [gain * chance.uniform(0.96, 1.04) for _ in range(3)]
            table = np.clip(np.outer(np.arange(256), colours), 0, 255)
            self._tints[camera_id] = table.astype(np.uint8).reshape(1, 256, 3)
        return self._tints[camera_id]

    def _encode(self, picture: Picture) -> bytes:
        top, left = self._shift.randrange(NOISE_MARGIN), self._shift.randrange(NOISE_MARGIN)
        height, width = picture.shape[:2]
        noise = self._noise[top : top + height, left : left + width]
        noisy = cv2.add(picture, noise, dtype=cv2.CV_8U)
        done, data = cv2.imencode(".jpg", noisy, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
        if not done:
            raise ValueError(f"a picture of {picture.shape} cannot be written as JPEG")
        return bytes(data)


def _read(path: Path) -> Picture:
    picture: Picture | None = cv2.imread(str(path))
    if picture is None:
        raise FileNotFoundError(f"{path} is missing or no picture")
    return picture


def _read_road(path: Path) -> list[Picture]:
    """The key frames, kept as planar YUV: half the memory of BGR, and quick to turn back."""
    video = cv2.VideoCapture(str(path))
    frames: list[Picture] = []
    number = 0
    try:
        while video.grab():
            if number % ROAD_STEP == 0:
                frames.append(cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2YUV_I420))
            number += 1
    finally:
        video.release()
    if not frames:
        raise FileNotFoundError(f"{path} is missing or no video")
    return frames


def _noise(seed: int, shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Sensor noise, a little larger than a picture, so that each picture takes another part of it."""
    larger = (shape[0] + NOISE_MARGIN, shape[1] + NOISE_MARGIN, shape[2])
    noise = np.random.default_rng(seed).standard_normal(larger, np.float32) * NOISE_SIGMA
    pool: NDArray[np.int8] = np.rint(noise).astype(np.int8)
    return pool
