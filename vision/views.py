"""The last picture of every camera, for people who want to see what it sees: blurred, small, and nothing drawn on it.

No evidence: it is overwritten in place, and no finding refers to it. Where a camera has masks and its view is not
healthy, the picture is so coarse that only the direction can be told: nobody knows where the masks lie in it.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

import cv2
import numpy as np
from msgspec import Struct

from domain.errors import SourceError
from domain.picture import ViewFacts
from domain.register import Camera, ZoneRole
from domain.sighting import ViewHealth
from vision import drawing
from vision.archive import as_it_lay, zones_key
from vision.evidence import Hider
from vision.look import Look, Visit
from vision.picture import Picture, Pixels, decode
from vision.view_health.same_view import MOVED_SHARE

log = logging.getLogger(__name__)

LONG_SIDE_PX: Final = 1280
"""Zones are drawn on it: a pixel is 0.08 % of its width."""
THUMB_PX: Final = 320
QUALITY, THUMB_QUALITY = 75, 70
COARSE_CELLS: Final = 48
"""Across a picture of which nobody knows where its masks lie: a door is one cell."""
BUSY_SHARE, FIRST_SHARE = 0.2, 0.5
"""Of the time, what pictures may take that nobody waits for: after a start, all of a city are due at once. More while a
camera has none at all."""
NOT_ITS_OWN: Final = frozenset({ViewHealth.OFFLINE, ViewHealth.PLACEHOLDER, ViewHealth.FROZEN, ViewHealth.STALE})
"""No picture of the camera's, or none of now: the one from before stays, and says its age."""


class ViewKeeper(Protocol):
    """Where the last pictures are kept. Both may raise OSError."""

    def facts(self, camera_id: str) -> ViewFacts | None:
        """Of the picture that is there now; None if there is none."""
        ...

    def put(self, facts: ViewFacts, picture: bytes, thumb: bytes) -> None:
        """In the place of the one before, whole or not at all."""
        ...


class Drawn(Struct, frozen=True, kw_only=True):
    """A last picture and its small one, as JPEG."""

    picture: bytes
    thumb: bytes
    size_px: tuple[int, int]


class Views:
    """Keeps them. Any thread may file a look; two never file the same camera's at once."""

    def __init__(
        self, keeper: ViewKeeper, hider: Hider, *, every_s: float, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`every_s`: so old the picture of a view becomes in which nothing changes."""
        self._keeper = keeper
        self._hider = hider
        self._every_ms = round(every_s * 1000)
        self._clock_s = clock_s
        self._known: dict[str, ViewFacts | None] = {}
        self._rests_until_s = 0.0
        self._lock = threading.Lock()

    def file(self, visit: Visit, taken: Look) -> bool:
        """Keep this look's picture if it is time. Whether it was kept; a full disk costs the picture, not the look."""
        picture, camera = visit.brought, visit.camera
        if not isinstance(picture, Picture) or picture.unchanged or taken.sighting.view in NOT_ITS_OWN:
            return False
        before = self._before(camera.camera_id)
        if not self._is_due(before, visit, taken) or not self._has_time(visit, before):
            return False
        began_s = self._clock_s()
        try:
            drawn = draw(picture, camera, taken, self._hider)
            facts = _facts(visit, taken, drawn)
            self._keeper.put(facts, drawn.picture, drawn.thumb)
        except (OSError, SourceError) as problem:
            log.warning("%s: its last picture is not kept: %s", camera.camera_id, problem)
            return False
        finally:
            now_s = self._clock_s()
            share = FIRST_SHARE if before is None else BUSY_SHARE
            with self._lock:
                self._rests_until_s = max(self._rests_until_s, now_s + (now_s - began_s) * (1 / share - 1))
        self._known[camera.camera_id] = facts
        return True

    def _before(self, camera_id: str) -> ViewFacts | None:
        if camera_id not in self._known:
            self._known[camera_id] = self._keeper.facts(camera_id)
        return self._known[camera_id]

    def _is_due(self, before: ViewFacts | None, visit: Visit, taken: Look) -> bool:
        if before is None or visit.early or before.zones_key != zones_key(visit.camera):
            return True
        age_ms = visit.taken_ms - before.taken_ms
        return taken.sighting.view is not before.view or not 0 <= age_ms < self._every_ms

    def _has_time(self, visit: Visit, before: ViewFacts | None) -> bool:
        """What somebody asked for, or is to hide more than before, is made at once."""
        if visit.early or (before is not None and before.zones_key != zones_key(visit.camera)):
            return True
        with self._lock:
            return self._clock_s() >= self._rests_until_s


def draw(picture: Picture, camera: Camera, taken: Look, hider: Hider) -> Drawn:
    """The picture without heads, plates and what masks cover. Raises SourceError for one that cannot be decoded."""
    pixels = _smaller(picture.pixels.copy() if picture.pixels is not None else decode(picture.data), LONG_SIDE_PX)
    for box in hider.parts(pixels):
        drawing.hide(pixels, box)
    masks = [zone for zone in as_it_lay(camera, taken.shift).zones if zone.role is ZoneRole.MASK]
    if masks and taken.sighting.view is not ViewHealth.HEALTHY:
        pixels = _coarse(pixels)
    for mask in masks:
        drawing.blank(pixels, mask.polygon, MOVED_SHARE)
    return Drawn(
        picture=_jpeg(pixels, QUALITY),
        thumb=_jpeg(_smaller(pixels, THUMB_PX), THUMB_QUALITY),
        size_px=(pixels.shape[1], pixels.shape[0]),
    )


def _facts(visit: Visit, taken: Look, drawn: Drawn) -> ViewFacts:
    return ViewFacts(
        camera_id=visit.camera.camera_id,
        taken_ms=visit.taken_ms,
        view=taken.sighting.view,
        zones_key=zones_key(visit.camera),
        shift=taken.shift,
        size_px=drawn.size_px,
    )


def _smaller(pixels: Pixels, long_side: int) -> Pixels:
    height, width = pixels.shape[:2]
    share = long_side / max(height, width)
    if share >= 1:
        return pixels
    size = (max(round(width * share), 1), max(round(height * share), 1))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _coarse(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    cells = (min(COARSE_CELLS, width), max(COARSE_CELLS * height // width, 1))
    small = cv2.resize(pixels, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(encoded)
