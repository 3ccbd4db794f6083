"""What one device or camera said, out of any kind of store."""

from app.rules_history.points import Observation, Observations
from config.load import Site
from domain.point import Point
from storage.series.embedded import EmbeddedSeries
from storage.series.points import CAMERA
from storage.series.store import SeriesStore


def observations_of(store: SeriesStore, site: Site, name: str, start_ms: int, stop_ms: int) -> list[Observation]:
    """All of it with start ≤ time < stop, its ports included, in order."""
    return Observations(site).in_order(_points(store, site, name, start_ms, stop_ms))


def _points(store: SeriesStore, site: Site, name: str, start_ms: int, stop_ms: int) -> list[Point]:
    tag = "camera_id" if name in site.cameras else "device_id"
    if isinstance(store, EmbeddedSeries):
        hours = store.hours()
        wanted = dict.fromkeys(hours.tagged(tag, (name,)))
        found = (point for hour_ms in hours.within(start_ms, stop_ms) for point in hours.points(hour_ms, wanted))
        return [point for point in found if start_ms <= point.at_ms < stop_ms]
    kind = CAMERA if name in site.cameras else site.devices[name].kind
    exported = store.export(start_ms, stop_ms, measurements=(kind,))
    return [point for point in exported if (tag, name) in point.tags]
