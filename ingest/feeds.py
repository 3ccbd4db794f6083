"""Which feed a message came by, whatever it says."""

from collections.abc import Mapping
from typing import Final

from paho.mqtt.client import topic_matches_sub

from config.schema import NATIVE, Feed
from ingest import topics

_MOST_TOPICS: Final = 100_000


class FeedOf:
    """Names the feed of a topic: one of the site's, or `longcheng` for devices on our own topics."""

    def __init__(self, root: str, feeds: Mapping[str, Feed]) -> None:
        self._root = root
        self._filters = [(name, wanted) for name, feed in feeds.items() for wanted in topics.of_feed(feed)]
        self._known: dict[str, str] = {}

    def __call__(self, topic: str) -> str:
        """The feed's name; "" for what comes by none: cameras and our own services, which we feed ourselves."""
        name = self._known.get(topic)
        if name is None:
            name = self._name(topic)
            if len(self._known) < _MOST_TOPICS:
                self._known[topic] = name
        return name

    def _name(self, topic: str) -> str:
        own = topics.parse(self._root, topic)
        if own is not None:
            return "" if own.kind in (topics.CAMERA, topics.SERVICE) else NATIVE
        return next((name for name, wanted in self._filters if topic_matches_sub(wanted, topic)), "")
