"""A small city for the tests of rules: two trees, a charging station, two cameras."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from zoneinfo import ZoneInfo

from msgspec import structs

from config.load import SHARED, Site
from config.schema import Demo, Matters, Metrics, Mqtt, Profiles, Settings, Words
from config.source import load
from config.texts import Texts
from domain.register import Camera, Device, Location, Zone, ZoneRole
from rules.files import Rule, load_rules

_HERE = Location(district="天宁区", sub_district="红梅街道", road="泰和路", lon_deg=119.97, lat_deg=31.79)
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
GROUPS = ("trees", "chargers", "storefronts", "cameras", "network")
_HEADER = "version: 1\ncatalogue: gb47678.5-2026\nrules:\n"


def small_city(*, compress: float = 1.0) -> Site:
    """Trees speak every 10 min, the station and its 3 ports every 30 s, cameras are looked at every 60 s."""
    matters = load(SHARED / "matters.yaml", Matters)
    return Site(
        folder=Path("small-city"),
        settings=Settings(
            site="small-city",
            name=Words(zh="小城", en="Small city"),
            division="320400",
            data_dir=Path("data"),
            mqtt=Mqtt(url="mqtt://127.0.0.1:1883"),
            demo=Demo(compress=compress),
        ),
        timezone=ZoneInfo("Asia/Shanghai"),
        metrics=load(SHARED / "metrics.yaml", Metrics).metrics,
        profiles=load(SHARED / "profiles.yaml", Profiles).profiles,
        matters=matters.matters,
        catalogue=matters.catalogue,
        devices={
            "tree-1": _device("tree-1", "tree", "heritage-tree", baseline={"tilt_deg": 1.8}),
            "tree-2": _device("tree-2", "tree", "heritage-tree"),
            "cs-1": _device("cs-1", "charger", "charging-station", ports=3),
        },
        cameras={"cam-1": _camera("cam-1"), "cam-2": _camera("cam-2")},
        shops={},
        rule_files=(),
        texts=Texts({}),
    )


def behind(site: Site, gateways: Mapping[str, str]) -> Site:
    """The city with gateways that speak every minute; `gateways` says which device is heard through which."""
    added = {name: _device(name, "gateway", "gateway") for name in gateways.values() if name not in site.devices}
    known = {**added, **site.devices}
    devices = {name: structs.replace(device, gateway=gateways.get(name)) for name, device in known.items()}
    return replace(site, devices=devices)


def _device(
    device_id: str, kind: str, profile: str, *, ports: int = 0, baseline: dict[str, float] | None = None
) -> Device:
    return Device(
        device_id=device_id,
        kind=kind,
        profile=profile,
        name=device_id,
        location=_HERE,
        ports=ports,
        baseline=baseline or {},
    )


def _camera(camera_id: str) -> Camera:
    roles = {"front": ZoneRole.FRONTAGE, "kerb": ZoneRole.NO_PARKING}
    zones = tuple(
        Zone(camera_id=camera_id, zone=name, role=role, polygon=_CORNERS, shop_id="S-1") for name, role in roles.items()
    )
    return Camera(
        camera_id=camera_id, name=camera_id, source="file:///x.jpg", location=_HERE, interval_s=60, zones=zones
    )


def shipped(*groups: str) -> list[Path]:
    """Shipped rule files by name; all of them without one."""
    return [SHARED / "rules" / f"{group}.yaml" for group in groups or GROUPS]


def rules_from(folder: Path, site: Site, *texts: str) -> Sequence[Rule]:
    """Rules as they would stand in a file; title and severity, if a rule has none, are filled in."""
    items = []
    for text in texts:
        lines = text.strip().splitlines()
        for key, default in (("title", "{zh: 规则, en: rule}"), ("severity", "warn")):
            said = (f"{key}:", "levels:") if key == "severity" else (f"{key}:",)
            if not any(line.startswith(said) for line in lines):
                lines.append(f"{key}: {default}")
        items.append("  - " + indent("\n".join(lines), "    ").lstrip())
    path = folder / "rules.yaml"
    path.write_text(_HEADER + "\n".join(items) + "\n", encoding="utf-8")
    return load_rules([path], site)
