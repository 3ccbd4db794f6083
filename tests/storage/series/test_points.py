"""Which points an observation becomes."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import Site
from config.schema import Mqtt, Settings, Words
from config.texts import Texts
from domain.point import Point
from domain.reading import DeviceState, Doubt, Reading, Status, TimeSource
from domain.register import Camera, Device, Location
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from storage.series import flaws
from storage.series.points import PointsOf, points_of

T0 = 1_760_000_000_000
PLACE = Location(district="天宁区", sub_district="茶山", road="中吴大道", lon_deg=120.0, lat_deg=31.8)


@pytest.fixture(scope="module")
def site() -> Site:
    """A city of one tree, one charger and one camera."""
    return Site(
        folder=Path("nowhere"),
        settings=Settings(
            site="demo",
            name=Words(zh="龙城", en="Longcheng"),
            division="320400",
            data_dir=Path("data"),
            mqtt=Mqtt(url="mqtt://127.0.0.1:1883"),
        ),
        timezone=ZoneInfo("Asia/Shanghai"),
        metrics={},
        profiles={},
        matters={},
        catalogue="",
        devices={
            "tree-1": Device(device_id="tree-1", kind="tree", profile="tree-node", name="银杏", location=PLACE),
            "c-1": Device(device_id="c-1", kind="charger", profile="ten-port", name="车棚", location=PLACE, ports=10),
        },
        cameras={
            "cam-1": Camera(camera_id="cam-1", name="路口", source="file:///x", location=PLACE, interval_s=60),
        },
        shops={},
        rule_files=(),
        texts=Texts({"zh-CN": {}, "en": {}}),
    )


def seen(label: str, *, stay_s: float = 60, score: float = 0.5) -> SeenObject:
    """An object in a zone."""
    return SeenObject(label=label, score=score, box=(0, 0, 1, 1), overlap=1, stay_s=stay_s, looks=2)


def sighting(view: ViewHealth, *zones: ZoneSighting) -> Sighting:
    """One look of the camera."""
    return Sighting(camera_id="cam-1", look_id="l", taken_ms=T0, received_ms=T0 + 5, view=view, zones=zones)


def test_a_reading_is_one_point_with_its_registers_tags(site: Site) -> None:
    """Measurement is the kind, fields are the metrics, time is the event's."""
    reading = Reading(kind="tree", device_id="tree-1", at_ms=T0, received_ms=T0 + 9, metrics={"tilt_deg": 0.3})
    assert points_of(reading, site) == [
        Point(
            measurement="tree",
            tags=(("device_id", "tree-1"), ("district", "天宁区"), ("profile", "tree-node"), ("site_id", "demo")),
            fields={"tilt_deg": 0.3},
            at_ms=T0,
        )
    ]


def test_two_ports_in_one_millisecond_are_two_points(site: Site) -> None:
    """The port is a tag, so that they don't overwrite each other."""
    readings = [
        Reading(kind="charger", device_id="c-1", port=port, at_ms=T0, received_ms=T0, metrics={"power_w": 1.0})
        for port in (1, 2)
    ]
    first, second = (points_of(reading, site)[0] for reading in readings)
    assert ("port", "1") in first.tags
    assert ("port", "2") in second.tags


def test_a_reading_without_metrics_is_no_point(site: Site) -> None:
    """All of them were rejected; there is nothing to store."""
    assert points_of(Reading(kind="tree", device_id="tree-1", at_ms=T0, received_ms=T0, metrics={}), site) == []


@pytest.mark.parametrize(("state", "online"), [(DeviceState.ONLINE, True), (DeviceState.OFFLINE, False)])
def test_a_status_is_a_boolean(site: Site, state: DeviceState, *, online: bool) -> None:
    """At the time it was received: a last will has no time of its own."""
    (point,) = points_of(Status(kind="tree", device_id="tree-1", state=state, received_ms=T0), site)
    assert (point.measurement, point.fields, point.at_ms) == ("tree", {"online": online}, T0)
    assert ("profile", "tree-node") in point.tags


def test_a_clear_look_is_one_point(site: Site) -> None:
    """It is the proof of a clear view, and counts nothing."""
    assert points_of(sighting(ViewHealth.HEALTHY, ZoneSighting(zone="z1")), site) == [
        Point(
            measurement="camera",
            tags=(("camera_id", "cam-1"), ("district", "天宁区"), ("site_id", "demo"), ("view", "healthy")),
            fields={"healthy": True, "objects": 0},
            at_ms=T0,
        )
    ]


