"""`/metrics`: the city's figures as Prometheus reads them."""

import asyncio
from collections import Counter
from collections.abc import Mapping

from aiohttp import web

from config.load import Site
from console.city import UNKNOWN, City, Reach, look
from console.keys import CLOCK, DESK, SITE
from domain.finding import Severity
from domain.message import RejectReason
from domain.sighting import ViewHealth


async def metrics(request: web.Request) -> web.Response:
    """`/metrics`: Prometheus text exposition."""
    desk, site, now_ms = request.app[DESK], request.app[SITE], request.app[CLOCK].now_ms()
    text = await asyncio.to_thread(lambda: exposition(look(desk, site, now_ms), site))
    return web.Response(body=text.encode(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def exposition(city: City, site: Site) -> str:
    """The city's figures as Prometheus reads them."""
    return "\n".join([*_service(city), *_city(city, site), ""])


def _service(city: City) -> list[str]:
    health, journal = city.health, city.health.journal
    return [
        *_plain(
            "messages_received_total", "counter", "MQTT messages received since the start", health.messages_received
        ),
        *_plain("readings_stored_total", "counter", "Field values in the series store", health.readings_stored),
        *_plain("broker_connected", "gauge", "1 while the broker session is up", health.broker_connected),
        *_plain("ingest_paused", "gauge", "1 while messages are left unacknowledged", health.ingest_paused),
        *_plain("store_reachable", "gauge", "1 while the series store answers", health.store_reachable),
        *_plain("journal_bytes", "gauge", "Size of the journal", journal.size),
        *_plain("journal_max_bytes", "gauge", "Bound of the journal", journal.max_size),
        *_plain("journal_head", "gauge", "Newest record of the journal", journal.head),
        *_plain("journal_writable", "gauge", "1 while the journal takes messages", journal.writable),
        *_family(
            "journal_lag_records",
            "gauge",
            "Records a reader has not read yet",
            "reader",
            {"rules": journal.lag_rules, "series": journal.lag_series},
        ),
        *_family(
            "rule_faults_total", "counter", "Times a rule failed instead of answering", "rule", health.rule_faults
        ),
    ]


def _city(city: City, site: Site) -> list[str]:
    counts, cases = city.counts, Counter(case.kind for case in city.cases)
    kinds = sorted({profile.kind for profile in site.profiles.values()} | {"camera"})
    notices = {"sent": counts.notices_sent, "pending": counts.notices_pending, "dead": counts.notices_dead}
    devices = Counter(device.reach for device in city.devices)
    return [
        *_family("alarms_open", "gauge", "Open alarms", "severity", {s.value: city.severities[s] for s in Severity}),
        *_plain("alarms_total", "counter", "Alarms ever raised", counts.alarms_total),
        *_family("cases_open", "gauge", "Cases not closed", "kind", {kind: cases[kind] for kind in kinds}),
        *_plain("cases_overdue", "gauge", "Open cases past their deadline", city.overdue),
        *_plain("cases_total", "counter", "Cases ever filed", counts.cases_total),
        *_plain("ladders_open", "gauge", "Shops being asked to correct something", counts.ladders_open),
        *_plain("self_corrected_total", "counter", "Ladders ended without a case", city.correction.corrected),
        *_plain("ladders_told_total", "counter", "Ladders of which a notice went out", city.correction.told),
        *_plain("ladders_confirmed_total", "counter", "Ladders ever begun", city.correction.confirmed),
        *_family("notices", "gauge", "Notices to people", "state", notices),
        *_family(
            "cameras", "gauge", "Cameras by view", "view", {view: city.views[view] for view in (*ViewHealth, UNKNOWN)}
        ),
        *_family("devices", "gauge", "Devices by reach", "reach", {reach.value: devices[reach] for reach in Reach}),
        *_family(
            "dead_letters",
            "gauge",
            "Dead letters kept",
            "reason",
            {reason.value: city.dead_counts.get(reason, 0) for reason in RejectReason},
        ),
    ]


def _plain(name: str, kind: str, text: str, value: float) -> list[str]:
    return [f"# HELP longcheng_{name} {text}", f"# TYPE longcheng_{name} {kind}", f"longcheng_{name} {int(value)}"]


def _family(name: str, kind: str, text: str, label: str, values: Mapping[str, int]) -> list[str]:
    lines = [f'longcheng_{name}{{{label}="{_escaped(key)}"}} {value}' for key, value in values.items()]
    return [f"# HELP longcheng_{name} {text}", f"# TYPE longcheng_{name} {kind}", *lines]


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
