"""Topics of the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import topics
from ingest.topics import Topic

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


def test_the_collector_listens_to_these() -> None:
    """The filters are part of the wire; the command topic, which is ours to send, is not among them."""
    assert topics.subscriptions("longcheng/v1") == (
        "longcheng/v1/+/+/telemetry",
        "longcheng/v1/+/+/status",
        "longcheng/v1/camera/+/sighting",
    )
