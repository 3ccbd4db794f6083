"""Lines, boxes and words on a picture. Knows pixels and colours, nothing of cameras or zones."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.register import Polygon
from domain.sighting import Box
from vision.picture import Pixels

Colour = tuple[int, int, int]
"""Blue, green, red."""
Span = tuple[int, int, int, int]
"""x1, y1, x2, y2 in pixels."""

WHITE: Colour = (255, 255, 255)
BAR: Colour = (40, 32, 24)
FONT = "uni"
"""The font that OpenCV 5 carries with it: it has the Chinese characters, so no font needs installing."""
BOLD = 600
TINT = 0.06
"""What stands in a zone is the evidence: its colours must stay what they are."""
TAG_STEPS = 4
"""So many of its own heights above its box may a tag stand."""
MOSAIC_CELLS = 5
"""A hidden part keeps so many cells on its shorter side: a face or a plate of 5 cells cannot be read back."""


def in_pixels(box: Box, picture: Pixels) -> Span:
    """A box in shares of the picture as pixels, within the picture."""
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = box
    return (
        max(round(x1 * width), 0),
        max(round(y1 * height), 0),
        min(round(x2 * width), width),
        min(round(y2 * height), height),
    )


def hide(picture: Pixels, box: Box) -> None:
    """Make what is inside the box unreadable: its detail is gone from the picture, not merely softened."""
    x1, y1, x2, y2 = in_pixels(box, picture)
    if x2 - x1 < 1 or y2 - y1 < 1:
        return
    part = picture[y1:y2, x1:x2]
    cell = max(min(x2 - x1, y2 - y1) / MOSAIC_CELLS, 1.0)
    cells = (max(round((x2 - x1) / cell), 1), max(round((y2 - y1) / cell), 1))
    coarse = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    picture[y1:y2, x1:x2] = cv2.resize(coarse, (x2 - x1, y2 - y1), interpolation=cv2.INTER_LINEAR).reshape(part.shape)


def outline(picture: Pixels, polygon: Polygon, colour: Colour) -> None:
    """A polygon's edge, and its inside faintly tinted."""
    edge = corners(polygon, picture)
    tinted = cv2.fillPoly(picture.copy(), [edge], colour)
    cv2.addWeighted(tinted, TINT, picture, 1 - TINT, 0, dst=picture)
    cv2.polylines(picture, [edge], isClosed=True, color=colour, thickness=_line(picture), lineType=cv2.LINE_AA)


def corners(polygon: Polygon, picture: Pixels) -> NDArray[np.int32]:
    """A polygon in pixels, one row (x, y) for each corner; it may reach beyond the picture."""
    height, width = picture.shape[:2]
    return np.array([(round(x * (width - 1)), round(y * (height - 1))) for x, y in polygon], np.int32)


def blank(picture: Pixels, polygon: Polygon, margin: float) -> None:
    """Nothing is left of what is inside the polygon, or next to it by `margin`, a share of the longer side."""
    edge = [corners(polygon, picture)]
    cv2.fillPoly(picture, edge, BAR)
    cv2.polylines(picture, edge, isClosed=True, color=BAR, thickness=1 + 2 * round(margin * max(picture.shape[:2])))


def frames(picture: Pixels, labels: Sequence[tuple[Box, str]], colour: Colour) -> None:
    """Boxes, and their labels on tags beside them. A tag covers no box and no other tag: without room there is none."""
    boxes = [in_pixels(box, picture) for box, _ in labels]
    for x1, y1, x2, y2 in boxes:
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, _line(picture))
    size = text_size(picture)
    taken: list[Span] = list(boxes)
    for span, (_, label) in zip(boxes, labels, strict=True):
        wide, high = _width(label, size) + size // 2, size + size // 3
        place = _free(span, wide, high, taken, picture)
        if place is None:
            continue
        taken.append(place)
        left, top, right, bottom = place
        cv2.rectangle(picture, (left, top), (right, bottom), colour, -1)
        _write(picture, label, (left + size // 4, top + size), size)


def _free(span: Span, wide: int, high: int, taken: Sequence[Span], picture: Pixels) -> Span | None:
    """Where a tag of this size has room: above the box, below it, further above, to its right or its left."""
    x1, y1, x2, y2 = span
    height, width = picture.shape[:2]
    left = max(min(x1, width - wide), 0)
    rows = [y1 - high, y2 + 1, *(y1 - high * steps for steps in range(2, TAG_STEPS + 1))]
    places = [*((left, top) for top in rows), (x2 + 1, y1), (x1 - wide, y1)]
    for left, top in places:
        tag = (left, top, left + wide, top + high)
        inside = left >= 0 and top >= 0 and tag[2] <= width and tag[3] <= height
        if inside and not any(_meet(tag, other) for other in taken):
            return tag
    return None


def _meet(first: Span, second: Span) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def with_caption(picture: Pixels, lines: Sequence[str]) -> Pixels:
    """The picture with a bar below it that holds the lines; what is too long for one goes on in the next."""
    size = text_size(picture)
    step = size * 8 // 5
    rows = [row for line in lines for row in _wrapped(line, size, picture.shape[1] - size)]
    bar = np.full((step * len(rows) + size // 2, picture.shape[1], 3), BAR, np.uint8)
    for number, row in enumerate(rows, start=1):
        _write(bar, row, (size // 2, step * number - size // 4), size)
    return np.vstack((picture, bar))


def _wrapped(line: str, size: int, room: int) -> list[str]:
    """The line in pieces that fit. Chinese may break anywhere."""
    rows = [""]
    for character in line:
        if _width(rows[-1] + character, size) > room:
            rows.append("")
        rows[-1] += character
    return rows


def text_size(picture: Pixels) -> int:
    """Height of letters in pixels: 17 on a picture of 576 lines, 32 on one of 1080."""
    return max(12, int(picture.shape[0]) * 3 // 100)


def _line(picture: Pixels) -> int:
    return max(2, int(picture.shape[0]) // 300)


def _width(text: str, size: int) -> int:
    box: tuple[int, int, int, int] = cv2.getTextSize((1, 1), text, (0, 0), cv2.FontFace(FONT), size, BOLD)
    return int(box[2])


def _write(picture: Pixels, text: str, at: tuple[int, int], size: int) -> None:
    cv2.putText(picture, text, at, WHITE, cv2.FontFace(FONT), size, BOLD)
