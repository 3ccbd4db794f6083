"""A city to measure rules with: trees, charging stations and cameras, mostly quiet, with a breach now and then."""

import math
from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from random import Random
from typing import Final

from config.load import Site, load_site
from config.plans import Plans
from domain.reading import Reading, Value
from domain.register import Camera, Device, Location, Zone, ZoneRole
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
TREE_MS: Final = 600_000
PORT_MS: Final = 30_000
LOOK_MS: Final = 60_000
_CHARGE_MIN: Final = 270
_CYCLE_MIN: Final = 540
_DISTRICTS: Final = ("天宁区", "钟楼区", "新北区", "武进区", "经开区")
_WHOLE: Final = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def city(*, trees: int = 339, stations: int = 400, ports: int = 10, cameras: int = 671) -> Site:
    """The starter site's settings, rules and profiles over a city of another size, with nobody's own limits."""
    devices = [_tree(number) for number in range(1, trees + 1)]
    devices += [_station(number, ports) for number in range(1, stations + 1)]
    looks = [_camera(number) for number in range(1, cameras + 1)]
    return replace(
        load_site("starter"),
        devices={device.device_id: device for device in devices},
        cameras={camera.camera_id: camera for camera in looks},
        shops={},
        plans=Plans(),
    )


def readings(site: Site, from_ms: int, to_ms: int, *, seed: int = 1, breach: float = 1 / 20_000) -> Iterator[Reading]:
    """What its devices say, in order of time; `breach`: the share of readings with which something goes wrong."""
    when_ms = range(from_ms, to_ms)
    streams = [
        _of_part(device, port, when_ms, random=_chance(seed, device.device_id, port), breach=breach)
        for device in site.devices.values()
        for port in (range(1, device.ports + 1) if device.ports else (None,))
    ]
    return merge(*streams, key=lambda reading: (reading.at_ms, reading.device_id, reading.port or 0))


def looks(site: Site, from_ms: int, to_ms: int, *, seed: int = 1) -> Iterator[Sighting]:
    """What its cameras see: a clear zone mostly, dark at times, and bicycles that stay for a while."""
    random = Random(seed)  # noqa: S311 - numbers to measure with
    for at_ms in range(from_ms, to_ms, LOOK_MS):
        for place, camera in enumerate(site.cameras.values()):
            moment_ms = at_ms + place * LOOK_MS // len(site.cameras)
            yield _look(camera, moment_ms, random)


def _of_part(device: Device, port: int | None, when_ms: range, *, random: Random, breach: float) -> Iterator[Reading]:
    interval_ms = PORT_MS if device.kind == "charger" else TREE_MS
    phase, wrong = random.random(), 0
    for at_ms in range(when_ms.start + random.randrange(interval_ms), when_ms.stop, interval_ms):
        if random.random() < breach:
            wrong = random.randrange(1, 12)
        metrics = (
            _port(at_ms, phase, random, wrong) if device.kind == "charger" else _lean(device, at_ms, random, wrong)
        )
        wrong = max(0, wrong - 1)
        yield Reading(
            kind=device.kind, device_id=device.device_id, port=port, at_ms=at_ms, received_ms=at_ms, metrics=metrics
        )


def _chance(*names: object) -> Random:
    return Random(repr(names))  # noqa: S311 - numbers to measure with


def _port(at_ms: int, phase: float, random: Random, wrong: int) -> dict[str, Value]:
    """A port that charges half of the time; each bicycle for four and a half hours."""
    minutes = (at_ms / 60_000 + phase * _CYCLE_MIN) % _CYCLE_MIN
    charging = minutes < _CHARGE_MIN
    taper = min(1.0, (_CHARGE_MIN - minutes) / 60) if charging else 0.0
    volts = round(220 + 4 * math.sin(at_ms / DAY_MS * math.tau) + random.random(), 1)
    amps = round(1.9 * taper + random.random() / 50, 2)
    return {
        "voltage_v": volts,
        "current_a": amps,
        "power_w": round(volts * amps, 1),
        "energy_kwh": round(at_ms / HOUR_MS % 10_000 * 0.2 + phase, 3),
        "temp_c": round(_air_c(at_ms) + 10 * taper + random.random() + (40 if wrong else 0), 1),
        "residual_ma": round(1 + random.random(), 2),
        "smoke": False,
        "relay_on": charging,
        "door_open": False,
        "charge_min": float(int(minutes)) if charging else 0.0,
    }


