"""A small invented city on paper: its settings and registers, with the shipped metrics, profiles and matters."""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from config import source
from config.load import SHARED, Site
from config.schema import Matters, Metrics, Mqtt, Profiles, Settings, Words
from config.texts import Texts
from domain.register import Camera, Device, Location, Shop

_ROADS = ("延陵西路", "青果巷", "晋陵中路", "劳动中路", "和平北路", "花园街", "双桂坊", "局前街")
_SUB_DISTRICTS = ("天宁街道", "红梅街道", "南大街街道", "荷花池街道")
_TRADES = ("便利店", "水果店", "早餐铺", "五金店", "花店", "修车铺", "理发店", "文具店")
_FAMILIES = ("阿福", "老陈", "小满", "同兴", "永和", "四季")


def invented_site(folder: Path, *, cameras: int = 24, language: Literal["zh-CN", "en"] = "zh-CN") -> Site:
    """A site with `cameras` cameras, as many shops, three trees and twelve charging stations."""
    return Site(
        folder=folder,
        settings=Settings(
            site="invented",
            name=Words(zh="云川市", en="Yunchuan"),
            division="320400",
            language=language,
            data_dir=folder,
            mqtt=Mqtt(url="mqtt://127.0.0.1:1883"),
        ),
        timezone=ZoneInfo("Asia/Shanghai"),
        metrics=source.load(SHARED / "metrics.yaml", Metrics, {}).metrics,
        profiles=source.load(SHARED / "profiles.yaml", Profiles, {}).profiles,
        matters=source.load(SHARED / "matters.yaml", Matters, {}).matters,
        catalogue="gb47678.5-2026",
        devices={device.device_id: device for device in _devices()},
        cameras={camera.camera_id: camera for camera in (_camera(n) for n in range(1, cameras + 1))},
        shops={shop.shop_id: shop for shop in (_shop(n) for n in range(1, cameras + 1))},
        rule_files=(),
        texts=Texts.load(SHARED / "texts"),
    )


def _location(n: int) -> Location:
    return Location(
        district="天宁区" if n % 3 else "钟楼区",
        sub_district=_SUB_DISTRICTS[n % len(_SUB_DISTRICTS)],
        road=_ROADS[n * 5 % len(_ROADS)],
        lon_deg=119.95 + n % 40 / 1000,
        lat_deg=31.77 + n % 30 / 1000,
    )


def _camera(n: int) -> Camera:
    name = f"{_location(n).road} {n * 7 % 190 + 1} 号"
    return Camera(
        camera_id=f"cam-{n:03}",
        name=name,
        source=f"http://192.0.2.1/{n}.jpg",
        location=_location(n),
        interval_s=60.0,
    )


def _shop(n: int) -> Shop:
    name = f"{_FAMILIES[n % len(_FAMILIES)]}{_TRADES[n * 3 % len(_TRADES)]}"
    return Shop(shop_id=f"shop-{n:03}", name=name, location=_location(n), contact=f"shop:{n:03}")


def _devices() -> list[Device]:
    trees = ("文庙古银杏（树龄 520 年）", "青果巷古香樟（树龄 310 年）", "红梅公园古朴树（树龄 180 年）")
    places = ("花园新村", "北环里", "兰陵家园", "锦绣苑", "翠竹新村", "清潭三村", "勤业新村", "丽华一村")
    return [
        *(
            Device(device_id=f"tree-{n}", kind="tree", profile="heritage-tree", name=name, location=_location(n))
            for n, name in enumerate(trees, 1)
        ),
        *(
            Device(
                device_id=f"charger-{n:02}",
                kind="charger",
                profile="charging-station",
                name=f"{places[n % len(places)]} {n} 幢充电站",
                location=_location(n + 3),
                ports=10,
            )
            for n in range(1, 13)
        ),
    ]
