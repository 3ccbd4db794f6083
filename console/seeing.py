"""Pictures with people in them, nobody's face hidden: they are seen only once it is written down who sees them."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from console.access.caller import Caller
from console.access.gate import address_of_peer, caller_of, note
from console.keys import CLOCK, DOOR
from console.permits import address_of
from domain.account import Audit, Outcome
from domain.errors import StoreUnavailable


async def shown(request: web.Request, about: str, read: Callable[[], bytes | None]) -> web.Response:
    """The picture that `read` gives after its line in the ledger, once it stands in the audit, too.

    `about` is what the audit says of it. Raises 404 where there is none, 503 where it can't be written down. Nobody
    keeps it on the way, nor the browser.
    """
    caller = caller_of(request)
    try:
        data = await asyncio.to_thread(read)
    except StoreUnavailable:
        what = address_of(request.match_info.route)
        await note(request, who=caller.who, what=what, about=about, outcome=Outcome.FAILED)
        raise
    if data is None:
        raise no_such()
    await _write_down(request, caller, about)
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


def no_such() -> web.HTTPNotFound:
    """The same for what is elsewhere, gone, or never was."""
    return web.HTTPNotFound(text="there is no such picture")


async def _write_down(request: web.Request, caller: Caller, about: str) -> None:
    """Into the audit, where there are accounts. Unlike of a change, what can't be written down does not happen."""
    accounts = request.app[DOOR].accounts
    if accounts is None:
        return
    line = Audit(
        id=0,
        at_ms=request.app[CLOCK].now_ms(),
        who=caller.who,
        address=address_of_peer(request),
        what=address_of(request.match_info.route),
        about=about,
        outcome=Outcome.DONE,
    )
    await asyncio.to_thread(accounts.note, line)