def test_objects_are_counted_by_zone_and_class(site: Site) -> None:
    """The longest stay and the best score of each; a shop only where one answers for the zone."""
    look, bicycles, car, other = points_of(
        sighting(
            ViewHealth.HEALTHY,
            ZoneSighting(
                zone="z1",
                shop_id="s-1",
                objects=(seen("bicycle", stay_s=600), seen("bicycle", score=0.9), seen("car", stay_s=1)),
            ),
            ZoneSighting(zone="z2", objects=(seen("bicycle"),)),
        ),
        site,
    )
    assert look.fields == {"healthy": True, "objects": 4}
    assert bicycles.fields == {"count": 2, "stay_s": 600.0, "score": 0.9}
    assert dict(bicycles.tags).items() >= {"zone": "z1", "shop_id": "s-1", "class": "bicycle"}.items()
    assert car.fields == {"count": 1, "stay_s": 1.0, "score": 0.5}
    assert "shop_id" not in dict(other.tags)


def test_an_unhealthy_look_says_so(site: Site) -> None:
    """`healthy` is false and the view is a tag."""
    (point,) = points_of(sighting(ViewHealth.DARK), site)
    assert point.fields == {"healthy": False, "objects": 0}
    assert ("view", "dark") in point.tags


def test_no_point_of_ours_has_a_flaw(site: Site) -> None:
    """Tags are sorted and never empty, types are the same for every look."""
    objects = (seen("car", stay_s=0), seen("bicycle", stay_s=5, score=1))
    look = sighting(ViewHealth.HEALTHY, ZoneSighting(zone="z", objects=objects))
    points = points_of(look, site)
    assert [flaws.of_point(point) for point in points] == [None] * 3
    assert {name: type(value) for point in points[1:] for name, value in point.fields.items()} == {
        "count": int,
        "stay_s": float,
        "score": float,
    }


def test_a_devices_tags_are_one_object(site: Site) -> None:
    """The hot path finds a device's series by it; another port, or another site, has other tags."""
    points_of_site = PointsOf(site)

    def tags(port: int) -> object:
        reading = Reading(kind="charger", device_id="c-1", port=port, at_ms=T0, received_ms=T0, metrics={"temp_c": 1.0})
        return points_of_site(reading)[0].tags

    assert tags(1) is tags(1)
    assert tags(1) != tags(2)


def test_doubts_and_a_wrong_clock_stand_beside_the_values(site: Site) -> None:
    """A suspect value is marked by name; of a time that was not believed both stay: the receipt, and how far off."""
    reading = Reading(
        kind="tree",
        device_id="tree-1",
        at_ms=T0,
        received_ms=T0,
        metrics={"tilt_deg": 40.0, "soil_ph": 7.0},
        time_source=TimeSource.RECEIVED,
        device_ms=T0 + 8 * 3_600_000,
        doubts=(("tilt_deg", Doubt.SPIKE),),
    )
    (point,) = points_of(reading, site)
    assert point.fields == {"tilt_deg": 40.0, "soil_ph": 7.0, "tilt_deg_spike": True, "skew_ms": 28_800_000}


def test_a_shifted_time_and_its_skew_add_up_to_what_the_device_said(site: Site) -> None:
    """Local time sent as UTC: the point stands at the right time, and the wrong one can still be told from it."""
    reading = Reading(
        kind="tree",
        device_id="tree-1",
        at_ms=T0,
        received_ms=T0 + 700,
        metrics={"tilt_deg": 1.0},
        time_source=TimeSource.SHIFTED,
        device_ms=T0 + 28_800_000,
    )
    (point,) = points_of(reading, site)
    skew_ms = point.fields["skew_ms"]
    assert point.at_ms + skew_ms == reading.device_ms


def test_a_status_that_is_told_again_is_no_point(site: Site) -> None:
    """A broker repeats what it retained at each new subscription; nobody knows when it was said."""
    told = Status(kind="tree", device_id="tree-1", state=DeviceState.ONLINE, received_ms=T0, retain=True)
    assert points_of(told, site) == []
