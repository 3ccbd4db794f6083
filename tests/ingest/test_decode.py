"""From topic and bytes to the decoder that can read them."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

import ingest.decoders
from domain.reading import Reading
from ingest.decode import MAX_PAYLOAD, Decoded, Decoder
from ingest.decoders import FEEDS
from tests.ingest.site import NOW_MS, ROOT, make_site, message, parts, with_profile

SITE = make_site()
READING = b'{"metrics": {"tilt_deg": 1}}'


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("tree/tree-1", "topic"),
        ("tree/tree-1/telemetry/x", "topic"),
        ("manhole/m-1/telemetry", "topic"),
        ("tree/tree-1/command", "topic"),
        ("tree/tree-1/sighting", "topic"),
        ("camera/cam-1/telemetry", "topic"),
        ("tree/tree-9/telemetry", "unknown_device"),
        ("tree/tree-9/status", "unknown_device"),
        ("charger/tree-1/telemetry", "unknown_device"),
        ("camera/cam-9/sighting", "unknown_device"),
        ("camera/cam-9/status", "unknown_device"),
    ],
)
def test_a_topic_nobody_reads(topic: str, reason: str) -> None:
    """No kind, leaf or device of ours: the whole message is set aside, with the reason."""
    decoded = Decoder(SITE).decode(message(topic, READING))
    assert decoded.observations == ()
    assert parts(decoded.rejects) == [("", reason)]


def test_a_topic_of_another_root() -> None:
    """The root is compared whole."""
    foreign = message("tree/tree-1/telemetry", READING)
    decoded = Decoder(SITE).decode(structs.replace(foreign, topic=f"x{foreign.topic}"))
    assert parts(decoded.rejects) == [("", "topic")]


def test_our_own_services_say_nothing_about_the_city() -> None:
    """Their births and wills come by the same filter; they are no observation and no fault."""
    assert Decoder(SITE).decode(message("service/longcheng-demo/status", b'{"state":"online"}')) == Decoded()


def test_the_size_is_bounded() -> None:
    """A megabyte is read; a byte more is set aside unread."""
    padded = READING[:-1] + b" " * (MAX_PAYLOAD - len(READING)) + b"}"
    assert len(Decoder(SITE).decode(message("tree/tree-1/telemetry", padded)).observations) == 1
    assert parts(Decoder(SITE).decode(message("tree/tree-1/telemetry", padded + b" ")).rejects) == [("", "oversize")]


def test_every_profile_chooses_its_tolerance() -> None:
    """`max_ahead` and `max_behind` belong to the profile, not to the program."""
    strict = SITE.profiles["heritage-tree"].model_copy(update={"max_behind": 60.0})
    decoder = Decoder(with_profile(SITE, "heritage-tree", strict))
    late = message("tree/tree-1/telemetry", b'{"ts": %d, "metrics": {"tilt_deg": 1}}' % (NOW_MS - 61_000))
    [believed], [doubted] = Decoder(SITE).decode(late).observations, decoder.decode(late).observations
    assert isinstance(believed, Reading)
    assert isinstance(doubted, Reading)
    assert (believed.at_ms, doubted.at_ms) == (NOW_MS - 61_000, NOW_MS)


def test_the_version_names_program_and_registers() -> None:
    """The same site decodes by the same version; another register is another."""
    assert Decoder(SITE).version == Decoder(make_site()).version
    assert Decoder(SITE).version != Decoder(replace(SITE, devices={})).version
    assert Decoder(SITE).version.count("+") == 1


def test_folder_and_registry_agree() -> None:
    """Each payload file is in FEEDS under its own name, but for those that our own topics choose, not a feed."""
    files = {path.stem for path in Path(ingest.decoders.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == {*FEEDS, "native", "sighting", "status"}
    assert {name: decoder.__name__.lower() for name, decoder in FEEDS.items()} == {name: name for name in FEEDS}


@pytest.mark.parametrize("depth", [*range(900, 1100, 9), 100_000])
@pytest.mark.parametrize("around", [b"%s", b'{"metrics": %s}', b'{"ts": %s, "metrics": {"tilt_deg": NaN}}', b"[%s, 1]"])
def test_nesting_near_the_bottom_of_the_stack(around: bytes, depth: int) -> None:
    """Where one step of reading or explaining still fits on the stack, the next must too."""
    payload = around % (b"[" * depth + b"]" * depth)
    for topic in ("tree/tree-1/telemetry", "tree/tree-1/status", "camera/cam-1/sighting"):
        assert Decoder(SITE).decode(message(topic, payload)).rejects


_topics = st.text() | st.builds(
    "/".join,
    st.lists(st.sampled_from([ROOT, "tree", "tree-1", "camera", "cam-1", "telemetry", "status", "sighting", ""])),
)


@given(_topics, st.binary())
def test_any_topic_and_bytes(topic: str, payload: bytes) -> None:
    """The decoder never raises; what it sets aside can be shown and stored."""
    decoded = Decoder(SITE).decode(structs.replace(message("", payload), topic=topic))
    for reject in decoded.rejects:
        assert reject.detail.isprintable()
        assert reject.part.isprintable()
