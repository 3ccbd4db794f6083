"""Made sequences of looks: what happens in each, and the truth about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.bench.leftover_goods import Pasted, Picture
from app.bench.leftover_street import Street
from app.bench.leftover_weather import Effect
from domain.sighting import Box

START_MS = 1_763_784_000_000
SEEN = 0.85
"""Share of looks in which a detector finds a person who is there."""
NOISE = 3.0
"""Of a sensor, in grey levels at the picture's own size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something that is there for a time."""

    pasted: Pasted
    from_s: float
    until_s: float
    goods: bool = True
    """Whether it is to be found; anything else has a name the detector knows, or belongs to the view."""
    named: float = 0.0
    """Share of looks in which the detector has a name for it."""
    kin: tuple[Pasted, ...] = ()
    """Other attitudes of the same thing: one of them is shown at each look."""

    def there(self, time_s: float) -> bool:
        """Whether it is there now."""
        return self.from_s <= time_s < self.until_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that happens before one camera, and how long it is watched."""

    street: Street
    lasts_s: float = 3000.0
    standing: tuple[Standing, ...] = ()
    effects: tuple[Effect, ...] = ()
    walkers: float = 1.0
    """Of them at a look, on average."""
    near: tuple[Pasted, ...] = ()
    """Things people gather around, in half of the looks."""
    unseen: tuple[tuple[float, float], ...] = ()
    """Times without a healthy look."""
    scenery: Callable[[float], Picture] | None = None
    """The view itself, if it changes."""
    names: Callable[[float], tuple[Box, ...]] = field(default=lambda _: ())
    """What else the detector knows of the scenery, before it misses any."""
    stands_px: tuple[float, float] = (0.0, 0.0)
    """Where the camera has sagged to at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One look of a sequence."""

    picture: Picture
    taken_ms: int
    people: tuple[Box, ...]
    known: tuple[Box, ...]
    truth: tuple[Box | None, ...]
    """The box of each of the story's goods, in order; None while it is not there."""


def play(story: Story, every_s: float, rng: Generator) -> Iterator[Moment]:
    """The looks of a story, one in so many seconds, a little irregular as real ones are."""
    time_s, phase = 0.0, float(rng.uniform(0, 6.28))
    while time_s < story.lasts_s:
        if not any(begin <= time_s < end for begin, end in story.unseen):
            yield _moment(story, time_s, phase, rng)
        time_s += every_s * float(rng.uniform(0.9, 1.25))


def _moment(story: Story, time_s: float, phase: float, rng: Generator) -> Moment:
    picture = story.scenery(time_s) if story.scenery else story.street.empty
    people, known = _people(story, rng), [_jittered(box, rng) for box in story.names(time_s) if rng.random() < 2 / 3]
    shown: list[Pasted] = []
    for thing in story.standing:
        if thing.there(time_s):
            choice = (thing.pasted, *thing.kin)
            shown.append(choice[int(rng.integers(len(choice)))])
            if rng.random() < thing.named:
                known.append(_jittered(shown[-1].box, rng))
    shown += people
    for pasted in sorted(shown, key=lambda pasted: pasted.box[3]):
        picture = pasted.into(picture)
    for effect in story.effects:
        picture = effect(picture, time_s, rng)
    drift = 1 + 0.1 * np.sin(time_s / 2700 * 6.28 + phase)
    gone = time_s / story.lasts_s
    off = (story.stands_px[0] * gone + float(rng.uniform(-1, 1)), story.stands_px[1] * gone + float(rng.uniform(-1, 1)))
    queue = [thing.pasted.box for thing in story.standing if thing.named == SEEN and thing.there(time_s)]
    names = [box for box in known if not any(abs(box[2] - person[2]) < 0.02 for person in queue)]
    bodies = [box for box in known if box not in names] + [body.box for body in people if rng.random() < SEEN]
    return Moment(
        picture=_sensed(picture, float(drift), off, rng),
        taken_ms=START_MS + round(time_s * 1000),
        people=tuple(_jittered(box, rng) for box in bodies),
        known=tuple(names),
        truth=tuple(thing.pasted.box if thing.there(time_s) else None for thing in story.standing if thing.goods),
    )


def _people(story: Story, rng: Generator) -> list[Pasted]:
    people = [story.street.person(rng) for _ in range(int(rng.poisson(story.walkers)))]
    for thing in story.near:
        if rng.random() < 0.5:
            high, wide = story.street.empty.shape[:2]
            x = int((thing.box[0] + thing.box[2]) / 2 * wide + rng.normal(0, 0.05) * wide)
            y = int(thing.box[3] * high + rng.uniform(-4, 16))
            people.append(story.street.person(rng, (min(max(x, 20), wide - 20), min(y, high - 2))))
    return people


def _jittered(box: Box, rng: Generator) -> Box:
    wide, high = box[2] - box[0], box[3] - box[1]
    dx1, dx2 = rng.normal(0, 0.04, 2) * wide
    dy1, dy2 = rng.normal(0, 0.04, 2) * high
    return (
        max(box[0] + float(dx1), 0.0),
        max(box[1] + float(dy1), 0.0),
        min(box[2] + float(dx2), 1.0),
        min(box[3] + float(dy2), 1.0),
    )


@lru_cache
def _noise(shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.random.default_rng(3).normal(0, NOISE, shape).astype(np.float32)


def _sensed(picture: Picture, gain: float, off: tuple[float, float], rng: Generator) -> Picture:
    """As the camera gives it: swayed, in its own exposure, noisy, and through a JPEG."""
    size = (picture.shape[1], picture.shape[0])
    matrix = np.array([[1, 0, off[0]], [0, 1, off[1]]], np.float32)
    swayed = cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    noise = np.roll(_noise(picture.shape), tuple(int(v) for v in rng.integers(1, size[1], 2)), (0, 1))
    sensed = np.clip(swayed * np.float32(gain) + noise, 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", sensed, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 88))])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
