"""Writes the registers of the demo city: devices, cameras, shops, zones, and what each camera shows.

Run once and committed; the same seed gives the same files: `python scripts/make_demo_site.py [--out FOLDER]`.
Districts and sub-districts are Changzhou's, give or take; roads, shops, trees and stations are invented.
"""

import argparse
import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

SEED = 320400
FOLDER = Path(__file__).parents[1] / "config" / "sites" / "demo"
CAMERAS, ROADS, STATIONS = 671, 130, 40

# sub-district, longitude, latitude, weight (how many roads and cameras it draws: the centre has more)
SUB_DISTRICTS = {
    "天宁区": """
        天宁街道 119.958 31.779 4, 兰陵街道 119.966 31.763 3, 茶山街道 119.972 31.748 3, 雕庄街道 119.999 31.754 2,
        红梅街道 119.976 31.792 4, 青龙街道 120.010 31.792 3, 郑陆镇 120.098 31.806 1""",
    "钟楼区": """
        南大街街道 119.945 31.775 4, 荷花池街道 119.934 31.784 3, 永红街道 119.925 31.765 3, 五星街道 119.912 31.785 3,
        北港街道 119.886 31.775 2, 西林街道 119.881 31.757 2, 新闸街道 119.878 31.803 2, 邹区镇 119.845 31.778 1""",
    "新北区": """
        三井街道 119.968 31.826 4, 河海街道 119.984 31.840 3, 龙虎塘街道 119.961 31.866 3, 新桥街道 119.949 31.889 2,
        春江街道 119.962 31.953 2, 薛家镇 119.898 31.838 2, 罗溪镇 119.823 31.893 1, 西夏墅镇 119.803 31.937 1,
        奔牛镇 119.806 31.848 1, 孟河镇 119.811 32.015 1""",
    "武进区": """
        湖塘镇 119.951 31.715 4, 西湖街道 119.851 31.681 2, 西太湖街道 119.838 31.703 1, 南夏墅街道 119.953 31.653 2,
        牛塘镇 119.902 31.709 2, 洛阳镇 120.074 31.650 1, 礼嘉镇 120.011 31.655 1, 前黄镇 119.927 31.601 1,
        雪堰镇 120.093 31.545 1, 嘉泽镇 119.786 31.706 1, 湟里镇 119.711 31.629 1""",
    "经开区": """
        戚墅堰街道 120.052 31.729 3, 丁堰街道 120.033 31.744 2, 潞城街道 120.066 31.759 2, 遥观镇 120.049 31.700 1,
        横林镇 120.106 31.698 1, 横山桥镇 120.118 31.760 1""",
    "金坛区": """
        西城街道 119.560 31.744 3, 东城街道 119.599 31.751 3, 金城镇 119.548 31.780 1, 尧塘街道 119.672 31.733 1,
        直溪镇 119.452 31.775 1, 朱林镇 119.465 31.707 1, 薛埠镇 119.369 31.727 1, 指前镇 119.558 31.634 1,
        儒林镇 119.640 31.616 1""",
    "溧阳市": """
        溧城街道 119.484 31.427 4, 昆仑街道 119.493 31.451 3, 古县街道 119.462 31.405 2, 埭头镇 119.549 31.472 1,
        上黄镇 119.556 31.541 1, 戴埠镇 119.521 31.291 1, 天目湖镇 119.431 31.306 1, 别桥镇 119.479 31.556 1,
        上兴镇 119.276 31.541 1, 竹箦镇 119.384 31.567 1, 南渡镇 119.313 31.442 1, 社渚镇 119.268 31.320 1""",
}
ROAD_NAMES = """
    延桂 晋陵 文笔 双桂 青果 椿庭 锦绣 和平 劳动 兰园 清潭 健身 怀德 桃园 勤业 紫荆
    飞龙 长虹 梅园 茶花 运河 白云 翠竹 丽景 丹桂 永宁 朝晖 吉祥 采菱 龙锦 竹林 关河
    星港 荆溪 滆湖 钟山 虹桥 松涛 望江 枫林 花溪 泰和 惠民 康乐
"""
ROAD_ENDS = "路 街 巷"
SHOP_NAMES = """
    阿福 老陈 隆兴 常新 龙城 顺达 金桂 小江 好运来 同德 鸿运 福满 天一 百合 家和 永发
    春来 老街坊 阿珍 聚贤 巧手 诚信 四季 江南 大娘 新雅 万家 晨光
"""
TRADES = """
    面馆 早餐店 水果店 五金店 便利店 理发店 药房 烟酒店 烘焙坊 服装店 快餐店 洗衣店 文具店 花店 眼镜店 奶茶店
    粮油店 茶叶店 修车铺 电动车行 手机店 干货店 卤菜店 母婴店
"""
ESTATES = "锦绣花苑 清潭新村 翠竹苑 白云小区 丽华家园 桃园公寓 朝晖新村 荆川里 金色新城 府南花园"
GATES = "东门 西门 南门 北门"
TREES = (
    ("tree-001", "文笔里古银杏（树龄 520 年）", "红梅街道", "tilt_deg=1.8 tilt_x_deg=1.5 tilt_y_deg=1.0"),
    ("tree-002", "青果巷口古香樟（树龄 310 年）", "南大街街道", "tilt_deg=3.2 tilt_x_deg=-2.4 tilt_y_deg=2.1"),
    ("tree-003", "桂庭书院古圆柏（树龄 430 年）", "天宁街道", "tilt_deg=0.6 tilt_x_deg=0.5 tilt_y_deg=-0.3"),
)

