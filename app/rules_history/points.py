"""Points of a series store made back into observations, as far as they hold what was observed.

What a store does not hold: when a reading was received (it counts as received at its own time, so nothing is late),
whether it was told as history, by which feed it came, when we could not hear; and of a look its pictures, how many
things of a class there were of which only the longest stay counts, and whether a zone was partly hidden.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from config.load import Site
from domain.point import Point
from domain.reading import DeviceState, Reading, Status, Value
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from storage.series.points import CAMERA

Observation = Reading | Sighting | Status

NOT_STORED: Final = (
    "readings count as received at their own times: what came late came in time here",
    "by which feed a reading came, and when we could not hear, is not stored: an outage of ours is everyone's silence",
    "of a look, a zone that was partly hidden counts as clear, and there are no pictures",
)
"""What a replay from a store cannot know."""
_ONLINE = "online"
_WHOLE = (0.0, 0.0, 1.0, 1.0)


class Observations:
    """Turns points of one site back. Points of devices or cameras that the site no longer has say nothing."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._metrics = frozenset(site.metrics)

    def in_order(self, points: Iterable[Point]) -> list[Observation]:
        """All observations of some points, by time, then by subject: the order in which points come changes nothing.

        Points of one moment of one subject are one observation, so they must all be given at once.
        """
        readings: dict[tuple[int, str, int], dict[str, Value]] = {}
        looks: dict[tuple[int, str], list[Point]] = defaultdict(list)
        for point in points:
            tags = dict(point.tags)
            if point.measurement == CAMERA and "camera_id" in tags:
                looks[point.at_ms, tags["camera_id"]].append(point)
            elif device_id := tags.get("device_id"):
                moment = (point.at_ms, device_id, int(tags.get("port", 0)))
                known = readings.get(moment)
                readings[moment] = point.fields if known is None else {**known, **point.fields}
        keyed = [(moment, one) for moment, fields in readings.items() for one in self._of_device(moment, fields)]
        keyed += [((*moment, 0), self._look(moment, found)) for moment, found in looks.items() if self._known(moment)]
        keyed.sort(key=lambda pair: pair[0])
        return [one for _, one in keyed]

    def _of_device(self, moment: tuple[int, str, int], fields: dict[str, Value]) -> Iterator[Observation]:
        at_ms, device_id, port = moment
        device = self._site.devices.get(device_id)
        kind = CAMERA if device is None and device_id in self._site.cameras else device and device.kind
        if kind and (online := fields.get(_ONLINE)) is not None:
            state = DeviceState.ONLINE if online else DeviceState.OFFLINE
            yield Status(kind=kind, device_id=device_id, state=state, received_ms=at_ms)
        if device is None:
            return
        metrics = fields if self._metrics.issuperset(fields) else self._only_metrics(fields)
        if metrics:
            yield Reading(
                kind=device.kind,
                device_id=device_id,
                port=port or None,
                at_ms=at_ms,
                received_ms=at_ms,
                metrics=metrics,
            )

    def _only_metrics(self, fields: dict[str, Value]) -> dict[str, Value]:
        """Without doubts, and without what a device's clock said."""
        return {name: value for name, value in fields.items() if name in self._metrics}

    def _known(self, moment: tuple[int, str]) -> bool:
        return moment[1] in self._site.cameras

    def _look(self, moment: tuple[int, str], points: list[Point]) -> Sighting:
        """A healthy look spoke of every zone: one without a point was clear."""
        at_ms, camera_id = moment
        tags = [dict(point.tags) for point in points]
        view = ViewHealth(tags[0].get("view", ViewHealth.HEALTHY))
        seen: dict[str, list[SeenObject]] = defaultdict(list)
        for tag, point in zip(tags, points, strict=True):
            if "zone" in tag and "class" in tag:
                seen[tag["zone"]].append(_thing(tag["class"], point.fields))
        zones = self._site.cameras[camera_id].zones if view is ViewHealth.HEALTHY else ()
        return Sighting(
            camera_id=camera_id,
            look_id=f"{camera_id}@{at_ms}",
            taken_ms=at_ms,
            received_ms=at_ms,
            view=view,
            zones=tuple(
                ZoneSighting(zone=zone.zone, shop_id=zone.shop_id, objects=tuple(seen.get(zone.zone, ())))
                for zone in zones
            ),
        )


def _thing(label: str, fields: dict[str, Value]) -> SeenObject:
    """The one of its class that has stood there longest."""
    stay_s, score = float(fields.get("stay_s", 0.0)), float(fields.get("score", 0.0))
    return SeenObject(label=label, score=score, box=_WHOLE, overlap=1.0, stay_s=stay_s, looks=1)
