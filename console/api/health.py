"""For those who watch the service itself: is it alive, and does it do its work?"""

import asyncio
from http import HTTPStatus

import msgspec
from aiohttp import web

from console.api.shapes import Out
from console.desk import Health
from console.keys import DESK, SITE


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
    reasons = reasons_against(health, request.app[SITE].settings.journal.high_water)
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    body = msgspec.json.encode(ReadyOut(ready=not reasons, reasons=reasons))
    return web.Response(status=status, body=body, content_type="application/json")


def reasons_against(health: Health, high_water: float) -> list[str]:
    """Why the service is not ready. `high_water` is the share of the journal that may fill while the store is away."""
    journal = health.journal
    used = journal.size / journal.max_size if journal.max_size else 0.0
    reasons = []
    if not health.broker_connected:
        reasons.append("the broker session is down")
    if not journal.writable or health.ingest_paused:
        reasons.append("the journal cannot be written")
    if health.rules_failing:
        reasons.append("the rules reader fails; see the log")
    if not health.store_reachable and used >= high_water:
        reasons.append(
            f"the store is unreachable and the journal is {used:.0%} full; the high-water mark is {high_water:.0%}"
        )
    return reasons
