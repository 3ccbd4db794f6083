"""Pictures as they were taken, and as shops took them. Why somebody looks never stands in an address."""

import asyncio
from typing import Final

from aiohttp import web

from console.access.gate import address_of_peer, caller_of, from_here
from console.keys import SEEN
from console.pages.pictures import is_ours
from console.scope.seats import desk_of
from console.seeing import no_such, shown
from domain.said import wrong_words

SHORTEST: Final = 5
"""Characters of a reason. `x` and `-` are none."""
LONGEST: Final = 200


async def original(request: web.Request) -> web.Response:
    """`POST /originals/{name}.jpg`: the form of a page, its reason a field of it. Answers with the picture itself."""
    why = (await request.post()).get("reason", "")
    return await original_for(request, request.match_info["name"], why if isinstance(why, str) else "")


async def original_for(request: web.Request, name: str, why: str) -> web.Response:
    """An original: who looks, why and from where stands in the ledger and in the audit first.

    Raises 400 for a reason that is none, 404, 429 for who has seen too many of late.
    """
    caller, why = caller_of(request), why.strip()
    _refuse_reason(why)
    if not is_ours(name):
        raise no_such()
    if (wait_s := request.app[SEEN].wait_s(caller.who)) > 0:
        headers = {"Retry-After": str(int(wait_s) + 1)}
        raise web.HTTPTooManyRequests(text=f"{caller.who} has seen many originals just now", headers=headers)
    desk, address = desk_of(request), address_of_peer(request)
    if await asyncio.to_thread(desk.picture, name) is None:
        raise no_such()
    return await shown(request, f"{name}: {why}", lambda: desk.original(name, who=caller.who, why=why, address=address))


async def shop_photo(request: web.Request) -> web.Response:
    """`GET /shop-photos/{id}.jpg`: what a shop sent along with its word of this number, for those who decide on it."""
    caller, reply_id = caller_of(request), int(request.match_info["id"])
    if caller.by_browser and not from_here(request):
        raise web.HTTPForbidden(text="a shop's photo is shown on a page of the console, not on another site")
    desk, address = desk_of(request), address_of_peer(request)
    about = f"reply {reply_id}"
    return await shown(request, about, lambda: desk.shop_photo(reply_id, who=caller.who, why=about, address=address))


def _refuse_reason(why: str) -> None:
    if len(why) < SHORTEST or len(why) > LONGEST:
        text = f"reason has {len(why)} characters; say why in {SHORTEST} to {LONGEST}: it is kept"
        raise web.HTTPBadRequest(text=text)
    if problem := wrong_words({"reason": why}):
        raise web.HTTPBadRequest(text=problem)