ANSWERING = "${LONGCHENG_CAMERAS:-http://127.0.0.1:18671}"
SILENT = "${LONGCHENG_CAMERAS_SILENT:-http://127.0.0.1:18672}"
REFUSING = "http://127.0.0.1:1"
SCENES = {"bikes": 24, "road": 200, "black": 5, "frozen": 5, "dead": 6, "silent": 2}  # the rest shows a clear street
DEFIANT = 3  # of the bikes' shops, never act on a notice
ASKED_IN, ASKED = ("红梅街道", "南大街街道"), 14  # so many more have bikes there, where people confirm what is found
PARKED = 2  # of the road cameras have a no-parking zone where the van and the car stand

# Corners in pixels of the two views.
STREET, ROAD = (751, 563), (768, 576)
FRONT = ((80, 350), (420, 350), (420, 440), (80, 550))
FAR_SIDE = ((590, 405), (750, 405), (750, 540), (640, 520))
PATH = ((0, 148), (290, 172), (230, 212), (0, 192))
JUNCTION = ((300, 262), (520, 205), (660, 215), (700, 330), (600, 400), (420, 335))
KERB = ((622, 24), (768, 24), (768, 112), (622, 112))

Cells = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A road, or a spot on one."""

    district: str
    sub_district: str
    road: str
    lon_deg: float
    lat_deg: float
    weight: int = 1

    def cells(self) -> Cells:
        """The five columns every place has."""
        return {
            "district": self.district,
            "sub_district": self.sub_district,
            "road": self.road,
            "lon_deg": f"{self.lon_deg:.6f}",
            "lat_deg": f"{self.lat_deg:.6f}",
        }

    def near(self, chance: random.Random, reach_deg: float) -> "Place":
        """Another spot of the same road."""
        return Place(
            district=self.district,
            sub_district=self.sub_district,
            road=self.road,
            lon_deg=self.lon_deg + chance.uniform(-reach_deg, reach_deg),
            lat_deg=self.lat_deg + chance.uniform(-reach_deg, reach_deg) * 0.6,
        )


def make_roads(chance: random.Random) -> list[Place]:
    """Two roads for each sub-district, the heavier ones a third; each road belongs to one sub-district."""
    towns = [(district, *entry.split()) for district, entries in SUB_DISTRICTS.items() for entry in entries.split(",")]
    centre = sorted(towns, key=lambda town: -int(town[4]))
    names = [name + end for end, name in product(ROAD_ENDS.split(), ROAD_NAMES.split())][:ROADS]
    chance.shuffle(names)
    spread = [*towns, *towns, *centre][:ROADS]
    return [
        Place(
            district=district,
            sub_district=sub_district,
            road=road,
            lon_deg=float(lon) + chance.uniform(-0.012, 0.012),
            lat_deg=float(lat) + chance.uniform(-0.009, 0.009),
            weight=int(weight),
        )
        for (district, sub_district, lon, lat, weight), road in zip(spread, names, strict=True)
    ]


def camera_spots(chance: random.Random, roads: Sequence[Place]) -> list[Place]:
    """One spot a camera: two on every road, the others where the weights pull them, road by road."""
    more = chance.choices(range(len(roads)), [road.weight for road in roads], k=CAMERAS - 2 * len(roads))
    indices = sorted([*range(len(roads)), *range(len(roads)), *more])
    return [roads[index].near(chance, 0.004) for index in indices]


def scenes_of(chance: random.Random, ids: Sequence[str]) -> dict[str, str]:
    """Camera → scene."""
    order = list(ids)
    chance.shuffle(order)
    kinds = [scene for scene, count in SCENES.items() for _ in range(count)]
    kinds += ["clear"] * (len(order) - len(kinds))
    drawn = dict(zip(order, kinds, strict=True))
    return {camera_id: drawn[camera_id] for camera_id in ids}


def ask_for_more(cameras: Iterable[Cells], scenes: Iterable[Cells]) -> None:
    """Bicycles of people who obey before some clear shops of the sub-districts where people confirm."""
    there = {camera["camera_id"] for camera in cameras if camera["sub_district"] in ASKED_IN}
    clear = [scene for scene in scenes if scene["scene"] == "clear" and scene["camera_id"] in there]
    for scene in clear[:: len(clear) // ASKED][:ASKED]:
        scene |= {"scene": "bikes", "obeys": "yes"}


def source(camera_id: str, scene: str) -> str:
    """The camera's URL as written in the register."""
    base = {"dead": REFUSING, "silent": SILENT}.get(scene, ANSWERING)
    return f"{base}/snapshot/{camera_id}.jpg"


