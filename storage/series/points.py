"""Observations as the points that are stored of them. Tags come from the register, never from a message."""

from collections import defaultdict

from config.load import Site
from domain.point import Point
from domain.reading import DeviceState, Reading, Status, Value
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting

CAMERA = "camera"
_MAX_REMEMBERED = 1 << 16

Tags = tuple[tuple[str, str], ...]


class PointsOf:
    """Points of one site's observations. A device's tags are made once and are the same object ever after, by which
    the embedded store knows them again without comparing text."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tags: dict[tuple[str, int | None], Tags] = {}

    def __call__(self, observation: Reading | Sighting | Status) -> list[Point]:
        """The points of one observation; none for a reading without metrics, or for a status that is told again."""
        match observation:
            case Reading():
                return self._of_reading(observation)
            case Status():
                # What a broker tells again was once said, nobody knows when.
                return [] if observation.retain else [self._of_status(observation)]
            case Sighting():
                return _of_sighting(observation, self._site)

    def _of_reading(self, reading: Reading) -> list[Point]:
        if not reading.metrics:
            return []
        tags, fields = self._device_tags(reading.device_id, reading.port), reading.metrics
        if reading.doubts or reading.device_ms is not None:
            fields = fields | _doubts_of(reading)
        return [Point(measurement=reading.kind, tags=tags, fields=fields, at_ms=reading.at_ms)]

    def _of_status(self, status: Status) -> Point:
        return Point(
            measurement=status.kind,
            tags=self._device_tags(status.device_id, None),
            fields={"online": status.state is DeviceState.ONLINE},
            at_ms=status.received_ms,
        )

    def _device_tags(self, device_id: str, port: int | None) -> Tags:
        tags = self._tags.get((device_id, port))
        if tags is None:
            if len(self._tags) >= _MAX_REMEMBERED:
                self._tags.clear()
            tags = self._tags[device_id, port] = _device_tags(device_id, port, self._site)
        return tags


def points_of(observation: Reading | Sighting | Status, site: Site) -> list[Point]:
    """The points of a single observation. For many, keep a PointsOf."""
    return PointsOf(site)(observation)


def _doubts_of(reading: Reading) -> dict[str, Value]:
    """`tilt_deg_spike: true` for a suspect value; the point's time plus `skew_ms` is what the device's clock said."""
    marks: dict[str, Value] = {f"{metric}_{doubt}": True for metric, doubt in reading.doubts}
    if reading.device_ms is not None:
        marks["skew_ms"] = reading.device_ms - reading.at_ms
    return marks


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