def _lean(device: Device, at_ms: int, random: Random, wrong: int) -> dict[str, Value]:
    """A tree that sways a little, in soil that dries between rains."""
    tilt = device.baseline.get("tilt_deg", 1.5)
    day = math.sin(at_ms / DAY_MS * math.tau)
    return {
        "tilt_deg": round(tilt + 0.03 * day + random.gauss(0, 0.01) + (0.6 if wrong else 0), 3),
        "tilt_x_deg": round(tilt * 0.8 + random.gauss(0, 0.01), 3),
        "tilt_y_deg": round(tilt * 0.6 + random.gauss(0, 0.01), 3),
        "vibration_rms_g": round(0.01 + random.random() / 100, 4),
        "soil_vwc_pct": round(28 - at_ms / DAY_MS % 6 * 1.5 + random.random() / 5, 2),
        "soil_temp_c": round(14 + 2 * day, 2),
        "soil_ph": 6.8,
        "soil_ec_ms_cm": round(0.3 + random.random() / 100, 3),
        "air_temp_c": round(_air_c(at_ms), 1),
        "air_rh_pct": round(70 - 15 * day, 1),
        "wind_m_s": round(2 + random.random() * 3, 1),
        "trunk_dendro_mm": round(0.4 + 0.05 * day, 3),
        "battery_pct": round(90 - at_ms / DAY_MS % 60, 1),
        "rssi_dbm": float(-70 - random.randrange(10)),
    }


def _look(camera: Camera, at_ms: int, random: Random) -> Sighting:
    dark = random.random() < 0.002
    things = tuple(
        SeenObject(label="bicycle", score=0.8, box=(0.1, 0.1, 0.2, 0.3), overlap=1.0, stay_s=stay_s, looks=3)
        for stay_s in (60.0 * random.randrange(10),)
        if random.random() < 0.1
    )
    zones = tuple(ZoneSighting(zone=zone.zone, shop_id=zone.shop_id, objects=things) for zone in camera.zones)
    return Sighting(
        camera_id=camera.camera_id,
        look_id=f"{camera.camera_id}-{at_ms}",
        taken_ms=at_ms,
        received_ms=at_ms,
        view=ViewHealth.DARK if dark else ViewHealth.HEALTHY,
        zones=() if dark else zones,
    )


def _air_c(at_ms: int) -> float:
    return 16 + 6 * math.sin(at_ms / DAY_MS * math.tau)


def _tree(number: int) -> Device:
    name = f"tree-{number:03d}"
    return Device(
        device_id=name,
        kind="tree",
        profile="heritage-tree",
        name=f"{number} 号古树",
        location=_place(number),
        baseline={"tilt_deg": 1 + number % 30 / 10},
    )


def _station(number: int, ports: int) -> Device:
    return Device(
        device_id=f"cs-{number:03d}",
        kind="charger",
        profile="charging-station",
        name=f"{number} 号充电站",
        location=_place(number),
        ports=ports,
    )


def _camera(number: int) -> Camera:
    name = f"CZ-{number:04d}"
    zone = Zone(camera_id=name, zone="front", role=ZoneRole.FRONTAGE, polygon=_WHOLE, shop_id=f"S{number:05d}")
    return Camera(
        camera_id=name, name=name, source="file:///x.jpg", location=_place(number), interval_s=60, zones=(zone,)
    )


def _place(number: int) -> Location:
    road = f"第 {number % 130} 路"
    lon_deg, lat_deg = 119.9 + number % 100 / 1000, 31.7 + number // 100 / 1000
    return Location(
        district=_DISTRICTS[number % 5], sub_district="红梅街道", road=road, lon_deg=lon_deg, lat_deg=lat_deg
    )
