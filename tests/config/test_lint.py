"""What is allowed and hardly meant: each doubt is told with its file and line."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from config.lint import doubts
from config.load import SHARED, load_site
from rules import lint as rules_lint
from rules.files import load_rules

SITE = """\
site: mine
name: {zh: 我, en: mine}
division: "320400"
data_dir: data
mqtt: {url: "mqtt://127.0.0.1:1"}
"""
PLACE = "天宁区,兰陵街道,延陵路,119.97,31.77"
PLACES = "district,sub_district,road,lon_deg,lat_deg"
FRONT = 'C1,front,frontage,S1,"0.1,0.6 0.5,0.6 0.5,0.9",'
BAY = 'C1,bay,bike_bay,,"0.5,0.6 0.9,0.6 0.9,0.9",'
PAVEMENT = 'C1,path,pavement,,"0.1,0.1 0.5,0.1 0.5,0.4",'


def site(folder: Path, *zones: str, cameras: tuple[str, ...] = ("C1",), duty: str = "") -> Path:
    """A small site with one shop."""
    files = {
        "site.yaml": [SITE],
        "shops.csv": [f"shop_id,name,{PLACES},contact", f"S1,面馆,{PLACE},"],
        "zones.csv": ["camera_id,zone,role,shop_id,polygon,hours", *zones],
        "cameras.csv": [
            f"camera_id,name,source,{PLACES},interval_s,duty",
            *(f"{camera_id},{camera_id},http://127.0.0.1/x.jpg,{PLACE},,{duty}" for camera_id in cameras),
        ],
    }
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def told(folder: Path) -> list[str]:
    """The doubts about a site, without its folder."""
    return [str(doubt).removeprefix(f"{folder}/") for doubt in doubts(load_site(str(folder), {}))]


def test_a_good_site_leaves_no_doubt(tmp_path: Path) -> None:
    """A frontage with its shop, a pavement, a bay beside them."""
    assert told(site(tmp_path, FRONT, PAVEMENT, BAY)) == []


@pytest.mark.parametrize("name", ["demo", "starter"])
def test_the_shipped_sites_leave_no_doubt(name: str) -> None:
    """What people begin with should be quiet."""
    assert doubts(load_site(name, {})) == []


def test_a_tier_of_no_place(tmp_path: Path) -> None:
    """A road that is called otherwise has the tier of any other, and nobody would notice."""
    folder = site(tmp_path, FRONT)
    good = ("兰陵街道,,A", ",延陵路,A", "兰陵街道,延陵路,B")
    rows = ("sub_district,road,tier", *good, ",延陵西路,C", "红梅街道,延陵路,C")
    (folder / "tiers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    nothing = "has a tier, but no camera, device or shop is there"
    assert told(folder) == [
        f"tiers.csv line 5: '延陵西路' {nothing}; did you mean '延陵路'?",
        f"tiers.csv line 6: '红梅街道 延陵路' {nothing}; did you mean '兰陵街道 延陵路'?",
    ]


def test_deadlines_need_the_holidays_of_the_year(tmp_path: Path) -> None:
    """As shipped they count working time; a site whose limits all run on needs to know of no holiday."""
    folder = site(tmp_path, FRONT)
    known, unknown = date(2026, 11, 20), date(2026, 11, 30)
    loaded = load_site(str(folder), {})
    assert doubts(loaded, known) == doubts(loaded) == []
    (doubt,) = doubts(loaded, unknown)
    assert "of 2027, only 2025, 2026" in doubt.problem
    assert doubt.problem.endswith(": deadlines in working time would take only its weekends off")
    fire = {code: matter for code, matter in loaded.matters.items() if matter.unit == "duty_desk"}
    assert doubts(replace(loaded, matters=fire), unknown) == []


def test_a_camera_that_nothing_can_come_of(tmp_path: Path) -> None:
    """It has no zones, or masks alone."""
    mask = 'C2,sky,mask,,"0,0 1,0 1,0.2",'
    assert told(site(tmp_path, FRONT, mask, cameras=("C1", "C2", "C3"))) == [
        "cameras.csv line 3: camera 'C2' has no zones: whatever it sees counts for nothing; draw some in zones.csv",
        "cameras.csv line 4: camera 'C3' has no zones: whatever it sees counts for nothing; draw some in zones.csv",
    ]


def test_a_frontage_of_nobody(tmp_path: Path) -> None:
    """Its notices don't reach a shop; a pavement needs none."""
    [doubt] = told(site(tmp_path, PAVEMENT, FRONT.replace("S1", "")))
    assert doubt.startswith("zones.csv line 3: zone 'front' of camera 'C1' is a frontage of no shop: its notices go to")


