"""People in the labelled pictures, whole and cut by the picture's edge; and whether a copy still shows a head."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from msgspec import Struct

from domain.sighting import Box
from tests.vision.scenes import Array
from vision import drawing
from vision.evidence import Hider

LABELLED = Path(__file__).parent / "labelled"
PERSON = 0
HEAD = 0.2
"""Part of a standing person's box, from the top, that is the head."""
LEFT = 0.25
"""Share of a head's detail that may be left. A mosaic of five cells leaves 0–10 %, what is not hidden 100 %."""


class Someone(Struct, frozen=True):
    """A person in a picture."""

    picture: Array
    box: Box

    @property
    def head(self) -> Box:
        """Where the head is: the middle half of the upper part."""
        x1, y1, x2, y2 = self.box
        aside = (x2 - x1) / 4
        return (x1 + aside, y1, x2 - aside, y1 + HEAD * (y2 - y1))


def people(least_height: float = 0.0) -> Iterator[Someone]:
    """Everyone who was labelled, of at least this share of the picture's height."""
    for path in sorted(LABELLED.glob("road-*.jpg")):
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        for line in path.with_suffix(".txt").read_text(encoding="utf-8").splitlines():
            kind, x, y, width, height = (float(word) for word in line.split())
            if kind == PERSON and height >= least_height:
                yield Someone(picture, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def cut_below(person: Someone, share: float) -> Someone:
    """As a camera sees them that ends so far down their body."""
    x1, y1, x2, y2 = person.box
    end = y1 + share * (y2 - y1)
    lines = round(end * person.picture.shape[0])
    return Someone(person.picture[:lines], (x1, y1 / end, x2, 1.0))


def hidden(persons: Sequence[Someone], hider: Hider) -> list[bool]:
    """For each, whether a copy shows no more of the head than a mosaic of it."""
    copies: dict[int, Array] = {}
    for person in persons:
        if id(person.picture) not in copies:
            copy = copies[id(person.picture)] = person.picture.copy()
            for box in hider.parts(person.picture):
                drawing.hide(copy, box)
    return [
        detail(copies[id(person.picture)], person.head) <= LEFT * detail(person.picture, person.head)
        for person in persons
    ]


def detail(picture: Array, box: Box) -> float:
    """Energy of the gradient inside a box."""
    x1, y1, x2, y2 = drawing.in_pixels(box, picture)
    grey = cv2.cvtColor(picture[y1:y2, x1:x2], cv2.COLOR_BGR2GRAY).astype(np.float32)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return float((across**2 + down**2).mean())
