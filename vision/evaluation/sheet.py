"""Labelled pictures with what is there and what was found drawn on them, for people to look at."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from domain.sighting import Box
from vision import drawing
from vision.evaluation.evaluate import Answer, Terms
from vision.picture import Pixels, decode
from vision.zones import likeness

FOUND: drawing.Colour = (80, 170, 60)
MISSED: drawing.Colour = (0, 140, 255)
INVENTED: drawing.Colour = (60, 60, 220)
ZONE: drawing.Colour = (200, 140, 40)
LEAST_WIDTH = 1280
QUALITY = 85


def draw_sheets(answers: Sequence[Answer], terms: Terms, folder: Path) -> Iterator[Path]:
    """Write one JPEG for each picture: found in green, missed in orange, found where nothing is in red.

    They show people as the pictures do; raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels = sorted({truth.label for answer in answers for truth in answer.picture.truths})
    for number, answer in enumerate(answers):
        name = re.sub(r"[^\w.-]", "_", answer.picture.path.stem)
        path = folder / f"{number:04d}-{name}.jpg"
        _, encoded = cv2.imencode(".jpg", _drawn(answer, terms, labels), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        path.write_bytes(bytes(encoded))
        yield path


def _drawn(answer: Answer, terms: Terms, labels: Sequence[str]) -> Pixels:
    picture = decode(answer.picture.path.read_bytes())
    if (times := LEAST_WIDTH / picture.shape[1]) > 1:
        picture = np.asarray(cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), np.uint8)
    for zone in answer.picture.zones:
        drawing.outline(picture, zone.polygon, ZONE)
    right, missed, invented = _sorted_out(answer, terms, labels)
    drawing.frames(picture, missed, MISSED)
    drawing.frames(picture, right, FOUND)
    drawing.frames(picture, invented, INVENTED)
    caption = f"{answer.picture.path.name}: found {len(right)}, missed {len(missed)}, nothing there {len(invented)}"
    return drawing.with_caption(picture, [caption])


_Labels = list[tuple[Box, str]]


def _sorted_out(answer: Answer, terms: Terms, labels: Sequence[str]) -> tuple[_Labels, _Labels, _Labels]:
    """What was found rightly, what was missed, and what was found where no such thing is."""
    right: _Labels = []
    invented: _Labels = []
    free = list(answer.picture.truths)
    for thing in answer.found:
        if thing.score < terms.min_score or thing.label not in labels:
            continue
        fits = [truth for truth in free if truth.label == thing.label and likeness(truth.box, thing.box) >= terms.iou]
        (right if fits else invented).append((thing.box, f"{thing.label} {thing.score:.2f}"))
        if fits:
            free.remove(max(fits, key=lambda truth: likeness(truth.box, thing.box)))
    return right, [(truth.box, truth.label) for truth in free], invented
