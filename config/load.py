"""A whole site: `site.yaml`, the registers beside it, and the shared files it builds on."""

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import source
from config.ground import Ground, read_ground
from config.place import Place
from config.plans import Plans, read_plans
from config.registers import read_closures, read_grids, read_permits
from config.schema import Matter, Matters, Metric, Metrics, Profile, Profiles, Settings, Vision
from config.tables import ALWAYS, read_cameras, read_devices, read_shops, read_zones
from config.texts import Texts
from config.tiers import NAME as TIERS
from config.tiers import Tiers, read_tiers
from config.units import NAME as UNITS
from config.units import Units, read_units
from config.workdays import NAME as WORKDAYS
from config.workdays import read_workdays
from domain.errors import ConfigError
from domain.register import Camera, Closure, Device, Permit, Shop, Zone
from domain.workdays import Workdays

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
    workdays: Workdays = field(default_factory=Workdays)
    """Public holidays and make-up workdays of the years that are known."""
    tiers: Tiers = field(default_factory=Tiers)
    """How closely each place is managed."""
    grids: Mapping[str, str] = field(default_factory=dict)
    """The grid cell (单元网格) of shops, devices and cameras, by their id, as far as it is known."""
    units: Units = field(default_factory=Units)
    """Who handles what where, as far as the bureau has said so."""
    permits: tuple[Permit, ...] = ()
    """What shops may do for a time that else would be a matter."""
    closures: tuple[Closure, ...] = ()
    """On which days shops are closed, beside their hours."""
    plans: Plans = field(default_factory=Plans)
    ground: Ground = field(default_factory=Ground)
    """What the map is drawn on, as far as the site has said so."""
    profile_places: Mapping[str, Place] = field(default_factory=dict)
    """Where each profile stands, as far as it was read from a file."""
    lines: Mapping[source.Loc, int] = field(default_factory=dict)
    """Where everything stands in `site.yaml`, as far as it does."""

    def wrong(self, problem: str, *loc: int | str) -> ConfigError:
        """An error about what stands there in `site.yaml`, e.g. `("ingest", "feeds", "lora")`, or about what has it."""
        return ConfigError(problem, path=self.folder / "site.yaml", line=source.line_of(loc, self.lines))

    def place_of_profile(self, name: str) -> Place:
        """Where a profile stands; of one that no file has, only its name is known."""
        return self.profile_places.get(name) or Place(Path("profiles.yaml"), {}, (), f"profile {name!r}")


def find_site(name: str) -> Path:
    """The folder of a site: a shipped one by its name, or any by its path. Raises ConfigError if there is none."""
    for folder in (Path(name), SHARED / "sites" / name):
        if (folder / "site.yaml").is_file():
            return folder.resolve()
    shipped = ", ".join(sorted(path.parent.name for path in SHARED.glob("sites/*/site.yaml")))
    raise ConfigError(f"no site {name!r}: neither a folder with a site.yaml, nor one of {shipped}")


def load_site(
    name: str,
    environment: Mapping[str, str] | None = None,
    *,
    of_plans: list[ConfigError] | None = None,
    zones_csv: Path | None = None,
) -> Site:
    """Read a whole site. Raises ConfigError, with file and line, for the first thing that cannot be.

    With `of_plans`, what is wrong with plans is not raised but put there, and what is left of them is the site's.
    `zones_csv` is read in place of the site's own.
    """
    env = os.environ if environment is None else environment
    folder = find_site(name)
    settings, lines = source.load_lined(folder / "site.yaml", Settings, env)
    metrics = [source.load(path, Metrics, env) for path in _shared(folder, "metrics.yaml")]
    matters = [source.load(path, Matters, env) for path in _shared(folder, "matters.yaml")]
    all_metrics = {name: metric for file in metrics for name, metric in file.metrics.items()}
    found = _profiles(folder, all_metrics, env)
    all_profiles = {name: profile for name, (profile, _place) in found.items()}
    devices = read_devices(folder / "devices.csv", {name: profile.kind for name, profile in all_profiles.items()})
    timezone = _timezone(settings.timezone, folder / "site.yaml", lines)
    shops = read_shops(folder / "shops.csv")
    zones = read_zones(zones_csv or folder / "zones.csv", shops)
    all_matters = {code: matter for file in matters for code, matter in file.matters.items()}
    _check_ways(settings, all_matters, folder / "site.yaml", lines)
    cameras = _cameras(folder, zones, settings.vision, env, lines)
    _check_confirmed(settings, [*cameras.values(), *shops.values()], folder / "site.yaml", lines)
    return Site(
        folder=folder,
        settings=settings,
        timezone=timezone,
        metrics=all_metrics,
        profiles=all_profiles,
        matters=all_matters,
        catalogue=matters[-1].catalogue,
        devices=devices,
        cameras=cameras,
        shops=shops,
        rule_files=tuple((folder / path).resolve() for path in settings.rules),
        texts=Texts.load(SHARED / "texts"),
        workdays=read_workdays(_shared(folder, WORKDAYS), env),
        tiers=read_tiers(folder / TIERS, settings.deadlines.default_tier),
        grids=read_grids(folder / "grids.csv"),
        units=read_units(folder / UNITS, all_matters),
        permits=read_permits(folder / "permits.csv", shops, all_matters),
        closures=read_closures(folder / "closures.csv", shops),
        plans=read_plans(folder / "plans", devices, timezone, env, wrong=of_plans),
        ground=read_ground(folder, settings.map.ground),
        profile_places={name: place for name, (_profile, place) in found.items()},
        lines=lines,
    )


