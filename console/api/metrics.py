"""`/metrics`: the city's figures, and the product's own, as Prometheus reads them."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from aiohttp import web
from prometheus_client.core import Metric

from config.load import Site
from console.api.families import counter, exposition, gauge, gauges
from console.api.service_metrics import of_backups, of_service
from console.city import UNKNOWN, City, DeviceNow, Reach, look
from console.keys import CLOCK
from console.scope.seats import desk_of, site_of
from domain.errors import StoreUnavailable
from domain.finding import Severity
from domain.message import RejectReason
from domain.sighting import ViewHealth

_MOST_DEVICES: Final = 10_000
"""With more of them, each is not a series of its own."""


async def metrics(request: web.Request) -> web.Response:
    """`/metrics`: Prometheus text exposition. While the case store is away, of the product itself."""
    desk, site, now_ms = desk_of(request), site_of(request), request.app[CLOCK].now_ms()

    def backups() -> Iterator[Metric]:
        return of_backups(desk.vitals(), site.settings.backup.expected_every)

    def made() -> bytes:
        try:
            city = look(desk, site, now_ms)
        except StoreUnavailable:
            return exposition((_of_case_store(reachable=False), *of_service(desk.health()), *backups()))
        discarded = desk.deadletters_discarded()
        return exposition((_of_case_store(reachable=True), *families(city, site, discarded), *backups()))

    body = await asyncio.to_thread(made)
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def families(city: City, site: Site, discarded: Mapping[RejectReason, int]) -> Iterator[Metric]:
    """Everything there is to measure."""
    yield from of_service(city.health)
    yield from _of_city(city, site)
    yield from _of_reach(city)
    for name, text, counts in (
        ("dead_letters", "Dead letters kept", city.dead_counts),
        ("dead_letters_discarded", "Dead letters ever let go because too many were kept", discarded),
    ):
        yield gauges(name, text, "reason", {reason.value: counts.get(reason, 0) for reason in RejectReason})


def _of_case_store(*, reachable: bool) -> Metric:
    return gauge("case_store_reachable", "1 while the store of alarms, cases and notices answers", reachable)


def _of_city(city: City, site: Site) -> Iterator[Metric]:
    counts, cases = city.counts, city.open_by_kind
    kinds = sorted({profile.kind for profile in site.profiles.values()} | {"camera"})
    notices = {"sent": counts.notices_sent, "pending": counts.notices_pending, "dead": counts.notices_dead}
    yield gauges("alarms_open", "Open alarms", "severity", {s.value: city.severities[s] for s in Severity})
    yield counter("alarms", "Alarms ever raised", counts.alarms_total)
    yield gauges("cases_open", "Cases not closed", "kind", {kind: cases[kind] for kind in kinds})
    yield gauge("cases_overdue", "Open cases that are overdue", city.overdue)
    yield counter("cases", "Cases ever filed", counts.cases_total)
    yield gauge("ladders_open", "Shops being asked to correct something", counts.ladders_open)
    yield counter("self_corrected", "Ladders ended without a case", city.correction.corrected)
    yield counter("ladders_told", "Ladders of which a notice went out", city.correction.told)
    yield counter("ladders_confirmed", "Ladders ever begun", city.correction.confirmed)
    yield gauges("notices", "Notices to people", "state", notices)


def _of_reach(city: City) -> Iterator[Metric]:
    devices = Counter(device.reach for device in city.devices)
    yield gauges(
        "cameras", "Cameras by view", "view", {view: city.views[view] for view in (*map(str, ViewHealth), UNKNOWN)}
    )
    yield gauges("devices", "Devices by reach", "reach", {reach.value: devices[reach] for reach in Reach})
    if len(city.devices) <= _MOST_DEVICES:
        yield gauges(
            "device_last_seen_timestamp_seconds",
            "When something was last received of a device, seconds since 1970",
            "device",
            _seen(city.devices),
        )


def _seen(devices: Iterable[DeviceNow]) -> dict[str, float]:
    return {now.device.device_id: now.seen_ms / 1000 for now in devices if now.seen_ms is not None}
