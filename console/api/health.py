"""For those who watch the service itself: is it alive, and does it do its work?"""

import asyncio
from http import HTTPStatus

import msgspec
from aiohttp import web

from config.schema import Settings
from console.api.shapes import Out
from console.desk.health import Health, JournalHealth
from console.keys import DESK, SITE
from console.pages.troubles import amount, told


class ReadyOut(Out, frozen=True, kw_only=True):
    """Whether the service does its work; each reason says what does not."""

    ready: bool
    reasons: list[str]


async def alive(_request: web.Request) -> web.Response:
    """`/healthz`: the process answers."""
    return web.Response(text="ok\n")


async def ready(request: web.Request) -> web.Response:
    """`/ready`: 503 with reasons unless new messages are taken in and can be kept."""
    health = await asyncio.to_thread(request.app[DESK].health)
    reasons = reasons_against(health, request.app[SITE].settings)
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    body = msgspec.json.encode(ReadyOut(ready=not reasons, reasons=reasons))
    return web.Response(status=status, body=body, content_type="application/json")


def reasons_against(health: Health, settings: Settings) -> list[str]:
    """Why the service is not ready, each with its figures and what to do. Empty if it is."""
    reasons = []
    if not health.broker_connected:
        reasons.append(_no_broker(health, settings))
    if not health.journal.writable or health.ingest_paused:
        reasons.append(_no_journal(health.journal, settings))
    if health.rules_failing:
        why = f" ({health.read.failure})" if health.read.failure else ""
        reasons.append(f"the rules reader fails{why}; no message is judged until it works again; see the log")
    high_water, used = settings.journal.high_water, _used(health.journal)
    if not health.store_reachable and used >= high_water:
        said = f" ({health.store.problem})" if health.store.problem else ""
        reasons.append(
            f"the store is unreachable{said} and the journal is {used:.0%} full; the high-water mark "
            f"journal.high_water is {high_water:.0%}; {health.journal.lag_series} records wait; bring the store back"
        )
    return reasons


def _no_broker(health: Health, settings: Settings) -> str:
    away = [told(one) for one in health.collectors if not one.connected]
    which = (
        f" ({', '.join(away)}; {len(health.collectors) - len(away)} of {len(health.collectors)} are)" if away else ""
    )
    return (
        f"the broker session is down: {settings.mqtt.url}{which}; "
        "see that it runs and that mqtt.url, mqtt.username and mqtt.password are right"
    )


def _no_journal(journal: JournalHealth, settings: Settings) -> str:
    where, free = settings.data_dir.absolute(), ""
    if journal.free_bytes is not None:
        free = f", {amount(journal.free_bytes)} are left on its disk"
    why = f" ({journal.problem})" if journal.problem else ""
    bounded = 0 < journal.max_size <= journal.size  # room on the disk would be of no use
    remedy = "bring the store back or raise journal.max_size" if bounded else f"make room in {where}"
    return (
        f"the journal cannot be written{why}: {amount(journal.size)} of {amount(journal.max_size)} "
        f"are used{free}; messages wait at the broker; {remedy}"
    )


def _used(journal: JournalHealth) -> float:
    return journal.size / journal.max_size if journal.max_size else 0.0
