"""What devices say, read by the product's own decoder."""

from collections.abc import Iterable

import msgspec
import pytest

from app.demo.devices import Station, Tree
from app.demo.incidents import TIMETABLE, Incident, IncidentKind
from app.demo.physics import HOUR_MS
from app.demo.wire import Outgoing
from config.load import Site
from domain.message import RawMessage, RejectReason
from domain.reading import DeviceState, Reading, TimeSource
from ingest.decode import Decoder

AT_MS = 1_785_816_000_000
ROOT = "longcheng/v1"


@pytest.fixture(scope="session")
def decoder(site: Site) -> Decoder:
    return Decoder(site)


def station(site: Site, device_id: str, timetable: Iterable[Incident] = ()) -> Station:
    return Station(site.devices[device_id], ROOT, timetable, 1, AT_MS)


def read(decoder: Decoder, messages: Iterable[Outgoing], received_ms: int = AT_MS) -> tuple[list[Reading], list[str]]:
    """Readings, and the reasons of what was set aside; what the message itself expects must come out."""
    readings: list[Reading] = []
    reasons: list[str] = []
    for message in messages:
        raw = RawMessage(
            topic=message.topic, payload=message.payload, qos=1, retain=False, dup=False, received_ms=received_ms
        )
        decoded = decoder.decode(raw)
        own = [observation for observation in decoded.observations if isinstance(observation, Reading)]
        got = {(one.device_id, one.port, one.at_ms): set(one.metrics) for one in own if one.metrics}
        assert got == {(one.device_id, one.port, one.at_ms): set(one.metrics) for one in message.expected}
        assert len(decoded.rejects) == message.rejects
        assert all(one.time_source is TimeSource.DEVICE for one in own)
        readings += own
        reasons += [reject.reason for reject in decoded.rejects]
    return readings, reasons


@pytest.mark.parametrize(("device_id", "messages"), [("cs-001", 1), ("cs-005", 11)])
def test_a_station_speaks_for_its_cabinet_and_ten_ports(
    site: Site, decoder: Decoder, device_id: str, messages: int
) -> None:
    """Most send one list, some a message a port; both say the same."""
    out = station(site, device_id).beat(AT_MS, 0)
    assert len(out) == messages
    readings, reasons = read(decoder, out)
    assert [reading.port for reading in readings] == [None, *range(1, 11)]
    assert reasons == []


def test_the_same_seed_says_the_same(site: Site) -> None:
    """Two runs of the demo have the same city."""
    assert station(site, "cs-001").beat(AT_MS, 0) == station(site, "cs-001").beat(AT_MS, 0)


def test_a_tree_leans_at_once_and_stays_so(site: Site, decoder: Decoder) -> None:
    """The step of 2.1° on top of the installed 1.8°."""
    tree = Tree(site.devices["tree-001"], ROOT, TIMETABLE, 1)
    tilts = [
        float(read(decoder, tree.beat(AT_MS, second))[0][0].metrics["tilt_deg"]) for second in (0, 10, 15, 20, 600)
    ]
    assert [round(tilt) for tilt in tilts] == [2, 2, 4, 4, 4]


def test_a_drought_comes_as_one_list_of_26_hours(site: Site, decoder: Decoder) -> None:
    """Hourly, oldest first, all under 12 % and above 8 %; told once, and the soil stays dry."""
    tree = Tree(site.devices["tree-002"], ROOT, TIMETABLE, 1)
    past, now = (read(decoder, [message])[0] for message in tree.beat(AT_MS, 22))
    assert [reading.at_ms for reading in past] == [AT_MS - hours * HOUR_MS for hours in range(26, 0, -1)]
    assert all(8 < float(reading.metrics["soil_vwc_pct"]) < 12 for reading in (*past, *now))
    assert len(tree.beat(AT_MS + 5000, 27)) == 1


def test_a_port_leaks_and_another_heats_up(site: Site, decoder: Decoder) -> None:
    """38 mA at once; over 65 °C within half a minute. Their neighbours stay as they are."""
    leak, _ = read(decoder, station(site, "cs-007", TIMETABLE).beat(AT_MS, 12))
    assert [reading.port for reading in leak if float(reading.metrics.get("residual_ma", 0)) > 30] == [3]
    hot = station(site, "cs-019", TIMETABLE)
    temps = [float(read(decoder, hot.beat(AT_MS, second))[0][6].metrics["temp_c"]) for second in (8, 20, 33, 60)]
    assert temps == sorted(temps)
    assert temps[0] < 55
    assert temps[2] > 65


def test_smoke_shows_in_the_cabinet_only(site: Site, decoder: Decoder) -> None:
    """As a switch of the station, and then it clears."""
    smoky = station(site, "cs-012", TIMETABLE)
    seen = [read(decoder, smoky.beat(AT_MS, second))[0][0].metrics["smoke"] for second in (20, 28, 74, 75)]
    assert seen == [False, True, True, False]


def test_rubbish_is_of_five_sorts_beside_good_readings(site: Site, decoder: Decoder) -> None:
    """Each leaves exactly one dead letter, and costs no good value."""
    broken = station(site, "cs-036", [Incident(kind=IncidentKind.RUBBISH, device_id="cs-036", from_s=0)])
    reasons: list[str] = []
    for beat in range(5):
        out = broken.beat(AT_MS + beat * 5000, beat * 5)
        assert len(out) == 2
        reasons += read(decoder, out, AT_MS + beat * 5000)[1]
    assert reasons == [
        RejectReason.DECODE,
        RejectReason.UNKNOWN_METRIC,
        RejectReason.TYPE,
        RejectReason.RANGE,
        RejectReason.UNKNOWN_DEVICE,
    ]


def test_status_is_retained_and_says_which(site: Site) -> None:
    """Birth and last will by the wire contract."""
    sender = station(site, "cs-001").sender
    for state in DeviceState:
        status = sender.status(state)
        assert status.topic == "longcheng/v1/charger/cs-001/status"
        assert status.retain
        assert msgspec.json.decode(status.payload) == {"state": state.value}
