"""Which feed a message came by."""

import pytest

from config.schema import Envelope, Feed
from ingest.feeds import FeedOf

FEEDS = {
    "lora": Feed(format="chirpstack"),
    "vendor": Feed(format="mapping", topics=("vendor/{address}/up",), envelope=Envelope()),
}


@pytest.mark.parametrize(
    ("topic", "feed"),
    [
        ("longcheng/v1/tree/tree-1/telemetry", "longcheng"),
        ("longcheng/v1/charger/anyone/status", "longcheng"),
        ("longcheng/v1/camera/cam-1/sighting", ""),
        ("longcheng/v1/service/watch/status", ""),
        ("application/1/device/0102/event/up", "lora"),
        ("vendor/17/up", "vendor"),
        ("vendor/17/down", ""),
    ],
)
def test_the_topic_names_the_feed(topic: str, feed: str) -> None:
    """What our own services say is no sign of any sensor."""
    of = FeedOf("longcheng/v1", FEEDS)
    assert [of(topic), of(topic)] == [feed, feed]
