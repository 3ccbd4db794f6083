"""What the copy of a picture shows of one zone: for the shop that answers for it, and nothing of its neighbours."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.picture import PictureFacts
from domain.register import Camera, Zone, ZoneRole
from vision import drawing
from vision.archive import as_it_lay, zones_key
from vision.picture import Pixels, decode

WIDEST_PX: Final = 720
"""Of a phone's page; larger ones cost its owner money."""
QUALITY: Final = 78
MARGIN: Final = 0.12
"""Around the zone, as a share of its longer side."""
CELLS: Final = 20
"""The picture of a zone has so many cells on its longer side where it is coarse: no sign can be read in them."""
DIMMED: Final = 0.6
_EDGE: drawing.Colour = (40, 200, 255)
_SHOWN: Final = 255

Mask = NDArray[np.uint8]


def zone_copy(copy: bytes, facts: PictureFacts, camera: Camera, zone: str) -> bytes | None:
    """A JPEG of at most 720 pixels' width, cut to the zone and marked, made from the shareable `copy`.

    Beside the zone everything is grey, coarse and dim; zones of others, and what stands in them, are blank. None if it
    cannot be known where the zones lay: they were drawn anew since, or nobody wrote down how large the picture was.
    """
    lying = as_it_lay(camera, facts.shift)
    own = next((one for one in lying.zones if one.zone == zone and one.role is not ZoneRole.MASK), None)
    if own is None or facts.camera_id != camera.camera_id or facts.zones_key != zones_key(camera):
        return None
    picture = _without_words(decode(copy), facts.size_px)
    if picture is None:
        return None
    others = [one for one in lying.zones if one.zone != zone and one.shop_id not in {None, own.shop_id}]
    shown = _shown(picture, own, others, facts)
    x1, y1, x2, y2 = _around(shown)
    cut = slice(y1, y2), slice(x1, x2)
    part = _beside_dimmed(picture[cut], shown[cut], _blanked(picture, others, facts)[cut])
    outline = drawing.corners(own.polygon, picture) - (x1, y1)
    return _encoded(part, outline)


def _without_words(picture: Pixels, size_px: tuple[int, int]) -> Pixels | None:
    """The picture above the bar with words; a camera that says it lies on its side is stood up in its copy."""
    width, height = size_px if picture.shape[1] == size_px[0] else size_px[::-1]
    known = height > 0 and width == picture.shape[1] and height <= picture.shape[0]
    return picture[:height] if known else None


def _shown(picture: Pixels, own: Zone, others: list[Zone], facts: PictureFacts) -> Mask:
    """Where the picture stays as it is: the zone, and what stands in it as far as it is in nobody else's."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    for thing in facts.seen:
        if thing.zone == own.zone:
            x1, y1, x2, y2 = drawing.in_pixels(thing.box, picture)
            mask[y1:y2, x1:x2] = _SHOWN
    for other in others:
        cv2.fillPoly(mask, [drawing.corners(other.polygon, picture)], 0)
    return np.asarray(cv2.fillPoly(mask, [drawing.corners(own.polygon, picture)], _SHOWN), np.uint8)


def _blanked(picture: Pixels, others: list[Zone], facts: PictureFacts) -> Mask:
    """Where nothing may be left: zones of others, with the lines that are drawn around them, and what stands there."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    names = {other.zone for other in others}
    line = max(picture.shape[0] // 60, 6)
    for other in others:
        corners = [drawing.corners(other.polygon, picture)]
        cv2.fillPoly(mask, corners, _SHOWN)
        cv2.polylines(mask, corners, isClosed=True, color=_SHOWN, thickness=line)
    for thing in facts.seen:
        if thing.zone in names:
            x1, y1, x2, y2 = drawing.in_pixels(thing.box, picture)
            cv2.rectangle(mask, (x1 - line, y1 - line), (x2 + line, y2 + line), _SHOWN, -1)
    return mask


def _around(shown: Mask) -> drawing.Span:
    """The shown part with a margin, within the picture."""
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    height, width = shown.shape
    if not len(rows):  # the view has swayed so far that the zone lies outside
        return 0, 0, width, height
    x1, x2, y1, y2 = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    margin = round(MARGIN * max(x2 - x1, y2 - y1))
    return max(x1 - margin, 0), max(y1 - margin, 0), min(x2 + margin, width), min(y2 + margin, height)


def _beside_dimmed(picture: Pixels, shown: Mask, blanked: Mask) -> Pixels:
    """Grey, coarse and dim where it is not shown; without anything where it is blanked and not shown."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    grey[blanked > 0] = 0
    height, width = grey.shape
    cell = max(max(height, width) // CELLS, 8)
    coarse = cv2.resize(grey, (max(width // cell, 1), max(height // cell, 1)), interpolation=cv2.INTER_AREA)
    beside = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR) * DIMMED
    dimmed = np.repeat(beside[:, :, None], 3, axis=2)
    dimmed[blanked > 0] = drawing.BAR
    return np.where((shown > 0)[:, :, None], picture, dimmed).astype(np.uint8)


def _encoded(part: Pixels, outline: NDArray[np.int32]) -> bytes:
    share = min(WIDEST_PX / part.shape[1], 3.0)
    size = (max(round(part.shape[1] * share), 1), max(round(part.shape[0] * share), 1))
    out = cv2.resize(part, size, interpolation=cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC)
    corners = np.rint(outline * share).astype(np.int32)
    for colour, thickness in ((drawing.BAR, 9), (_EDGE, 5)):
        cv2.polylines(out, [corners], isClosed=True, color=colour, thickness=thickness, lineType=cv2.LINE_AA)
    _, encoded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(encoded)
