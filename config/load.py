"""A whole site: `site.yaml`, the registers beside it, and the shared files it builds on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import source
from config.schema import Matter, Matters, Metric, Metrics, Profile, Profiles, Settings
from config.tables import read_cameras, read_devices, read_shops, read_zones
from config.texts import Texts
from domain.errors import ConfigError
from domain.register import Camera, Device, Shop

SHARED = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything a site says, read and checked."""

    folder: Path
    settings: Settings
    timezone: ZoneInfo
    metrics: Mapping[str, Metric]
    profiles: Mapping[str, Profile]
    matters: Mapping[str, Matter]
    catalogue: str
    devices: Mapping[str, Device]
    cameras: Mapping[str, Camera]
    shops: Mapping[str, Shop]
    rule_files: tuple[Path, ...]
    texts: Texts


def find_site(name: str) -> Path:
    """The folder of a site: a shipped one by its name, or any by its path. Raises ConfigError if there is none."""
    for folder in (Path(name), SHARED / "sites" / name):
        if (folder / "site.yaml").is_file():
            return folder.resolve()
    shipped = ", ".join(sorted(path.parent.name for path in SHARED.glob("sites/*/site.yaml")))
    raise ConfigError(f"no site {name!r}: neither a folder with a site.yaml, nor one of {shipped}")


def load_site(name: str, environment: Mapping[str, str] | None = None) -> Site:
    """Read a whole site. Raises ConfigError, with file and line, for the first thing that cannot be."""
    env = os.environ if environment is None else environment
    folder = find_site(name)
    settings = source.load(folder / "site.yaml", Settings, env)
    metrics = _shared(folder, "metrics.yaml", Metrics, env)
    profiles = _shared(folder, "profiles.yaml", Profiles, env)
    matters = _shared(folder, "matters.yaml", Matters, env)
    all_metrics = {name: metric for file in metrics for name, metric in file.metrics.items()}
    all_profiles = {name: profile for file in profiles for name, profile in file.profiles.items()}
    _check_profiles(folder, all_profiles, all_metrics)
    shops = read_shops(folder / "shops.csv")
    zones = read_zones(folder / "zones.csv", shops)
    return Site(
        folder=folder,
        settings=settings,
        timezone=_timezone(settings.timezone, folder),
        metrics=all_metrics,
        profiles=all_profiles,
        matters={code: matter for file in matters for code, matter in file.matters.items()},
        catalogue=matters[-1].catalogue,
        devices=read_devices(folder / "devices.csv", {name: profile.kind for name, profile in all_profiles.items()}),
        cameras=read_cameras(folder / "cameras.csv", zones, settings.vision.interval, env),
        shops=shops,
        rule_files=tuple((folder / path).resolve() for path in settings.rules),
        texts=Texts.load(SHARED / "texts"),
    )


def _shared(folder: Path, name: str, model: type[source.Model], env: Mapping[str, str]) -> list[source.Model]:
    """The shared file and, if the site has one of its own, that too: its entries come last and win."""
    own = folder / name
    return [source.load(path, model, env) for path in (SHARED / name, own) if path == SHARED / name or path.exists()]


def _timezone(name: str, folder: Path) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"timezone is {name!r}; use a name like Asia/Shanghai", path=folder / "site.yaml") from None


def _check_profiles(folder: Path, profiles: Mapping[str, Profile], metrics: Mapping[str, Metric]) -> None:
    for name, profile in profiles.items():
        sources = (field if isinstance(field, str) else field.metric for field in profile.fields.values())
        for metric in (*profile.metrics, *profile.checks, *sources):
            if metric not in metrics:
                raise ConfigError(
                    f"profile {name!r} names the metric {metric!r}, which metrics.yaml does not have",
                    path=folder / "profiles.yaml",
                )
