"""zones.csv edited as text: what nobody changed stays to the byte, what was changed is read back as it was meant."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.tables import SPOKEN, read_zones
from config.zones_file import HEADER, DrawnZone, drawn, edited, zones_of
from domain.register import Anchor, Zone, ZoneRole

SHOPS = {"S00001", "S00002"}
SQUARE = ((0.1, 0.5), (0.4, 0.5), (0.4, 0.9), (0.1, 0.9))
OTHER = ((0.5, 0.5), (0.8, 0.5), (0.8, 0.9))
TEXT = (
    "camera_id,zone,role,shop_id,polygon,anchor,hours\n"
    'a,door,frontage,S00001,"0.100,0.500 0.400,0.500 0.400,0.900 0.100,0.900",,\n'
    '  b , "odd" ,frontage, S00002 ,"0.1,0.5,0.4,0.5,0.4,0.9",foot,07:00-22:00\n'
    "\n"
    'a,"road, north",no_parking,,"0.5,0.5 0.8,0.5 0.8,0.9",,07:00-22:00\n'
    'c,sky,mask,,"0,0 1,0 1,0.2 0,0.2",,'
)

shares = st.integers(0, 10_000).map(lambda n: n / 10_000)
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda name: SPOKEN.fullmatch(name.strip() or "\n") and not name.strip().startswith(("=", "+", "-", "@"))
)


@st.composite
def polygons(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    """Boxes: they never cross themselves."""
    x1, x2 = sorted(draw(st.lists(shares, min_size=2, max_size=2, unique=True)))
    y1, y2 = sorted(draw(st.lists(shares, min_size=2, max_size=2, unique=True)))
    if (x2 - x1) * (y2 - y1) < 2e-4:
        x1, y1, x2, y2 = 0.2, 0.2, 0.4, 0.4
    return ((x1, y1), (x2, y1), (x2, y2), (x1, y2))


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    """A zone of camera `a` as somebody may draw it."""
    return Zone(
        camera_id="a",
        zone=draw(names),
        role=draw(st.sampled_from(ZoneRole)),
        polygon=draw(polygons()),
        shop_id=draw(st.sampled_from([None, "S00001", "S00002"])),
        anchor=draw(st.sampled_from([None, *Anchor])),
        hours=draw(st.sampled_from([None, "07:00-22:00", "22:00-05:30"])),
    )


def load(folder: Path, text: str) -> dict[str, tuple[Zone, ...]]:
    path = folder / "zones.csv"
    path.write_bytes(text.encode())
    return read_zones(path, SHOPS)


def as_they_are(found: tuple[Zone, ...]) -> list[DrawnZone]:
    return [DrawnZone(zone=zone, was=zone.zone) for zone in found]


def lines_of(text: str, camera_id: str) -> list[str]:
    """The raw records of every camera but one, with the header and the empty lines."""
    lines = list(io.StringIO(text, newline=""))
    return [line for line in lines if (next(csv.reader([line]), None) or [""])[0].strip() != camera_id] if lines else []


def test_nothing_changed_is_nothing_changed(tmp_path: Path) -> None:
    before = load(tmp_path, TEXT)["a"]
    assert edited(TEXT, "a", as_they_are(before), before=before) == TEXT


def test_a_redrawn_zone_has_its_line_anew_where_it_was(tmp_path: Path) -> None:
    before = load(tmp_path, TEXT)["a"]
    wider = Zone(camera_id="a", zone="door", role=ZoneRole.FRONTAGE, polygon=OTHER, shop_id="S00001")

    text = edited(TEXT, "a", [DrawnZone(zone=wider, was="door"), *as_they_are(before[1:])], before=before)

    was, now = TEXT.split("\n"), text.split("\n")
    assert now[1] == 'a,door,frontage,S00001,"0.500,0.500 0.800,0.500 0.800,0.900",,'
    assert [now[0], *now[2:]] == [was[0], *was[2:]]
    assert load(tmp_path, text)["a"] == (wider, before[1])


def test_a_renamed_zone_keeps_its_place(tmp_path: Path) -> None:
    before = load(tmp_path, TEXT)["a"]
    called = Zone(camera_id="a", zone='say "hi", <b>', role=ZoneRole.FRONTAGE, polygon=SQUARE, shop_id="S00001")

    text = edited(TEXT, "a", [DrawnZone(zone=called, was="door"), *as_they_are(before[1:])], before=before)

    assert zones_of(text, "a") == {'say "hi", <b>': 2, "road, north": 5}
    assert load(tmp_path, text)["a"][0] == called


def test_a_zone_of_a_camera_without_any_stands_at_the_end(tmp_path: Path) -> None:
    """The last line has no end of its own; it gets one, and nothing else changes."""
    new = Zone(camera_id="z", zone="first", role=ZoneRole.PAVEMENT, polygon=SQUARE)

    text = edited(TEXT, "z", [DrawnZone(zone=new)], before=())

    assert text.startswith(TEXT + "\n")
    assert load(tmp_path, text)["z"] == (new,)


def test_a_file_of_a_spreadsheet_stays_one(tmp_path: Path) -> None:
    """A mark at the start, and both signs at the ends of lines."""
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    before = load(tmp_path, text)["a"]

    new = edited(text, "a", as_they_are(before[:1]), before=before)

    assert new == text.replace('a,"road, north",no_parking,,"0.5,0.5 0.8,0.5 0.8,0.9",,07:00-22:00\r\n', "")


def test_a_column_is_added_only_where_it_is_needed(tmp_path: Path) -> None:
    text = 'camera_id,zone,role,shop_id,polygon\nb,x,pavement,,"0.1,0.5,0.4,0.5,0.4,0.9"\n'
    new = Zone(camera_id="a", zone="road", role=ZoneRole.NO_PARKING, polygon=SQUARE, hours="07:00-22:00")

    without = edited(
        text, "a", [DrawnZone(zone=Zone(camera_id="a", zone="r", role=ZoneRole.MASK, polygon=SQUARE))], before=()
    )
    with_hours = edited(text, "a", [DrawnZone(zone=new)], before=())

    assert without.startswith(text)
    assert with_hours.split("\n")[:2] == [
        "camera_id,zone,role,shop_id,polygon,hours",
        'b,x,pavement,,"0.1,0.5,0.4,0.5,0.4,0.9",',
    ]
    assert load(tmp_path, with_hours)["a"] == (new,)


def test_no_file_is_a_file_with_a_header(tmp_path: Path) -> None:
    new = Zone(camera_id="a", zone="road", role=ZoneRole.NO_PARKING, polygon=SQUARE)
    text = edited("", "a", [DrawnZone(zone=new)], before=())
    assert text.split("\n")[0] == ",".join(HEADER)
    assert load(tmp_path, text) == {"a": (new,)}


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "", "  ", "a\nb", "a\x00b", "x" * 201])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(ValueError, match=r"name|begins with"):
        drawn(Zone(camera_id="a", zone=name, role=ZoneRole.MASK, polygon=SQUARE))


def test_two_zones_of_one_name_cannot_be() -> None:
    zone = Zone(camera_id="a", zone="x", role=ZoneRole.MASK, polygon=SQUARE)
    with pytest.raises(ValueError, match="two zones are called 'x'"):
        edited(TEXT, "a", [DrawnZone(zone=zone), DrawnZone(zone=zone)], before=())


@given(st.lists(zones(), max_size=6, unique_by=lambda zone: zone.zone.strip()), st.data())
def test_what_is_written_is_read_and_the_rest_stays(
    tmp_path_factory: pytest.TempPathFactory, found: list[Zone], data: st.DataObject
) -> None:
    """Whatever is drawn, and whichever of it was there before: the file says just that, and of others what it said."""
    folder = tmp_path_factory.mktemp("zones")
    before = load(folder, TEXT)["a"]
    was = data.draw(st.permutations(["door", "road, north", None, None, None, None])) if found else []
    meant = [DrawnZone(zone=drawn(zone), was=was[at]) for at, zone in enumerate(found)]

    text = edited(TEXT, "a", meant, before=before)

    read = load(folder, text)
    assert sorted(read.get("a", ()), key=lambda zone: zone.zone) == sorted(
        (one.zone for one in meant), key=lambda zone: zone.zone
    )
    assert {key: value for key, value in read.items() if key != "a"} == {
        key: value for key, value in load(folder, TEXT).items() if key != "a"
    }
    assert [line.rstrip("\n") for line in lines_of(text, "a")] == [line.rstrip("\n") for line in lines_of(TEXT, "a")]
    again = load(folder, text).get("a", ())
    assert edited(text, "a", as_they_are(again), before=again) == text
