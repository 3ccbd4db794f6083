"""Sparkplug B: what is on the wire, and what it means."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from config.schema import Feed, Ingest, Profile
from domain.message import RawMessage, RejectReason
from domain.reading import DeviceState, Reading, Status, TimeSource
from ingest.decode import Decoder
from ingest.decoded import Unfit
from ingest.decoders.sparkplug import Sparkplug
from ingest.moment import Heard, Moment
from storage.births import Births
from tests.fakes import sparkplug as said
from tests.ingest.decoders.sparkplug_line import FEED, ZONE, Line, asked, reasons, values
from tests.ingest.site import NOW_MS, make_site


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    births = Births(tmp_path / "births.db", "journal")
    yield Line(births)
    births.close()


def test_a_birth_is_a_reading_and_a_sign_of_life(line: Line) -> None:
    """What a birth says counts as measured; controls, properties and bdSeq do not."""
    assert line.hear("plant/NBIRTH/edge", said.NODE_BIRTH) == [
        Heard(
            address="plant/edge",
            moments=(Moment(values={"Radio/rssi": -67}, at_ms=1771700000000),),
            state=DeviceState.ONLINE,
        )
    ]


def test_data_is_read_by_its_birth(line: Line) -> None:
    """Aliases become names, each value keeps its own time, history is marked as such, null is no value."""
    line.hear("plant/NBIRTH/edge", said.NODE_BIRTH)
    born = line.hear("plant/DBIRTH/edge/tree", said.DEVICE_BIRTH)
    assert values(born) == {"Inputs/tilt": 1.5, "Inputs/battery": 88, "Inputs/door": True}
    node, device = line.hear("plant/DDATA/edge/tree", said.DEVICE_DATA)
    assert (node.address, node.state, node.in_passing) == ("plant/edge", DeviceState.ONLINE, True)
    assert device.moments == (
        Moment(values={"Inputs/tilt": 1.25}, at_ms=1771699000000, past=True),
        Moment(values={"Inputs/tilt": 2.25, "Inputs/battery": 87, "Inputs/door": False}, at_ms=1771700010000),
    )
    assert not device.rejects
    assert not device.replies


def test_negative_numbers_of_every_width(line: Line) -> None:
    """They come as two's complement, of their own width or of the field's; what is no single value is named."""
    heard = line.hear("plant/NDATA/edge", said.NODE_DATA)
    assert values(heard) == {"n8": -5, "n16": -5, "n64": -5, "u64": 2**63}
    assert reasons(heard) == [("t", "type"), ("d", "type"), ("b", "type")]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (said.metric("x", 300, datatype=said.UINT8), "type"),
        (said.metric("x", 1 << 40, datatype=said.INT32), "type"),
        (said.metric("x", "warm", datatype=said.DOUBLE), "type"),
        (said.metric("x", datatype=said.DOUBLE), "type"),
        (said.metric("x", 1.0, datatype=99), "type"),
        (said.metric("x", 5), "no_birth"),
        (said.metric(None, 5.0, alias=3), "no_birth"),
        (said.metric(None, 5.0), "schema"),
        (said.metric("x", 5.0, at_ms=1 << 63), "timestamp"),
    ],
)
def test_what_cannot_be_a_value_is_named(line: Line, one: bytes, reason: str) -> None:
    """Each metric for itself: the one beside it is kept."""
    heard = line.hear("plant/NDATA/edge", said.payload(one, said.metric("good", 1.0)))
    assert [why for _, why in reasons(heard)] == [reason]
    assert values(heard)["good"] == 1.0


def test_the_request_is_what_the_standard_wants(line: Line) -> None:
    """The bytes another implementation writes for the same request."""
    heard = line.hear("plant/NDATA/edge", said.payload(said.metric("x", 1.0)), received_ms=1771700040000)
    assert [reply.payload for one in heard for reply in one.replies] == [said.REBIRTH]


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("plant/NDATA/edge", b"\x12\x05\x0a", RejectReason.DECODE),
        ("plant/NDATA/edge", b'{"tilt": 1}', RejectReason.DECODE),
        ("plant/NBIRTH/edge", b"", RejectReason.SCHEMA),
        ("plant/NDATA/edge", said.field(4, b"SPBV1.0_COMPRESSED"), RejectReason.SCHEMA),
        ("plant/NDATA/edge/tree", b"", RejectReason.TOPIC),
        ("plant/DDATA/edge", b"", RejectReason.TOPIC),
        ("plant/XDATA/edge", b"", RejectReason.TOPIC),
        ("plant//edge", b"", RejectReason.TOPIC),
        ("plant", b"", RejectReason.TOPIC),
    ],
)
def test_what_is_not_sparkplug_is_refused_by_name(line: Line, topic: str, payload: bytes, reason: RejectReason) -> None:
    """The whole message is set aside, with the reason."""
    with pytest.raises(Unfit) as unfit:
        line.hear(topic, payload)
    assert unfit.value.reason is reason


@pytest.mark.parametrize("topic", ["STATE/host", "plant/NCMD/edge", "plant/DCMD/edge/tree"])
def test_commands_and_hosts_are_no_sensors(line: Line, topic: str) -> None:
    """They are on the same topics, and are left alone whatever they hold."""
    assert line.hear(topic, b"{}") == []


def test_a_bridged_namespace_is_answered_where_it_came_from(tmp_path: Path) -> None:
    """A broker that puts its own levels in front gets the request with them."""
    births = Births(tmp_path / "births.db", "journal")
    decoder = Sparkplug(Feed(format="sparkplug", topics=("east/spBv1.0/#",)), ZONE, births)
    message = RawMessage(
        topic="east/spBv1.0/plant/NDATA/edge",
        payload=said.payload(said.metric("a", 1.0)),
        qos=0,
        retain=False,
        dup=False,
        received_ms=NOW_MS,
    )
    (heard,) = decoder.decode(message, 1)
    assert (heard.address, asked([heard])) == ("plant/edge", ["east/spBv1.0/plant/NCMD/edge"])
    births.close()


def test_from_the_broker_to_readings(tmp_path: Path) -> None:
    """The register names the device, the profile its metrics; what is unknown is a dead letter beside them."""
    site = make_site()
    fields: dict[str, object] = {"Inputs/tilt": "tilt_deg", "Inputs/battery": "battery_pct"}
    profile = Profile.model_validate(
        {"kind": "tree", "interval": "10m", "fields": fields, "max_behind": "30d", "zh": "树", "en": "tree"}
    )
    tree = msgspec.structs.replace(site.devices["tree-1"], profile="spark", address="plant/edge/tree")
    site = replace(
        site,
        settings=site.settings.model_copy(update={"ingest": Ingest(feeds={"plant": FEED})}),
        profiles={**site.profiles, "spark": profile},
        devices={"tree-1": tree},
    )
    births = Births(tmp_path / "births.db", "journal")
    decoder = Decoder(site, births)
    told = []
    for seq, (topic, payload) in enumerate(
        (("NBIRTH/edge", said.NODE_BIRTH), ("DBIRTH/edge/tree", said.DEVICE_BIRTH), ("NDEATH/edge", b"")), 1
    ):
        message = RawMessage(
            topic=f"spBv1.0/plant/{topic}", payload=payload, qos=0, retain=False, dup=False, received_ms=NOW_MS
        )
        told.append(decoder.decode(message, seq))
    assert [reject.part for reject in told[0].rejects] == ["plant/edge"]  # the node has a value, and no register
    online, reading = told[1].observations
    assert isinstance(online, Status)
    assert online.state is DeviceState.ONLINE
    assert isinstance(reading, Reading)
    assert (reading.device_id, reading.metrics, reading.at_ms) == (
        "tree-1",
        {"tilt_deg": 1.5, "battery_pct": 88},
        1771700000100,
    )
    assert reading.time_source is TimeSource.DEVICE
    assert [(reject.part, reject.reason.value) for reject in told[1].rejects] == [("Inputs/door", "unknown_metric")]
    assert [(one.device_id, one.state) for one in told[2].observations if isinstance(one, Status)] == [
        ("tree-1", DeviceState.OFFLINE)
    ]
    births.close()
