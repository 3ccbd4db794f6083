"""One camera whose pictures are judged one after the other, as a worker would, its memory stored in between."""

import hashlib
from copy import deepcopy

import msgspec
import numpy as np
from numpy.typing import NDArray

from tests.fakes.cameras import jpeg
from tests.vision.scenes import NOON_MS, Array, road, street
from tests.vision.view_scenes import aimed
from vision.glance import Glance
from vision.picture import decode_for_look
from vision.view_health import Arrival, Verdict, judge, remembered
from vision.view_memory import ViewMemory

MINUTE_MS = 60_000

SCENES: tuple[tuple[Array, ...], ...] = ((street(), street("clear")), road())
"""What each sample camera sees when nothing is wrong: bicycles come and go, people walk."""


class Watched:
    """A camera. `sees` looks and remembers; `thinks_of` only looks."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = np.random.default_rng(seed)
        self.memory = msgspec.msgpack.encode(ViewMemory())
        self.now_ms = NOON_MS

    @classmethod
    def of(cls, scene: tuple[Array, ...], *, looks: int = 4, seed: int = 1) -> "Watched":
        """A camera that has seen this scene for some looks."""
        watched = cls(seed)
        known = _LEARNT.get((id(scene), looks, seed)) if any(scene is each for each in SCENES) else None
        if known is not None:
            watched.memory, watched.now_ms, watched.chance = known[0], known[1], deepcopy(known[2])
            return watched
        for number in range(looks):
            watched.sees(aimed(scene[number % len(scene)]))
        _LEARNT[id(scene), looks, seed] = (watched.memory, watched.now_ms, deepcopy(watched.chance))
        return watched

    def sees(self, picture: Array, *, after_ms: int = MINUTE_MS, sigma: float = 3.0) -> Verdict:
        """A look at this, with a sensor's noise, sent as a JPEG."""
        return self.gets(self.taken(picture, sigma), after_ms=after_ms)

    def gets(
        self, data: bytes, *, after_ms: int = MINUTE_MS, age_ms: int | None = None, elsewhere: bool = False
    ) -> Verdict:
        """A look at exactly these bytes."""
        self.now_ms += after_ms
        memory = msgspec.msgpack.decode(self.memory, type=ViewMemory)
        pixels, glance, arrival, verdict = self._judged(data, memory, age_ms, elsewhere)
        self.memory = msgspec.msgpack.encode(remembered(memory, pixels, glance, arrival, verdict))
        return verdict

    def thinks_of(self, picture: Array, *, sigma: float = 3.0, quality: int = 0) -> Verdict:
        """What a look at this would say; it is forgotten again. `sigma` is the sensor's noise, in grey levels."""
        memory = msgspec.msgpack.decode(self.memory, type=ViewMemory)
        return self._judged(self.taken(picture, sigma, quality), memory, None, False)[-1]

    def taken(self, picture: Array, sigma: float = 3.0, quality: int = 0) -> bytes:
        """The JPEG of the picture, of this quality or of any."""
        return jpeg(
            grained(picture, self.chance, sigma) if sigma else picture, quality or int(self.chance.integers(40, 93))
        )

    def _judged(
        self, data: bytes, memory: ViewMemory, age_ms: int | None, elsewhere: bool
    ) -> tuple[NDArray[np.uint8], Glance, Arrival, Verdict]:
        pixels = decode_for_look(data)
        glance = Glance.of(pixels)
        arrival = Arrival(
            taken_ms=self.now_ms,
            sha256=hashlib.sha256(data).hexdigest(),
            age_ms=age_ms,
            interval_s=60,
            elsewhere=elsewhere,
        )
        return pixels, glance, arrival, judge(pixels, glance, arrival, memory)


def grained(picture: Array, chance: np.random.Generator, sigma: float = 3.0) -> Array:
    """With a sensor's noise, drawn once and taken from another place each time."""
    shift = chance.integers(1, picture.shape[0], 2)
    noise = np.roll(_grain(picture.shape), shift, (0, 1)) * np.float32(sigma)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


_LEARNT: dict[tuple[int, int, int], tuple[bytes, int, np.random.Generator]] = {}
"""What a camera knows after some looks at one of SCENES: many tests begin with it."""
_GRAINS: dict[tuple[int, ...], NDArray[np.float32]] = {}


def _grain(shape: tuple[int, ...]) -> NDArray[np.float32]:
    if shape not in _GRAINS:
        _GRAINS[shape] = np.random.default_rng(11).normal(0, 1, shape).astype(np.float32)
    return _GRAINS[shape]
