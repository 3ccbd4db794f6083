"""The topics of the wire: `{root}/{kind}/{device_id}/{leaf}`."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from config.schema import Feed

TELEMETRY: Final = "telemetry"
STATUS: Final = "status"
SIGHTING: Final = "sighting"

CAMERA: Final = "camera"
"""The kind of everything that looks."""
SERVICE: Final = "service"
"""Our own processes stand under this kind; they are no devices."""
ADDRESS: Final = "{address}"
"""Stands for a device's address in the topics of a mapping."""

_OF_FORMAT: Final[Mapping[str, tuple[str, ...]]] = {
    "chirpstack": ("application/+/device/+/event/+",),
    "tts": ("v3/+/devices/+/up",),
    "sparkplug": ("spBv1.0/#",),
}


class WrongTopic(ValueError):
    """A topic of a feed that cannot be, as it stands in `site.yaml`."""

    def __init__(self, topic: str, problem: str) -> None:
        self.topic = topic
        super().__init__(problem)


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


def filters(root: str, feeds: Mapping[str, Feed]) -> tuple[str, ...]:
    """All that the collectors subscribe to: our own topics, and those of the feeds."""
    own = (telemetry(root, "+", "+"), status(root, "+", "+"), sighting(root, "+"))
    return tuple(dict.fromkeys((*own, *(topic for feed in feeds.values() for topic in of_feed(feed)))))


def undivided(root: str, feeds: Mapping[str, Feed]) -> tuple[str, ...]:
    """Those of them that one collector must hear alone.

    A broker never tells retained words (who is there) to clients that share a subscription, and Sparkplug's messages
    mean something only in their order, which clients that share do not keep.
    """
    alone = (feed for feed in feeds.values() if feed.format == "sparkplug" or (feed.envelope and feed.envelope.state))
    return tuple(dict.fromkeys((status(root, "+", "+"), *(topic for feed in alone for topic in of_feed(feed)))))


def check(root: str, feed: Feed) -> None:
    """Raises WrongTopic for what no broker takes, and for what is below our own root: nothing there would reach it."""
    for topic in feed.topics or of_feed(feed):
        levels = topic.replace(ADDRESS, "+").split("/")
        torn = any(len(level) > 1 and set(level) & {"+", "#"} for level in levels)
        if not topic or torn or "#" in levels[:-1] or levels[0].startswith("$"):
            raise WrongTopic(
                topic,
                f"the topic {topic!r} is no filter; one has words, + or {ADDRESS} between its slashes, "
                "may end with /#, and does not begin with $",
            )
        if topic.startswith(f"{root}/"):
            raise WrongTopic(
                topic, f"the topic {topic!r} is below our own root {root!r}, where only our own payloads are read"
            )


def of_feed(feed: Feed) -> tuple[str, ...]:
    """The filters of a feed: its own, or those of its format."""
    return tuple(name.replace(ADDRESS, "+") for name in feed.topics) or _OF_FORMAT[feed.format]
