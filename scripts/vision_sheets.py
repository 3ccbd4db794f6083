"""What the vision worker saw on the sample pictures: the shareable copies, as they would leave, on contact sheets.

Run: `.venv/bin/python -m scripts.vision_sheets`; writes docs/images/vision-*.jpg. The pictures pass through the look
itself, a minute apart, and through the drawing of evidence; nothing is put in by hand but the zones.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from config.load import load_site
from domain.register import Camera, Polygon, Zone, ZoneRole
from tests.vision.scenes import NOON_MS, ROAD_ZONE, Array, camera, road, sensed, street
from vision.detectors import SHIPPED
from vision.detectors.faces import Faces
from vision.detectors.openvino import OpenVino
from vision.evidence import Hider, Words, shareable_copy
from vision.look import Terms, Visit, look
from vision.memory import CameraMemory
from vision.picture import Picture, decode

IMAGES = Path(__file__).parents[1] / "docs" / "images"
MOST_BYTES = 600_000
FRONT: Polygon = ((0.107, 0.622), (0.559, 0.622), (0.559, 0.782), (0.107, 0.977))
PATH: Polygon = ((0.0, 0.257), (0.378, 0.299), (0.299, 0.368), (0.0, 0.333))
MOMENTS = tuple(range(0, 27, 3))


def main() -> None:
    """Write both sheets."""
    front = _zone("front", ZoneRole.FRONTAGE, FRONT)
    at_shop, at_road = (
        camera(front),
        camera(_zone("kerb", ZoneRole.NO_PARKING, ROAD_ZONE), _zone("path", ZoneRole.PAVEMENT, PATH)),
    )
    shop = list(_copies(at_shop, [street()] * 12 + [street("clear")] * 2))
    _write(IMAGES / "vision-street.jpg", [shop[0], shop[11], shop[12], shop[13]], columns=2, width=700)
    walked = list(_copies(at_road, road()))
    _write(IMAGES / "vision-road.jpg", [walked[moment] for moment in MOMENTS], columns=3, width=560)


def _zone(name: str, role: ZoneRole, polygon: Polygon) -> Zone:
    return Zone(camera_id="cam-1", zone=name, role=role, polygon=polygon)


def _copies(watched: Camera, pictures: Sequence[Array]) -> Iterator[Array]:
    """The shareable copy of each look."""
    detector, memory = OpenVino(SHIPPED, 1), CameraMemory()
    hider, words = Hider(detect=detector.detect, faces=Faces()), Words.of(load_site("demo"))
    for number, picture in enumerate(pictures):
        _, encoded = cv2.imencode(".jpg", sensed(picture, seed=number), [cv2.IMWRITE_JPEG_QUALITY, 92])
        data = bytes(encoded)
        visit = Visit(
            camera=watched,
            brought=Picture(data=data),
            taken_ms=NOON_MS + number * 60_000,
            elapsed_ms=60_000 if number else None,
        )
        taken = look(visit, memory, detector, Terms(min_score=0.35))
        memory = taken.memory
        yield decode(shareable_copy(data, taken.sighting, watched, hider, words))


def _write(path: Path, copies: Sequence[Array], *, columns: int, width: int) -> None:
    """Rows of copies, as one JPEG of at most MOST_BYTES."""
    small = [_fitted(copy, width) for copy in copies]
    high = max(copy.shape[0] for copy in small)
    cells = [
        cv2.copyMakeBorder(copy, 4, high - copy.shape[0] + 4, 4, 4, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        for copy in small
    ]
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    for quality in range(90, 40, -5):
        _, encoded = cv2.imencode(".jpg", np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(encoded) <= MOST_BYTES:
            break
    path.write_bytes(bytes(encoded))
    print(path, f"{len(encoded) / 1024:.0f} KB, quality {quality}")


def _fitted(copy: Array, width: int) -> Array:
    high = round(copy.shape[0] * width / copy.shape[1])
    return np.asarray(cv2.resize(copy, (width, high), interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
