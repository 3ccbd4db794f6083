"""Pictures as they were taken, nobody's face hidden: for a reason, and written down before they are seen."""

import asyncio
from typing import Final

from aiohttp import web

from console.access.caller import Caller
from console.access.gate import address_of_peer, caller_of, from_here, note
from console.keys import CLOCK, DOOR, SEEN
from console.pages.pictures import is_ours
from console.scope import desk_of
from domain.account import Audit, Outcome
from domain.errors import StoreUnavailable
from domain.said import wrong_words

SHORTEST: Final = 5
"""Characters of a reason. `x` and `-` are none."""
LONGEST: Final = 200
_WHAT: Final = "GET /originals/{name}.jpg"


async def original(request: web.Request) -> web.Response:
    """`/originals/{name}.jpg?reason=`: who looks, why and from where stands in the ledger and in the audit first."""
    caller, name, why = caller_of(request), request.match_info["name"], request.query.get("reason", "").strip()
    if caller.by_browser and not from_here(request):
        raise web.HTTPForbidden(text="an original is opened from a page of the console, not from another site")
    _refuse_reason(why)
    if not is_ours(name):
        raise web.HTTPNotFound(text="there is no such picture")
    if (wait_s := request.app[SEEN].wait_s(caller.who)) > 0:
        headers = {"Retry-After": str(int(wait_s) + 1)}
        raise web.HTTPTooManyRequests(text=f"{caller.who} has seen many originals just now", headers=headers)
    desk, address = desk_of(request), address_of_peer(request)
    if await asyncio.to_thread(desk.picture, name) is None:
        raise web.HTTPNotFound(text="there is no such picture")
    about = f"{name}: {why}"
    try:
        data = await asyncio.to_thread(lambda: desk.original(name, who=caller.who, why=why, address=address))
    except StoreUnavailable:
        await note(request, who=caller.who, what=_WHAT, about=about, outcome=Outcome.FAILED)
        raise
    if data is None:
        raise web.HTTPNotFound(text="there is no such picture")
    await _write_down(request, caller, about)
    return web.Response(body=data, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _refuse_reason(why: str) -> None:
    if len(why) < SHORTEST or len(why) > LONGEST:
        text = f"reason has {len(why)} characters; say why in {SHORTEST} to {LONGEST}: it is kept"
        raise web.HTTPBadRequest(text=text)
    if problem := wrong_words({"reason": why}):
        raise web.HTTPBadRequest(text=problem)


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
        what=_WHAT,
        about=about,
        outcome=Outcome.DONE,
    )
    await asyncio.to_thread(accounts.note, line)
