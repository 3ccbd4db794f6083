"""The topics of the wire: `{root}/{kind}/{device_id}/{leaf}`."""

from typing import Final

from msgspec import Struct

TELEMETRY: Final = "telemetry"
STATUS: Final = "status"
SIGHTING: Final = "sighting"

CAMERA: Final = "camera"
"""The kind of everything that looks."""
SERVICE: Final = "service"
"""Our own processes stand under this kind; they are no devices."""


class Topic(Struct, frozen=True, gc=False):
    """What a topic below the root names. None of the three is empty."""

    kind: str
    device_id: str
    leaf: str


def parse(root: str, topic: str) -> Topic | None:
    """The three names below `root`, or None if the topic is not one of ours."""
    prefix = f"{root}/"
    if not topic.startswith(prefix):
        return None
    names = topic[len(prefix) :].split("/")
    if len(names) != 3 or not all(names):
        return None
    return Topic(*names)


def telemetry(root: str, kind: str, device_id: str) -> str:
    """Where a device sends its readings."""
    return f"{root}/{kind}/{device_id}/{TELEMETRY}"


def status(root: str, kind: str, device_id: str) -> str:
    """Where a device, or one of our services, says that it is there; also its last will. Retained."""
    return f"{root}/{kind}/{device_id}/{STATUS}"


def sighting(root: str, camera_id: str) -> str:
    """Where the looks of a camera go."""
    return f"{root}/{CAMERA}/{camera_id}/{SIGHTING}"


def subscriptions(root: str) -> tuple[str, ...]:
    """The filters the collector subscribes to."""
    return (telemetry(root, "+", "+"), status(root, "+", "+"), sighting(root, "+"))
