"""Where the time of a look goes. Reading the clock costs 0.2 µs, so every look is measured."""

from enum import IntEnum
from time import perf_counter
from typing import Final

from msgspec import Struct


class Stage(IntEnum):
    """What a visit consists of, in this order."""

    FETCH = 0  # from the camera, mostly waiting
    QUEUE = 1  # until a thread has time for the picture
    DECODE = 2
    HEALTH = 3
    DETECT = 4
    PLACES = 5  # zones, places, backgrounds
    EVIDENCE = 6  # drawing, blurring and keeping a picture
    PUBLISH = 7  # making the message and handing it over


class Stages(Struct, frozen=True, kw_only=True):
    """Sums over looks, in seconds of wall clock."""

    fetch_s: float = 0.0
    queue_s: float = 0.0
    decode_s: float = 0.0
    health_s: float = 0.0
    detect_s: float = 0.0
    places_s: float = 0.0
    evidence_s: float = 0.0
    publish_s: float = 0.0


_NONE: Final = (0.0,) * len(Stage)


class Stopwatch:
    """Adds up time by stage. Used by one thread at a time, as a visit goes from one to the next."""

    __slots__ = ("_mark", "_spent_s")

    def __init__(self) -> None:
        self._spent_s = list(_NONE)
        self._mark = perf_counter()

    def skip(self) -> None:
        """What has passed since the last mark belongs to no stage."""
        self._mark = perf_counter()

    def lap(self, stage: Stage) -> None:
        """What has passed since the last mark belongs to this stage."""
        now = perf_counter()
        self._spent_s[stage] += now - self._mark
        self._mark = now

    def add(self, other: "Stopwatch") -> None:
        """Take over all that another one has measured."""
        self._spent_s = [mine + its for mine, its in zip(self._spent_s, other._spent_s, strict=True)]

    @property
    def stages(self) -> Stages:
        """The sums so far."""
        return Stages(**{f"{stage.name.lower()}_s": self._spent_s[stage] for stage in Stage})
