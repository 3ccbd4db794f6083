"""Topics of the wire."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Feed
from ingest import topics
from ingest.topics import Topic

OWN = ("longcheng/v1/+/+/telemetry", "longcheng/v1/+/+/status", "longcheng/v1/camera/+/sighting")

_names = st.text(min_size=1).filter(lambda name: "/" not in name)


@given(_names, _names)
def test_what_is_formatted_is_parsed_back(kind: str, device_id: str) -> None:
    """Formatting and parsing are each other's inverse, for any names without a slash."""
    assert topics.parse("a/b", topics.telemetry("a/b", kind, device_id)) == Topic(kind, device_id, "telemetry")
    assert topics.parse("a/b", topics.status("a/b", kind, device_id)) == Topic(kind, device_id, "status")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "longcheng/v1",
        "longcheng/v1/",
        "longcheng/v1/tree/t1",
        "longcheng/v1/tree/t1/telemetry/more",
        "longcheng/v1//t1/telemetry",
        "longcheng/v1/tree//telemetry",
        "longcheng/v1/tree/t1/",
        "longcheng/v2/tree/t1/telemetry",
        "longcheng/v1x/tree/t1/telemetry",
        "x/longcheng/v1/tree/t1/telemetry",
    ],
)
def test_a_topic_that_is_not_ours_is_none(topic: str) -> None:
    """Exactly three names below the root, none of them empty."""
    assert topics.parse("longcheng/v1", topic) is None


def feed(format_: str, *names: str, **envelope: object) -> Feed:
    """A feed as in site.yaml."""
    mapped = {"envelope": envelope} if format_ == "mapping" else {}
    return Feed.model_validate({"format": format_, "topics": names, **mapped})


def test_the_collector_listens_to_these() -> None:
    """The filters are part of the wire; the command topic, which is ours to send, is not among them."""
    assert topics.filters("longcheng/v1", {}) == OWN


def test_feeds_add_their_topics_or_those_of_their_format() -> None:
    """Whoever configures a feed is subscribed to it, once."""
    feeds = {
        "lora": feed("chirpstack"),
        "ttn": feed("tts", "v3/city@ttn/devices/+/up"),
        "plant": feed("sparkplug"),
        "vendor": feed("mapping", "acme/{address}/up", "acme/+/up"),
    }
    assert topics.filters("longcheng/v1", feeds) == (
        *OWN,
        "application/+/device/+/event/+",
        "v3/city@ttn/devices/+/up",
        "spBv1.0/#",
        "acme/+/up",
    )


@pytest.mark.parametrize("name", ["acme/dev-{address}/up", "a/#/b", "a+/b", "", "$share/g/a", "a/b#"])
def test_a_filter_no_broker_takes_is_refused(name: str) -> None:
    """And the error names it, instead of a connection that ends again and again."""
    with pytest.raises(topics.WrongTopic, match=re.escape(f"the topic {name!r} is no filter")) as wrong:
        topics.check("longcheng/v1", feed("mapping", "good/{address}", name))
    assert wrong.value.topic == name


def test_what_brokers_retain_and_what_needs_its_order_is_never_shared() -> None:
    """A collector among several would not be told who is there, or hear data before its birth certificate."""
    feeds = {
        "plant": feed("sparkplug"),
        "vendor": feed("mapping", "acme/{address}/up"),
        "presence": feed("mapping", "acme/{address}/state", state={}),
    }
    assert topics.undivided("longcheng/v1", feeds) == ("longcheng/v1/+/+/status", "spBv1.0/#", "acme/+/state")
