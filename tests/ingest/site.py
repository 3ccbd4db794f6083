"""A site for ingest: one tree, one charger of four ports, one camera; the shipped metrics and profiles."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from config import source
from config.load import SHARED, Site
from config.schema import Ingest, Metric, Metrics, Mqtt, Profile, Profiles, Settings, Words
from config.texts import Texts
from domain.message import RawMessage, Reject
from domain.register import Camera, Device, Location

NOW_MS = 1_771_700_000_000
ROOT = "longcheng/v1"

_HERE = Location(district="天宁区", sub_district="天宁街道", road="延陵西路", lon_deg=119.97, lat_deg=31.78)
_COUNT = Metric(type="int", unit="", min=0, max=1000, zh="次数", en="count")


def make_site() -> Site:
    """The site. One metric is not the shipped registry's: `swipe_count`, an int; tolerances are 5 min and 30 days."""
    metrics = source.load(SHARED / "metrics.yaml", Metrics, {}).metrics
    profiles = source.load(SHARED / "profiles.yaml", Profiles, {}).profiles
    tolerance = {"max_ahead": 300.0, "max_behind": 30 * 86400.0}
    return Site(
        folder=Path("site"),
        settings=Settings(
            site="ingest",
            name=Words(zh="龙城", en="Longcheng"),
            division="320400",
            data_dir=Path("data"),
            mqtt=Mqtt(url="mqtt://127.0.0.1", root=ROOT),
        ),
        timezone=ZoneInfo("Asia/Shanghai"),
        metrics={**metrics, "swipe_count": _COUNT},
        profiles={name: profile.model_copy(update=tolerance) for name, profile in profiles.items()},
        matters={},
        catalogue="gb47678.5-2026",
        devices={device.device_id: device for device in (_device("tree-1", "tree"), _device("pile-1", "charger"))},
        cameras={"cam-1": Camera(camera_id="cam-1", name="cam-1", source="file:///x", location=_HERE, interval_s=60)},
        shops={},
        rule_files=(),
        texts=Texts({"zh-CN": {}, "en": {}}),
    )


def with_profile(site: Site, name: str, profile: Profile) -> Site:
    """The site with one more profile."""
    return replace(site, profiles={**site.profiles, name: profile})


def with_feed(site: Site, *devices: Device, **feed: object) -> Site:
    """The site with one feed, `f`, and these devices more."""
    more = {device.device_id: device for device in devices}
    return replace(with_feeds(site, {"f": feed}), devices={**site.devices, **more})


def with_feeds(site: Site, feeds: Mapping[str, object]) -> Site:
    """The site with these feeds, as they stand in a file."""
    ingest = site.settings.ingest.model_copy(update=dict(Ingest.model_validate({"feeds": feeds})))
    return replace(site, settings=site.settings.model_copy(update={"ingest": ingest}))


def with_fields(site: Site, profile: str, **more: object) -> Site:
    """The site with a profile that has something else; `more` as it stands in a file."""
    content = site.profiles[profile].model_dump(exclude={"interval", "max_ahead", "max_behind", "checks"})
    tolerance = {"interval": "60s", "max_ahead": "5m", "max_behind": "30d"}
    return with_profile(site, profile, Profile.model_validate({**content, **tolerance, **more}))


def device(device_id: str, profile: str, kind: str, *, address: str = "", ports: int = 0) -> Device:
    """A device with an address."""
    return Device(
        device_id=device_id,
        kind=kind,
        profile=profile,
        name=device_id,
        location=_HERE,
        ports=ports,
        address=address or device_id,
    )


def _device(device_id: str, kind: str) -> Device:
    profile, ports = {"tree": ("heritage-tree", 0), "charger": ("charging-station", 4)}[kind]
    return device(device_id, profile, kind, ports=ports)


def message(topic: str, payload: bytes, *, received_ms: int = NOW_MS) -> RawMessage:
    """A message below the root."""
    return RawMessage(topic=f"{ROOT}/{topic}", payload=payload, qos=1, retain=False, dup=False, received_ms=received_ms)


def foreign(topic: str, payload: bytes, *, retain: bool = False) -> RawMessage:
    """A message of someone else's."""
    return RawMessage(topic=topic, payload=payload, qos=0, retain=retain, dup=False, received_ms=NOW_MS)


def parts(rejects: tuple[Reject, ...]) -> list[tuple[str, str]]:
    """What was rejected and why, without the words."""
    return [(reject.part, reject.reason.value) for reject in rejects]
