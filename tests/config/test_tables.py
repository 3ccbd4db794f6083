"""Registers are read from CSV; a wrong cell is told with its file and line."""

from pathlib import Path

import pytest

from config.tables import read_cameras, read_devices, read_shops, read_zones
from domain.errors import ConfigError
from domain.picture import picture_name
from domain.register import ZoneRole
from storage.evidence_store.files import is_name

PLACE = "天宁区,兰陵街道,延陵路,119.97,31.77"
PLACES = "district,sub_district,road,lon_deg,lat_deg"
SHOPS = f"shop_id,name,{PLACES},contact\nS1,老常州面馆,{PLACE},wx:1\nS2,城南百货,{PLACE},\n"
DEVICES = f"device_id,profile,name,{PLACES},ports,baseline\nT1,heritage-tree,银杏,{PLACE},0,tilt_deg=1.8\n"
ZONES = 'camera_id,zone,role,shop_id,polygon\nC1,front,frontage,S1,"0.1,0.6 0.5,0.6 0.5,0.9"\n'
CAMERAS = f"camera_id,name,source,{PLACES},interval_s\nC1,延陵路 1,${{CAMS:-http://127.0.0.1}}/C1.jpg,{PLACE},\n"


def file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_good_registers(tmp_path: Path) -> None:
    """Every column arrives where it belongs; an empty contact is None, an empty interval the site's."""
    shops = read_shops(file(tmp_path, "shops.csv", SHOPS))
    zones = read_zones(file(tmp_path, "zones.csv", ZONES), shops)
    cameras = read_cameras(file(tmp_path, "cameras.csv", CAMERAS), zones, 60.0, {"CAMS": "http://10.0.0.1"})
    devices = read_devices(file(tmp_path, "devices.csv", DEVICES), {"heritage-tree": "tree"})

    assert shops["S1"].contact == "wx:1"
    assert shops["S2"].contact is None
    assert cameras["C1"].source == "http://10.0.0.1/C1.jpg"
    assert cameras["C1"].interval_s == 60.0
    assert cameras["C1"].zones[0].role is ZoneRole.FRONTAGE
    assert devices["T1"].baseline == {"tilt_deg": 1.8}
    assert devices["T1"].location.lon_deg == 119.97


def test_a_spreadsheet_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    """Files saved by a spreadsheet begin with a BOM."""
    assert "S1" in read_shops(file(tmp_path, "shops.csv", "\ufeff" + SHOPS))


