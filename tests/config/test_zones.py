"""Zones as people write them: what is read, and what is refused with a sentence that helps."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.polygons import MOST_POINTS, area_of, polygon_of
from config.tables import read_zones
from domain.errors import ConfigError
from domain.register import Anchor, ZoneRole

HEAD = "camera_id,zone,role,shop_id,polygon"
CORNERS = "0.1,0.6 0.5,0.6 0.5,0.9"
READ = ((0.1, 0.6), (0.5, 0.6), (0.5, 0.9))
MANY = " ".join(f"{0.5 + 0.4 * math.cos(turn / 20):.4f},{0.5 + 0.4 * math.sin(turn / 20):.4f}" for turn in range(125))


def table(folder: Path, *lines: str, head: str = HEAD) -> Path:
    """A zones.csv with these lines."""
    path = folder / "zones.csv"
    path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "written",
    [
        CORNERS,
        "  0.1,0.6   0.5,0.6\t0.5,0.9 ",
        "0.1,0.6,0.5,0.6,0.5,0.9",
        "0.1, 0.6, 0.5, 0.6, 0.5, 0.9",
        "0.1,0.6 0.5,0.6 0.5,0.9 0.1,0.6",
        "0.1,0.6,0.5,0.6,0.5,0.9,0.1,0.6",
    ],
)
def test_a_polygon_is_corners_or_one_row_of_numbers(written: str) -> None:
    """Ours, and as Frigate and drawing tools have it; the first corner may stand once more at the end."""
    assert polygon_of(written) == READ


def test_a_polygon_may_have_dents() -> None:
    """An L, from any of its corners and either way round."""
    corners = ["0,0", "0.4,0", "0.4,0.4", "0.8,0.4", "0.8,0.8", "0,0.8"]
    for start in range(len(corners)):
        for way in (1, -1):
            assert area_of(polygon_of(" ".join((corners[start:] + corners[:start])[::way]))) == pytest.approx(0.48)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("0.1,0.6 0.5,0.6", 'zone "front" has 2 points; a polygon needs 3'),
        ("0.1,0.6,0.5,0.6", 'zone "front" has 2 points; a polygon needs 3'),
        ("0.1,0.6,0.5,0.6,0.5", "has 5 numbers in a row; x and y go in pairs"),
        ("0.1;0.6 0.5;0.6 0.5;0.9", "has a corner '0.1;0.6'; write x,y with 0–1 each"),
        ("0.1,0.6 0.5,oben 0.5,0.9", "has a corner '0.5,oben'; write x,y with 0–1 each"),
        (
            "192,648 960,648 960,972",
            "has a corner 192,648; x and y are shares of the picture, 0–1, not pixels: divide x",
        ),
        (
            "192,648,960,648,960,972",
            "has a corner 192,648; x and y are shares of the picture, 0–1, not pixels: divide x",
        ),
        ("0.1,0.6 0.5,nan 0.5,0.9", "has a corner 0.5,nan; x and y are shares of the picture"),
        ("-0.1,0.6 0.5,0.6 0.5,0.9", "has a corner -0.1,0.6; x and y are shares of the picture"),
        ("0.1,0.6 0.5,0.6 0.5,0.6 0.5,0.9", "has the corner 0.5,0.6 twice"),
        (
            "0.1,0.1 0.9,0.9 0.9,0.1 0.1,0.9",
            "crosses itself: the edge 0.1,0.1 – 0.9,0.9 meets the edge 0.9,0.1 – 0.1,0.9; list the corners in order",
        ),
        (
            "0.1,0.1 0.9,0.1 0.9,0.9 0.5,0.1 0.1,0.9",
            "crosses itself: the edge 0.1,0.1 – 0.9,0.1 meets the edge 0.9,0.9 – 0.5,0.1",
        ),
        ("0.1,0.1 0.9,0.1 0.5,0.1 0.5,0.9", "turns back on itself at the corner 0.9,0.1"),
        ("0.1,0.1 0.5,0.1 0.9,0.1", "turns back on itself at the corner 0.1,0.1"),
        ("0.1,0.1 0.104,0.1 0.104,0.104", "encloses 8e-06 of the picture, which is nothing"),
        (MANY, f"has 125 points; {MOST_POINTS} are enough"),
    ],
)
def test_a_wrong_polygon_is_told_with_file_and_line(tmp_path: Path, written: str, says: str) -> None:
    """Which zone it is, what is wrong with it, and where."""
    path = table(tmp_path, f'C1,first,frontage,,"{CORNERS}"', f'C1,front,frontage,,"{written}"')

    with pytest.raises(ConfigError) as told:
        read_zones(path, set())

    assert str(told.value).startswith(f'{path} line 3: zone "front" ')
    assert says in str(told.value)


def test_the_optional_columns(tmp_path: Path) -> None:
    """`anchor` and `hours` may be left out, as columns and as cells."""
    path = table(
        tmp_path,
        f'C1,day,frontage,S1,"{CORNERS}",overlap,07:00-22:00',
        f'C1,always,bike_bay,,"{CORNERS}",,',
        head=f"{HEAD},anchor,hours",
    )
    day, always = read_zones(path, {"S1"})["C1"]
    assert (day.anchor, day.hours, day.shop_id) == (Anchor.OVERLAP, "07:00-22:00", "S1")
    assert (always.anchor, always.hours, always.role) == (None, None, ZoneRole.BIKE_BAY)
    [plain] = read_zones(table(tmp_path, f'C1,day,frontage,S1,"{CORNERS}"'), {"S1"})["C1"]
    assert (plain.anchor, plain.hours) == (None, None)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("feet,", "line 2: anchor is 'feet'; there is foot, overlap"),
        (",7-22", "line 2: hours is '7-22'; write hours as 07:00-22:00"),
        (",07:00-24:00", "line 2: hours is '07:00-24:00'; write hours as"),
        (",07:00-07:00", "line 2: hours is '07:00-07:00', which is no time at all; leave it empty for always"),
    ],
)
def test_a_wrong_cell_is_told(tmp_path: Path, cells: str, says: str) -> None:
    """What it is and what is allowed."""
    path = table(tmp_path, f'C1,day,frontage,,"{CORNERS}",{cells}', head=f"{HEAD},anchor,hours")

    with pytest.raises(ConfigError) as told:
        read_zones(path, set())

    assert says in str(told.value)


def test_a_column_of_no_meaning_is_told(tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(ConfigError, match=r"they must be camera_id, .*polygon, and may be anchor, hours"):
        read_zones(table(tmp_path, head=f"{HEAD},loitering_time"), set())


@given(st.text(alphabet="0123456789.,; -naife", max_size=60))
def test_whatever_is_written_is_a_polygon_of_some_size_or_refused(written: str) -> None:
    """Never another error, and never a zone that nothing can be in."""
    try:
        polygon = polygon_of(written)
    except ValueError:
        return
    assert len(polygon) >= 3
    assert area_of(polygon) > 0
    assert all(0 <= share <= 1 for corner in polygon for share in corner)
