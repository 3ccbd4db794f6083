"""An invented city, written down as the files of a site."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Final

import yaml
from msgspec import Struct

from app.simulation.chance import chance_of
from config.load import SHARED
from config.registers import PERMIT_COLUMNS

_WHOLE_CAMERAS: Final = 671
_WHOLE_SUB_DISTRICTS: Final = 63
_WHOLE_ROADS: Final = 130
_ZONES: Final = 6
"""So many shopfronts a camera can tell apart."""
_DISTRICTS: Final = ("城东区", "城西区", "南湖区", "北塘区", "新港区", "龙泉区", "高新区")
_FIRST: Final = ("红", "青", "茶", "兰", "雕", "五", "永", "西", "荷", "北", "三", "薛", "奔", "罗", "孟", "春")
_SECOND: Final = ("梅", "山", "龙", "陵", "庄", "星", "花", "井")
_ROAD_ENDS: Final = ("路", "街", "巷", "大道")
_TRADES: Final = ("面馆", "水果店", "五金店", "小吃", "药房", "理发店", "便利店", "服装店", "车行", "文具店", "花店")
_CONTACT_UNKNOWN: Final = 0.06
_SECOND_SHOP: Final = 0.03
_MAY_HAVE_TABLES: Final = 0.1
_LIMITS: Final = {
    "09010": {"A": "1 工作时", "B": "2 工作时", "C": "1 工作日"},
    "09009": {"A": "1 工作时", "B": "2 工作时", "C": "4 工作时"},
    "09005": {"A": "1 紧急工作时", "B": "2 紧急工作时", "C": "4 工作时"},
}
_SITE: Final = """\
# An invented city: every name and number in this folder is made up.
site: simulated-city
name: {{zh: 龙城（模拟）, en: "Longcheng (simulated)"}}
division: "320400"
timezone: Asia/Shanghai
data_dir: {data}
mqtt: {{url: "mqtt://127.0.0.1:1"}}
demo: {{compress: 1}} # reports say that it is simulated; nothing runs faster
deadlines: {{default_tier: B}}
notices:
  duty_desk: duty-desk
  gateways:
    desk-bot: {{kind: wecom, url: "http://127.0.0.1:1/bot"}}
    sms: {{kind: sms, url: "http://127.0.0.1:1/sms", body: {{phone: "{{to}}", content: "{{text}}"}}}}
  recipients:
    duty-desk: [desk-bot]
    chief: ["sms:+8613800000000"]
{keepers}
  escalation: [duty-desk, chief]
ladder: {{matters: {{"09009": {{confirm: person}}}}}} # a street keeper says whether a car may stand there
figures: # a month is all there is
  shop: {{weeks_without_case: 3, weeks_without_strike: 4}}
