"""Lines, boxes and words on a picture. Knows pixels and colours, nothing of cameras or zones."""

from collections.abc import Sequence

import cv2
import numpy as np

from domain.register import Polygon
from domain.sighting import Box
from vision.picture import Pixels

Colour = tuple[int, int, int]
"""Blue, green, red."""

WHITE: Colour = (255, 255, 255)
BAR: Colour = (40, 32, 24)
FONT = "uni"
"""The font that OpenCV 5 carries with it: it has the Chinese characters, so no font needs installing."""
BOLD = 600
TINT = 0.06
"""What stands in a zone is the evidence: its colours must stay what they are."""
MOSAIC_CELLS = 5
"""A hidden part keeps so many cells on its shorter side: a face or a plate of 5 cells cannot be read back."""


def in_pixels(box: Box, picture: Pixels) -> tuple[int, int, int, int]:
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
    height, width = picture.shape[:2]
    corners = np.array([(round(x * (width - 1)), round(y * (height - 1))) for x, y in polygon], np.int32)
    tinted = cv2.fillPoly(picture.copy(), [corners], colour)
    cv2.addWeighted(tinted, TINT, picture, 1 - TINT, 0, dst=picture)
    cv2.polylines(picture, [corners], isClosed=True, color=colour, thickness=_line(picture), lineType=cv2.LINE_AA)


def frames(picture: Pixels, labels: Sequence[tuple[Box, str]], colour: Colour) -> None:
    """Boxes, and then their labels on tags above them, moved apart where they would cover each other."""
    for box, _ in labels:
        x1, y1, x2, y2 = in_pixels(box, picture)
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, _line(picture))
    size = text_size(picture)
    high = size + size // 3
    placed: list[tuple[int, int, int]] = []
    for box, label in labels:
        x1, y1, _, _ = in_pixels(box, picture)
        wide = _width(label, size) + size // 2
        left, top = max(min(x1, picture.shape[1] - wide), 0), y1 - high
        while above := [
            other for start, end, other in placed if abs(top - other) < high and left < end and start < left + wide
        ]:
            top = min(above) - high
        top = max(top, 0)
        placed.append((left, left + wide, top))
        cv2.rectangle(picture, (left, top), (left + wide, top + high), colour, -1)
        _write(picture, label, (left + size // 4, top + size), size)


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
