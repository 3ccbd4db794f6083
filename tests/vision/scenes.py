"""The sample pictures, and what can happen to one between the street and us."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.register import Camera, Location, Polygon, Zone, ZoneRole

PICTURES = Path(__file__).parents[2] / "app" / "demo" / "pictures"
NOON_MS = 1_763_784_000_000  # 2025-11-22 12:00:00 in Shanghai

Array = NDArray[np.uint8]

BIKES_ZONE: Polygon = ((0.14, 0.74), (0.40, 0.70), (0.40, 0.84), (0.14, 0.90))
ROAD_ZONE: Polygon = ((0.82, 0.06), (1.0, 0.06), (1.0, 0.20), (0.82, 0.20))


@lru_cache
def street(name: str = "bikes") -> Array:
    """The street: `bikes` or `clear`."""
    return np.asarray(cv2.imread(str(PICTURES / f"street-{name}.jpg")), np.uint8)


@lru_cache
def road() -> tuple[Array, ...]:
    """30 frames of the road video, over its whole length."""
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
def _noise(shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.random.default_rng(3).normal(0, 3, shape).astype(np.float32)


def sensed(picture: Array, *, seed: int, gain: float = 1.0, clock: str = "") -> Array:
    """The picture as a sensor gives it: with noise, another exposure, and a burnt-in clock."""
    shift = np.random.default_rng(seed).integers(1, picture.shape[0], 2)
    noise = np.roll(_noise(picture.shape), shift, (0, 1))  # drawn once: making it anew is most of the time of a test
    out: Array = np.clip(picture * np.float32(gain) + noise, 0, 255).astype(np.uint8)
    if clock:
        cv2.putText(out, clock, (12, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def shifted(picture: Array, right: int, down: int = 0) -> Array:
    """As a camera that was turned sees it."""
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REFLECT), np.uint8)


def blurred(picture: Array, sigma: float) -> Array:
    """Out of focus, or a drop on the lens."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def covered(picture: Array, share: float) -> Array:
    """Something plain hangs before this share of the picture."""
    out = picture.copy()
    out[:, : int(picture.shape[1] * share)] = 110
    return sensed(out, seed=5)


def camera(*zones: Zone, camera_id: str = "cam-1", source: str = "http://192.0.2.1/", interval_s: float = 60) -> Camera:
    """A camera in an invented road."""
    where = Location(district="天宁区", sub_district="茶山街道", road="劳动中路", lon_deg=119.97, lat_deg=31.77)
    return Camera(
        camera_id=camera_id, name="劳动中路 12 号", source=source, location=where, interval_s=interval_s, zones=zones
    )


def zone(polygon: Polygon, role: ZoneRole = ZoneRole.PAVEMENT, name: str = "front", shop_id: str | None = None) -> Zone:
    """A zone of `camera()`."""
    return Zone(camera_id="cam-1", zone=name, role=role, polygon=polygon, shop_id=shop_id)