rules:
{rules}
"""


class Size(Struct, frozen=True, kw_only=True):
    """How large a city."""

    cameras: int
    shops: int
    trees: int
    stations: int

    @classmethod
    def of(cls, cameras: int, shops: int) -> "Size":
        """With as many sensors for a camera as a whole city has: 120 trees and 180 charging stations for 671."""
        share = cameras / _WHOLE_CAMERAS
        return cls(cameras=cameras, shops=shops, trees=max(4, round(120 * share)), stations=max(6, round(180 * share)))


class Road(Struct, frozen=True, kw_only=True):
    """A stretch of a road within one sub-district."""

    district: str
    sub_district: str
    name: str
    lon_deg: float
    lat_deg: float

    def cells(self, place: int) -> tuple[str, ...]:
        """The five columns of something that stands there."""
        lon, lat = self.lon_deg + place % 50 / 10_000, self.lat_deg + place % 7 / 10_000
        return self.district, self.sub_district, self.name, f"{lon:.5f}", f"{lat:.5f}"


def write_city(folder: Path, size: Size, seed: int) -> None:
    """Write its site folder: settings and registers."""
    folder.mkdir(parents=True, exist_ok=True)
    random = chance_of(seed, "city")
    roads = _roads(size, random)
    shops = _shops(size, roads, random)
    cameras, zones = _cameras(size, roads, shops, random)
    place = ("district", "sub_district", "road", "lon_deg", "lat_deg")
    _write(folder / "shops.csv", ("shop_id", "name", *place, "contact"), [row for rows in shops for row in rows])
    _write(folder / "cameras.csv", ("camera_id", "name", "source", *place, "interval_s"), cameras)
    _write(folder / "zones.csv", ("camera_id", "zone", "role", "shop_id", "polygon"), zones)
    _write(folder / "permits.csv", PERMIT_COLUMNS, _permits((row[0] for rows in shops for row in rows), seed))
    columns = ("device_id", "profile", "name", *place, "ports", "baseline")
    _write(folder / "devices.csv", columns, _devices(size, roads, random))
    _write(folder / "tiers.csv", ("sub_district", "road", "tier"), _tiers(roads, random))
    keepers = dict.fromkeys(road.sub_district for road in roads)
    settings = _SITE.format(
        data=folder / "data",
        keepers="\n".join(
            f'    "street-keeper:{name}": ["sms:+86137{place:08d}"]' for place, name in enumerate(keepers, 1)
        ),
        rules="\n".join(f"  - {path}" for path in sorted((SHARED / "rules").glob("*.yaml"))),
    )
    (folder / "site.yaml").write_text(settings, encoding="utf-8")
    (folder / "matters.yaml").write_text(_own_limits(), encoding="utf-8")


def _permits(shop_ids: Iterable[str], seed: int) -> Iterable[tuple[str, ...]]:
    """Some shops have leave for tables outside, for years; some had it once, and no longer."""
    for number, shop_id in enumerate(shop_ids, 1):
        drawn = chance_of(seed, "permit", shop_id).random()
        if drawn < _MAY_HAVE_TABLES:
            yield shop_id, "09005", "2020-01-01", "2039-12-31", f"城管许〔2020〕{number} 号"
        elif drawn < 3 * _MAY_HAVE_TABLES:
            yield shop_id, "09005", "2020-01-01", "2020-12-31", f"城管许〔2020〕{number} 号"


def _own_limits() -> str:
    """The shipped matters of what stands in front of shops, with a limit for each tier."""
    shipped = yaml.safe_load((SHARED / "matters.yaml").read_text(encoding="utf-8"))
    own = {code: shipped["matters"][code] | {"handle_within": limits} for code, limits in _LIMITS.items()}
    return str(yaml.safe_dump(shipped | {"matters": own}, allow_unicode=True, sort_keys=False))


def _roads(size: Size, random: Random) -> list[Road]:
    """Stretches of roads. Two districts may have a road of one name, and a road may run through two sub-districts."""
    share = size.cameras / _WHOLE_CAMERAS
    names = [f"{first}{second}" for second in _SECOND for first in _FIRST]
    random.shuffle(names)
    sub_districts = [f"{name}街道" for name in names[: max(4, round(_WHOLE_SUB_DISTRICTS * share))]]
    random.shuffle(names)
    found = []
    for place in range(max(8, round(_WHOLE_ROADS * share))):
        at = place % len(sub_districts)
        name = names[place % len(names)] + _ROAD_ENDS[place // 3 % len(_ROAD_ENDS)]
        stretch = Road(
            district=_DISTRICTS[at % len(_DISTRICTS)],
            sub_district=sub_districts[at],
            name="人民路" if place in {1, 2} else name,
            lon_deg=round(119.8 + random.random() * 0.3, 4),
            lat_deg=round(31.6 + random.random() * 0.3, 4),
        )
        found.append(stretch)
        next_at = at + len(_DISTRICTS)  # the next sub-district of the same district
        if random.random() < 0.1 and next_at < len(sub_districts):
            found.append(
                Road(
                    district=stretch.district,
                    sub_district=sub_districts[next_at],
                    name=stretch.name,
                    lon_deg=stretch.lon_deg + 0.005,
                    lat_deg=stretch.lat_deg,
                )
            )
    return found


def _shops(size: Size, roads: Sequence[Road], random: Random) -> list[list[tuple[str, ...]]]:
    """Rows of shops, road by road. Some owners have two shops and one telephone, of some no contact is known."""
    found: list[list[tuple[str, ...]]] = [[] for _road in roads]
    weights = [0.5 + random.random() for _road in roads]
    phone = ""
    for number in range(1, size.shops + 1):
        at = random.choices(range(len(roads)), weights)[0]
        if not (phone and random.random() < _SECOND_SHOP):
            phone = f"sms:+86139{number:08d}"
        contact = "" if random.random() < _CONTACT_UNKNOWN else phone
        name = f"{random.choice(_FIRST)}{random.choice(_SECOND)}{random.choice(_TRADES)}"
        found[at].append((f"S{number:05d}", name, *roads[at].cells(number), contact))
    return found


def _cameras(
    size: Size, roads: Sequence[Road], shops: Sequence[Sequence[tuple[str, ...]]], random: Random
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Cameras where the shops are, and their zones: up to six shopfronts, and what else there is."""
    wanted = sum(map(len, shops))
    cameras: list[tuple[str, ...]] = []
    zones: list[tuple[str, ...]] = []
    due = 0.0
    for at, road in enumerate(roads):
        due += len(shops[at]) * size.cameras / wanted
        left = [row[0] for row in shops[at]]
        while len(cameras) < min(size.cameras, round(due)):
            camera_id = f"CZ-{len(cameras) + 1:04d}"
            name = f"{road.name}{len(cameras) + 1}号杆"
            cameras.append((camera_id, name, "http://127.0.0.1:1/x.jpg", *road.cells(len(cameras)), ""))
            seen, left = left[:_ZONES], left[_ZONES:]
            zones += [(camera_id, f"door-{n}", "frontage", shop, _strip(n)) for n, shop in enumerate(seen, 1)]
            if not seen or random.random() < 0.3:
                zones.append((camera_id, "lane", "pavement", "", _strip(0)))
            if random.random() < 0.1:
                zones.append((camera_id, "fire", "fire_lane", "", _strip(7)))
    return cameras, zones


def _strip(n: int) -> str:
    left = n * 0.12
    return f"{left:.2f},0.2 {left + 0.1:.2f},0.2 {left + 0.1:.2f},0.9 {left:.2f},0.9"


def _devices(size: Size, roads: Sequence[Road], random: Random) -> Iterable[tuple[str, ...]]:
    for number in range(1, size.trees + 1):
        where = roads[random.randrange(len(roads))].cells(number)
        yield f"tree-{number:03d}", "heritage-tree", f"{number} 号古树", *where, "0", f"tilt_deg={1 + number % 20 / 10}"
    for number in range(1, size.stations + 1):
        where = roads[random.randrange(len(roads))].cells(number)
        yield f"cs-{number:03d}", "charging-station", f"{number} 号充电站", *where, "10", ""


def _tiers(roads: Sequence[Road], random: Random) -> Iterable[tuple[str, str, str]]:
    """A fifth of all sub-districts are core, a fifth are outskirts; and a few roads are otherwise than theirs."""
    for name in dict.fromkeys(road.sub_district for road in roads):
        if (drawn := random.random()) < 0.4:
            yield name, "", "A" if drawn < 0.2 else "C"
    for road in roads[::9]:
        yield road.sub_district, road.name, random.choice("AC")


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
