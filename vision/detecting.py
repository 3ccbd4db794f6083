"""Which pictures go to the detector, and what it finds in them."""

from collections.abc import Sequence
from typing import Protocol
from zlib import crc32

from msgspec import structs

from domain.register import Camera, Zone
from vision import changes, places, zones
from vision.glance import Glance
from vision.memory import CameraMemory, Detection, Place
from vision.picture import Pixels

CONFIRMED_LOOKS = 6
"""A thing seen so often is no passer-by; until then the camera is looked at sooner."""
REUSED_LOOKS = 9
"""So often in a row the last detections may count again; every tenth look goes to the detector in any case."""


class Detector(Protocol):
    """What finds things in a picture. Used from several threads at once."""

    @property
    def model(self) -> str:
        """Name of the model, as sightings quote it."""
        ...

    @property
    def model_sha256(self) -> str:
        """Hash of the model's file."""
        ...

    @property
    def labels(self) -> frozenset[str]:
        """Our words for all that it knows."""
        ...

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of what the model takes: a picture need not be decoded much larger."""
        ...

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:
        """Everything found with at least `LEAST_SCORE`, each thing once, best first."""
        ...


def must_infer(camera: Camera, memory: CameraMemory, glance: Glance, own: tuple[Zone, ...]) -> bool:
    """Whether the last detections may not count again. `own`: the zones where this picture shows them."""
    # a turn of its own for each camera: after a start, a city's tenth looks must not all fall together
    turn = crc32(camera.camera_id.encode()) % (REUSED_LOOKS + 1)
    return (
        memory.reused >= REUSED_LOOKS
        or memory.looks % (REUSED_LOOKS + 1) == turn
        or any(unsettled(place) for place in memory.places)
        or not changes.unchanged(glance.thumb, memory.inferred, own)
    )


def inferred(
    memory: CameraMemory, found: Sequence[Detection], glance: Glance, shift: tuple[float, float]
) -> CameraMemory:
    """What is remembered of what was found in a picture whose view has swayed by `shift`: where it would else stand."""
    steady = tuple(structs.replace(thing, box=zones.moved(thing.box, (-shift[0], -shift[1]))) for thing in found)
    return structs.replace(memory, detections=steady, inferred=glance.thumb.tobytes(), reused=0)


def unsettled(place: Place) -> bool:
    """Neither surely there nor surely gone, and likely to be one of them soon."""
    if place.hidden > places.DOUBTED_LOOKS:  # whatever stands before it parks there; a look that shows it go is enough
        return False
    return not places.standing(place) or place.held > 0 or place.looks < CONFIRMED_LOOKS