@pytest.mark.parametrize(
    ("polygon", "says"),
    [
        ("0.1,0.6 0.5,0.6", 'zones.csv line 2: zone "front" has 2 points; a polygon needs 3'),
        ("0.1,0.6 0.5,0.6 120,80", "x and y are shares of the picture, 0–1, not pixels"),
        ("0.1;0.6 0.5,0.6 0.5,0.9", "write x,y with 0–1 each"),
    ],
)
def test_a_wrong_polygon_is_told(tmp_path: Path, polygon: str, says: str) -> None:
    """A polygon that can't be one names its zone and what it needs."""
    text = ZONES.replace("0.1,0.6 0.5,0.6 0.5,0.9", polygon)

    with pytest.raises(ConfigError) as told:
        read_zones(file(tmp_path, "zones.csv", text), {"S1"})

    assert says in str(told.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("heritage-tree", "heritage-bush"), "devices.csv line 2: profile is 'heritage-bush'; there is heritage-tree"),
        (("31.77", "north"), "devices.csv line 2: lat_deg is 'north'; it must be a number"),
        (("119.97", "1199.7"), "devices.csv line 2: lon_deg is 1199.7; it must lie from -180 to 180"),
        (("tilt_deg=1.8", "tilt_deg:1.8"), "write metric=number"),
        (("银杏,", ","), "devices.csv line 2: name is empty"),
        ((",0,tilt", ",tilt"), "devices.csv line 2: the line has not 10 cells"),
        (("profile,name", "model,name"), "devices.csv line 1: the columns are device_id, model"),
    ],
)
def test_a_wrong_device_is_told(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    """Each wrong cell of devices.csv is told with its line."""
    with pytest.raises(ConfigError) as told:
        read_devices(file(tmp_path, "devices.csv", DEVICES.replace(*change)), {"heritage-tree": "tree"})

    assert says in str(told.value)


def test_the_same_id_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    """An id may stand once."""
    text = SHOPS + SHOPS.splitlines()[1] + "\n"

    with pytest.raises(ConfigError, match=r"shops\.csv line 4: 'S1' stands on line 2 already"):
        read_shops(file(tmp_path, "shops.csv", text))


def test_zones_of_no_camera_are_told(tmp_path: Path) -> None:
    """A zone for a camera that is not registered stops the start."""
    zones = read_zones(file(tmp_path, "zones.csv", ZONES.replace("C1", "C9")), {"S1"})

    with pytest.raises(ConfigError, match="there are zones for camera 'C9'"):
        read_cameras(file(tmp_path, "cameras.csv", CAMERAS), zones, 60.0, {})


def test_a_source_of_no_known_kind_is_told(tmp_path: Path) -> None:
    """A camera's address must say how to reach it."""
    text = CAMERAS.replace("${CAMS:-http://127.0.0.1}", "127.0.0.1")

    with pytest.raises(ConfigError, match=r"cameras\.csv line 2: source is '127\.0\.0\.1/C1\.jpg'; it must begin with"):
        read_cameras(file(tmp_path, "cameras.csv", text), {}, 60.0, {})


def test_a_cameras_password_is_not_told(tmp_path: Path) -> None:
    """A wrong address is shown without its login."""
    text = CAMERAS.replace("${CAMS:-http://127.0.0.1}", "rtmp://admin:SECRET@10.0.0.1")

    with pytest.raises(ConfigError, match="rtmp://…@10") as told:
        read_cameras(file(tmp_path, "cameras.csv", text), {}, 60.0, {})

    assert "SECRET" not in str(told.value)


@pytest.mark.parametrize("camera_id", ["../C1", "C1/2", "C 1", "C1.", ".C1", "C1#", "C+1", "C" * 51, "-C1"])
def test_a_camera_id_that_is_no_part_of_a_path_or_topic_is_told(tmp_path: Path, camera_id: str) -> None:
    """Its looks go to a topic, and its pictures to a folder, of that name."""
    text = CAMERAS.replace("\nC1,", f"\n{camera_id},")

    with pytest.raises(ConfigError, match=r"cameras\.csv line 2: camera_id is .*; it may have letters, digits"):
        read_cameras(file(tmp_path, "cameras.csv", text), {}, 60.0, {})


@pytest.mark.parametrize("camera_id", ["7", "CZ-0001", "天宁_路口.2", "C" * 50])
def test_usual_camera_ids_can_be_kept_as_pictures(tmp_path: Path, camera_id: str) -> None:
    """Whatever may stand in the register may stand in the name of a picture."""
    text = CAMERAS.replace("\nC1,", f"\n{camera_id},")

    (known,) = read_cameras(file(tmp_path, "cameras.csv", text), {}, 60.0, {})

    assert is_name(picture_name(known, f"{known}-1763784000000", 1763784000000))


@pytest.mark.parametrize("zone", ['"two\nlines"', "z" * 201])
def test_a_zone_that_no_look_could_speak_of_is_told(tmp_path: Path, zone: str) -> None:
    """A look with such a name would be refused, and its camera fall silent."""
    text = ZONES.replace("C1,front", f"C1,{zone}")

    with pytest.raises(ConfigError, match=r"zones\.csv line \d: zone is '.*; it must be one line"):
        read_zones(file(tmp_path, "zones.csv", text), {"S1"})


def test_more_zones_than_a_look_may_hold_are_told(tmp_path: Path) -> None:
    """The hundredth is good, the next is not."""
    lines = [ZONES.splitlines()[1].replace("front,", f"front{number},", 1) for number in range(101)]
    header = ZONES.splitlines()[0]

    good = read_zones(file(tmp_path, "zones.csv", "\n".join([header, *lines[:100]])), {"S1"})
    assert len(good["C1"]) == 100
    with pytest.raises(ConfigError, match=r"zones\.csv line 102: camera 'C1' has 100 zones already"):
        read_zones(file(tmp_path, "zones.csv", "\n".join([header, *lines])), {"S1"})