def test_a_bay_alone(tmp_path: Path) -> None:
    """Bicycles well outside its lines are told of by nobody."""
    [doubt] = told(site(tmp_path, BAY))
    assert doubt.startswith("zones.csv line 2: zone 'bay' of camera 'C1' is a bike_bay with no frontage or pavement")


def test_hours_in_which_nobody_looks(tmp_path: Path) -> None:
    """A zone that only counts at night, before a camera of the day; a minute in common is enough."""
    night, evening = f"{PAVEMENT}23:00-05:00", f"{FRONT}17:59-23:30"
    [doubt] = told(site(tmp_path, night, evening, duty="06:00-18:00"))
    assert doubt == (
        "zones.csv line 2: zone 'path' of camera 'C1' counts at 23:00-05:00, when its camera is never looked at: "
        "its duty is 06:00-18:00"
    )
    assert told(site(tmp_path, night, evening)) == []


def test_lines_are_those_of_a_spreadsheet_file(tmp_path: Path) -> None:
    """With a byte order mark, and a cell that goes over two lines."""
    folder = site(tmp_path, FRONT, BAY.replace("C1", "C2"), cameras=("C1", "C2"))
    path = folder / "zones.csv"
    path.write_text("\ufeff" + path.read_text(encoding="utf-8").replace("0.1,0.6 ", "0.1,0.6\n"), encoding="utf-8")
    [doubt] = told(folder)
    assert doubt.startswith("zones.csv line 4: zone 'bay'")


def test_rules_that_will_find_nothing(tmp_path: Path) -> None:
    """Roles that they wait for and no zone has, once each; nothing is said before any zone is drawn."""
    loaded = load_site(str(site(tmp_path, FRONT)), {})
    rules = load_rules([SHARED / "rules" / "storefronts.yaml"], loaded)
    said = [str(doubt).removeprefix(f"{tmp_path}/") for doubt in rules_lint.doubts(rules, loaded) if doubt.line is None]
    assert said == [
        "zones.csv: no zone is a bike_bay: bike-outside-lines will find nothing",
        "zones.csv: no zone is a no_parking: car-misparked will find nothing",
        "zones.csv: no zone is a fire_lane: fire-lane-blocked will find nothing",
        "zones.csv: no zone is a pavement or no_parking or bike_bay: stall-on-street will find nothing",
        "zones.csv: no zone is a pavement or bike_bay: goods-on-pavement will find nothing",
    ]
    bare = load_site(str(site(tmp_path)), {})
    rules = load_rules([SHARED / "rules" / "storefronts.yaml"], bare)
    assert [doubt for doubt in rules_lint.doubts(rules, bare) if doubt.line is None] == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("shop_page: {url: 'http://shops.example'}", "is http: whoever listens on the way"),
        ("shop_page: {url: 'https://shops.example'}\ncases: {url: 'postgresql://u:p@db/c'}", "has no secret"),
    ],
)
def test_a_shops_page_that_others_could_use_or_not_open(tmp_path: Path, more: str, expected: str) -> None:
    """A link is a key: it must not be read on the way, and open everywhere."""
    folder = site(tmp_path, FRONT, PAVEMENT, BAY)
    (folder / "site.yaml").write_text(SITE + more, encoding="utf-8")
    (doubt,) = told(folder)
    assert doubt.startswith("site.yaml line 6: shop_page")
    assert expected in doubt


@pytest.mark.parametrize(
    "more",
    [
        "shop_page: {url: 'http://127.0.0.1:8080'}",
        (
            "shop_page: {url: 'https://shops.example', secret: [sixteen-characters, another-sixteen-c]}\n"
            "cases: {url: 'postgresql://u:p@db/c'}"
        ),
    ],
)
def test_a_shops_page_as_it_should_be(tmp_path: Path, more: str) -> None:
    """On this machine alone, or signed with a secret of one's own."""
    folder = site(tmp_path, FRONT, PAVEMENT, BAY)
    (folder / "site.yaml").write_text(SITE + more, encoding="utf-8")
    assert told(folder) == []
