"""Observations as the points that are stored of them. Tags come from the register, never from a message."""

from collections import defaultdict

from config.load import Site
from domain.point import Point
from domain.reading import DeviceState, Reading, Status
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting

CAMERA = "camera"
Tags = tuple[tuple[str, str], ...]


def points_of(observation: Reading | Sighting | Status, site: Site) -> list[Point]:
    """The points of one observation; none for a reading without metrics."""
    match observation:
        case Reading():
            return _of_reading(observation, site)
        case Status():
            return [_of_status(observation, site)]
        case Sighting():
            return _of_sighting(observation, site)


def _of_reading(reading: Reading, site: Site) -> list[Point]:
    if not reading.metrics:
        return []
    tags = _device_tags(reading.device_id, reading.port, site)
    return [Point(measurement=reading.kind, tags=tags, fields=reading.metrics, at_ms=reading.at_ms)]


def _of_status(status: Status, site: Site) -> Point:
    return Point(
        measurement=status.kind,
        tags=_device_tags(status.device_id, None, site),
        fields={"online": status.state is DeviceState.ONLINE},
        at_ms=status.received_ms,
    )


def _of_sighting(sighting: Sighting, site: Site) -> list[Point]:
    tags = {"camera_id": sighting.camera_id, "site_id": site.settings.site, "view": sighting.view.value}
    if camera := site.cameras.get(sighting.camera_id):
        tags["district"] = camera.location.district
    healthy, objects = sighting.view is ViewHealth.HEALTHY, sum(len(zone.objects) for zone in sighting.zones)
    look = Point(
        measurement=CAMERA,
        tags=_sorted(tags),
        fields={"healthy": healthy, "objects": objects},
        at_ms=sighting.taken_ms,
    )
    return [look, *(point for zone in sighting.zones for point in _of_zone(zone, tags, sighting.taken_ms))]


def _of_zone(zone: ZoneSighting, tags: dict[str, str], at_ms: int) -> list[Point]:
    by_class: dict[str, list[SeenObject]] = defaultdict(list)
    for seen in zone.objects:
        by_class[seen.label].append(seen)
    shop = {"shop_id": zone.shop_id} if zone.shop_id else {}
    return [
        Point(
            measurement=CAMERA,
            tags=_sorted({**tags, **shop, "zone": zone.zone, "class": label}),
            fields={
                "count": len(objects),
                "stay_s": float(max(seen.stay_s for seen in objects)),
                "score": float(max(seen.score for seen in objects)),
            },
            at_ms=at_ms,
        )
        for label, objects in by_class.items()
    ]


def _device_tags(device_id: str, port: int | None, site: Site) -> Tags:
    tags = {"device_id": device_id, "site_id": site.settings.site}
    if device := site.devices.get(device_id):
        tags |= {"district": device.location.district, "profile": device.profile}
    if port is not None:
        tags["port"] = str(port)
    return _sorted(tags)


def _sorted(tags: dict[str, str]) -> Tags:
    return tuple(sorted(tags.items()))
