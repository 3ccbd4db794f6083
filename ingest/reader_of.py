"""By what a message of some topic would be read, in a few words for people."""

from paho.mqtt.client import topic_matches_sub

from config.load import Site
from ingest import topics


def reader_of(site: Site, name: str) -> str:
    """A kind of message of ours with the device's profile, or a feed with its format; empty if by nothing."""
    topic = topics.parse(site.settings.mqtt.root, name)
    if topic is None:
        feeds = site.settings.ingest.feeds.items()
        fitting = (
            f"{feed.format} ({key})"
            for key, feed in feeds
            if any(topic_matches_sub(wanted, name) for wanted in topics.of_feed(feed))
        )
        return next(fitting, "")
    if topic.kind == topics.CAMERA:
        return topic.leaf if topic.leaf in {topics.SIGHTING, topics.STATUS} else ""
    device = site.devices.get(topic.device_id)
    if device is None or device.kind != topic.kind or topic.leaf not in {topics.TELEMETRY, topics.STATUS}:
        return ""
    return f"{topic.leaf} ({device.profile})"