def _shared(folder: Path, name: str) -> tuple[Path, ...]:
    """The shared file and, if the site has one of its own, that too: its entries come last and win."""
    own = folder / name
    return (SHARED / name, own) if own.exists() else (SHARED / name,)


def _cameras(
    folder: Path,
    zones: Mapping[str, tuple[Zone, ...]],
    vision: Vision,
    env: Mapping[str, str],
    lines: Mapping[source.Loc, int],
) -> Mapping[str, Camera]:
    """All cameras. A road that has hours of duty and no camera is a mistake: most likely it is called otherwise."""

    def duty_of(road: str) -> str | None:
        hours = vision.road_duty.get(road, vision.duty)
        return None if hours == ALWAYS else hours

    cameras = read_cameras(folder / "cameras.csv", zones, vision.interval, env, duty_of)
    roads = sorted({camera.location.road for camera in cameras.values()})
    for road in vision.road_duty:
        if road not in roads:
            near = difflib.get_close_matches(road, roads, n=1) or roads[:1]
            raise ConfigError(
                f"vision.road_duty names the road {road!r}, on which there is no camera"
                + (f"; there is {near[0]!r}" if near else ""),
                path=folder / "site.yaml",
                line=source.line_of(("vision", "road_duty", road), lines),
            )
    return cameras


def _check_ways(settings: Settings, matters: Mapping[str, Matter], path: Path, lines: Mapping[source.Loc, int]) -> None:
    """A matter that has a way of its own must be one: otherwise nothing would ever go that way."""
    for code in settings.ladder.matters:
        if code not in matters:
            near = difflib.get_close_matches(code, matters, n=3, cutoff=0.7)
            raise ConfigError(
                f"ladder.matters names {code!r}, which is no matter of the catalogue"
                + (f"; near it are {', '.join(f'{one} {matters[one].zh}' for one in near)}" if near else ""),
                path=path,
                line=source.line_of(("ladder", "matters", code), lines),
            )


def _check_confirmed(
    settings: Settings, stand: Sequence[Camera | Shop], path: Path, lines: Mapping[source.Loc, int]
) -> None:
    """Of a sub-district with a slip in its name everything would be told at once."""
    known = sorted({one.location.sub_district for one in stand})
    for place, name in enumerate(settings.ladder.confirm_in):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1) or known[:1]
            raise ConfigError(
                f"ladder.confirm_in names {name!r}, where there is no camera and no shop"
                + (f"; there is {near[0]!r}" if near else ""),
                path=path,
                line=source.line_of(("ladder", "confirm_in", place), lines),
            )


def _timezone(name: str, path: Path, lines: Mapping[source.Loc, int]) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"timezone is {name!r}; use a name like Asia/Shanghai", path=path, line=lines.get(("timezone",))
        ) from None


def _profiles(
    folder: Path, metrics: Mapping[str, Metric], env: Mapping[str, str]
) -> Mapping[str, tuple[Profile, Place]]:
    """All profiles. What another file's profile of the same name replaces need not know this site's metrics."""
    found: dict[str, tuple[Profile, Place]] = {}
    for path in _shared(folder, "profiles.yaml"):
        file, lines = source.load_lined(path, Profiles, env)
        for name, profile in file.profiles.items():
            found[name] = profile, Place(path, lines, ("profiles", name), f"profile {name!r}")
    for profile, place in found.values():
        for metric, loc in _named(profile):
            if metric not in metrics:
                problem = f"{place.name} names the metric {metric!r} in {loc[0]}, which metrics.yaml does not have"
                raise ConfigError(problem, path=place.path, line=place.line(*loc))
    return found


def _named(profile: Profile) -> Iterator[tuple[str, source.Loc]]:
    """Each metric that a profile names, and where in it."""
    for place, metric in enumerate(profile.metrics):
        yield metric, ("metrics", place)
    for metric in profile.checks:
        yield metric, ("checks", metric)
    for name, one in profile.fields.items():
        yield (one, ("fields", name)) if isinstance(one, str) else (one.metric, ("fields", name, "metric"))
