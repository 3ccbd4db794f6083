"""The little city that a file of timetables plays in."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from config import source
from config.load import SHARED, Site, load_site
from config.mistakes import near
from config.schema import Matters, Metrics, Mqtt, Profiles, Settings, Words
from config.source import Loc
from config.texts import Texts
from config.workdays import NAME as WORKDAYS
from config.workdays import read_workdays
from domain.errors import ConfigError
from domain.register import Camera, Device, Location, Zone, ZoneRole
from rules.timetables.file import CameraOf, DeviceOf, Surroundings, ZoneOf

_HERE = Location(district="", sub_district="", road="", lon_deg=0.0, lat_deg=0.0)
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def world_of(file: Surroundings, path: Path, lines: Mapping[Loc, int]) -> Site:
    """The site that the file names, or a bare one with the shared files; and the file's own devices and cameras.

    Raises ConfigError for a site, a profile or a gateway that there is not.
    """
    site = _bare(path) if file.site is None else _named(file.site, path, lines)
    devices = {name: _device(name, device, site, path, lines) for name, device in file.devices.items()}
    known = {**site.devices, **devices}
    for name, device in devices.items():
        if device.gateway is not None and device.gateway not in known:
            problem = f"device {name!r} is heard through {device.gateway!r}, which is no device"
            raise ConfigError(problem, path=path, line=lines["devices", name])
    cameras = {name: _camera(name, camera) for name, camera in file.cameras.items()}
    return replace(site, devices=known, cameras={**site.cameras, **cameras})


def _named(name: str, path: Path, lines: Mapping[Loc, int]) -> Site:
    beside = path.parent / name
    try:
        return load_site(str(beside) if (beside / "site.yaml").is_file() else name)
    except ConfigError as wrong:
        raise ConfigError(f"site is {name!r}: {wrong}", path=path, line=lines["site",]) from None


def _bare(path: Path) -> Site:
    """Nothing but what is shipped for everybody: metrics, models of devices, kinds of case, workdays."""
    matters = source.load(SHARED / "matters.yaml", Matters)
    return Site(
        folder=path.parent,
        settings=Settings(
            site="timetables",
            name=Words(zh="时间表", en="Timetables"),
            division="320400",
            data_dir=Path("data"),
            mqtt=Mqtt(url="mqtt://127.0.0.1:1883"),
        ),
        timezone=ZoneInfo("Asia/Shanghai"),
        metrics=source.load(SHARED / "metrics.yaml", Metrics).metrics,
        profiles=source.load(SHARED / "profiles.yaml", Profiles).profiles,
        matters=matters.matters,
        catalogue=matters.catalogue,
        devices={},
        cameras={},
        shops={},
        rule_files=(),
        texts=Texts.load(SHARED / "texts"),
        workdays=read_workdays((SHARED / WORKDAYS,)),
    )


def _device(name: str, said: DeviceOf, site: Site, path: Path, lines: Mapping[Loc, int]) -> Device:
    profile = site.profiles.get(said.profile)
    if profile is None:
        hint = near(said.profile, site.profiles) or f"; there is {', '.join(sorted(site.profiles))}"
        problem = f"device {name!r} has the profile {said.profile!r}, which there is not{hint}"
        raise ConfigError(problem, path=path, line=lines["devices", name, "profile"])
    return Device(
        device_id=name,
        kind=profile.kind,
        profile=said.profile,
        name=name,
        location=_HERE,
        ports=said.ports,
        baseline=said.baseline,
        gateway=said.gateway,
    )


def _camera(name: str, said: CameraOf) -> Camera:
    zones = tuple(_zone(name, zone, what) for zone, what in said.zones.items())
    return Camera(
        camera_id=name,
        name=name,
        source="file:///none.jpg",
        location=_HERE,
        interval_s=said.interval,
        zones=zones,
        duty=said.duty,
    )


def _zone(camera_id: str, name: str, what: ZoneRole | ZoneOf) -> Zone:
    whole = what if isinstance(what, ZoneOf) else ZoneOf(role=what)
    return Zone(camera_id=camera_id, zone=name, role=whole.role, polygon=_WHOLE, hours=whole.hours)