def polygon(corners: Iterable[tuple[int, int]], size: tuple[int, int]) -> str:
    """Pixels → shares of the picture."""
    return " ".join(f"{x / size[0]:.3f},{y / size[1]:.3f}" for x, y in corners)


def zones_of(scene: str, *, parked: bool, two: bool) -> list[tuple[str, str, str]]:
    """(zone, role, polygon) of one camera, the first shop's first."""
    if scene != "road":
        zones = [("front", "frontage", polygon(FRONT, STREET)), ("far-side", "frontage", polygon(FAR_SIDE, STREET))]
        return zones if two else zones[:1]
    if parked:
        return [("kerb", "no_parking", polygon(KERB, ROAD))]
    zones = [("path", "pavement", polygon(PATH, ROAD)), ("junction", "no_parking", polygon(JUNCTION, ROAD))]
    return zones if two else zones[:1]


def street_tables(chance: random.Random, roads: Sequence[Place]) -> dict[str, list[Cells]]:
    """cameras.csv, shops.csv, zones.csv and scenes.csv."""
    spots = camera_spots(chance, roads)
    ids = [f"CZ-{number:04}" for number in range(1, CAMERAS + 1)]
    scenes = scenes_of(chance, ids)
    bikes = [camera_id for camera_id in ids if scenes[camera_id] == "bikes"]
    defiant = set(chance.sample(bikes, DEFIANT))
    parked = set(chance.sample([camera_id for camera_id in ids if scenes[camera_id] == "road"], PARKED))
    # One bicycle shop of either sort has no known contact: its street keeper is told instead.
    strangers = {min(defiant), min(set(bikes) - defiant)}
    names = [name + trade for name, trade in product(SHOP_NAMES.split(), TRADES.split())]
    tables: dict[str, list[Cells]] = {"cameras": [], "shops": [], "zones": [], "scenes": []}
    for camera_id, spot in zip(ids, spots, strict=True):
        scene, number = scenes[camera_id], chance.randrange(1, 400)
        tables["cameras"].append(
            {"camera_id": camera_id, "name": f"{spot.road}{number}号", "source": source(camera_id, scene)}
            | spot.cells()
            | {"interval_s": ""}
        )
        obeys = {True: "no", False: "yes"}[camera_id in defiant] if scene == "bikes" else ""
        tables["scenes"].append({"camera_id": camera_id, "scene": scene, "obeys": obeys})
        for zone, role, corners in zones_of(scene, parked=camera_id in parked, two=chance.random() < 0.4):
            shop_id = f"S{len(tables['shops']) + 1:05}"
            known = camera_id not in strangers if scene == "bikes" else chance.random() < 0.92
            tables["shops"].append(
                {"shop_id": shop_id, "name": chance.choice(names)}
                | spot.near(chance, 0.0002).cells()
                | {"contact": f"shop:{shop_id}" if known else ""}
            )
            tables["zones"].append(
                {"camera_id": camera_id, "zone": zone, "role": role, "shop_id": shop_id, "polygon": corners}
            )
    ask_for_more(tables["cameras"], tables["scenes"])
    return tables


def devices(chance: random.Random, roads: Sequence[Place]) -> list[Cells]:
    """devices.csv: the trees, then the charging stations, spread over the city by weight."""
    out: list[Cells] = []
    for tree_id, name, sub_district, baseline in TREES:
        spot = next(road for road in roads if road.sub_district == sub_district).near(chance, 0.002)
        out.append(
            {"device_id": tree_id, "profile": "heritage-tree", "name": name}
            | spot.cells()
            | {"ports": 0, "baseline": baseline}
        )
    names = [f"{estate}{gate}充电站" for gate, estate in product(GATES.split(), ESTATES.split())]
    heaviest = sorted(roads, key=lambda road: -road.weight)
    for number, (name, road) in enumerate(zip(names, islice(cycle(heaviest), STATIONS), strict=True), start=1):
        out.append(
            {"device_id": f"cs-{number:03}", "profile": "charging-station", "name": name}
            | road.near(chance, 0.003).cells()
            | {"ports": 10, "baseline": ""}
        )
    return out


def write(folder: Path, tables: dict[str, list[Cells]]) -> None:
    """One CSV a table, UTF-8, Unix line ends."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)


def main() -> None:
    """Write all five tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=FOLDER, help="folder to write to (default: the demo site)")
    folder = options.parse_args().out
    chance = random.Random(SEED)
    roads = make_roads(chance)
    tables = street_tables(chance, roads)
    write(folder, {"devices": devices(chance, roads)} | tables)
    print(f"{folder}: {len(tables['cameras'])} cameras on {len(roads)} roads, {len(tables['shops'])} shops")


if __name__ == "__main__":
    main()
