"""Signing in and out, and setting a password by a link, as pages that need no script."""

import asyncio
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from aiohttp import web

from console.access.caller import By
from console.access.gate import caller_of, from_here, note
from console.access.passwords import TooBusy
from console.access.signing import NotNow, drop_cookie, end_shown, set_cookie, sign_in
from console.keys import DOOR, PAGES, REGISTRY, SIGNING, SITE
from console.language import remember, spoken
from console.pages.rail import RAIL
from domain.account import Outcome, check_password
from domain.errors import AccountRefused


async def html(request: web.Request, template: str, *, status: int = 200, **facts: object) -> web.Response:
    """A page without live parts, for whoever asks."""
    pages, language, caller = request.app[PAGES], spoken(request), caller_of(request)
    query = [(key, value) for key, value in request.query.items() if key != "lang"]
    text = await asyncio.to_thread(lambda: pages.fill(template, language, caller, query=query, **facts))
    return web.Response(status=status, text=text, content_type="text/html")


def wrong(request: web.Request, refused: AccountRefused) -> str:
    """Why something cannot be, in words."""
    words = request.app[PAGES].words(spoken(request))
    return words.say(f"wrong.{refused.key}", **refused.facts)


async def field(request: web.Request, name: str) -> str:
    """What a form says there; empty if it says nothing."""
    value = (await request.post()).get(name, "")
    return value if isinstance(value, str) else ""


def next_of(text: str) -> str:
    """Where to go on, if that is an address of ours; else the overview."""
    parts = urlsplit(text)
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if ours and not parts.scheme and not parts.netloc else "/"


async def sign_in_form(request: web.Request) -> web.Response:
    """`GET /sign-in`."""
    if (redirect := remember(request)) is not None:
        return redirect
    after = next_of(request.query.get("next", "/"))
    if caller_of(request).by is By.SESSION:
        raise web.HTTPSeeOther(after)
    return await sign_in_page(request, after, done=request.query.get("done") == "password")


async def sign_in_post(request: web.Request) -> web.Response:
    """`POST /sign-in`."""
    after, signing = next_of(await field(request, "next")), request.app.get(SIGNING)
    if signing is None or not from_here(request):
        raise web.HTTPForbidden(text="sign in from the console's own page")
    words = request.app[PAGES].words(spoken(request))
    try:
        started = await sign_in(request, signing, await field(request, "name"), await field(request, "password"))
    except AccountRefused as refused:
        return await sign_in_page(request, after, problem=wrong(request, refused), status=HTTPStatus.UNAUTHORIZED)
    except NotNow as soon:
        problem = words.say("wrong.not_now", wait=words.lasting(soon.wait_s + 1))
        return await sign_in_page(request, after, problem=problem, status=HTTPStatus.TOO_MANY_REQUESTS)
    except TooBusy:
        problem = words.say("wrong.busy")
        return await sign_in_page(request, after, problem=problem, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": after})
    set_cookie(request, response, started)
    return response


async def sign_in_page(
    request: web.Request, after: str, *, problem: str = "", done: bool = False, status: int = 200
) -> web.Response:
    """Where one signs in; with what was wrong about it, and then goes `after`."""
    name = await field(request, "name") if request.method == "POST" else request.query.get("name", "")[:64]
    return await html(
        request,
        "sign_in.html",
        status=status,
        after=after,
        problem=problem,
        done=done,
        name=name,
        why=_why(request, after),
        peopled=request.app[DOOR].peopled,
        first_account=request.app[DOOR].first_account,
        oidc=request.app[SITE].settings.console.oidc is not None,
    )


def _why(request: web.Request, after: str) -> str:
    """Why somebody is asked to sign in who wanted to go elsewhere, and that they get there; empty if they did not."""
    if request.query.get("next", "/") != after or "next" not in request.query:
        return ""
    words, path = request.app[PAGES].words(spoken(request)), urlsplit(after).path
    stop = next((one for one in reversed(RAIL) if one.href in {path, f"/{path.split('/')[1]}"}), None)
    if stop is None:
        return words.say("people.first")
    open_to_all = caller_of(request).may(stop.needs)
    return words.say("people.then" if open_to_all else "people.first_of", page=words.say(f"rail.{stop.name}"))


async def sign_out(request: web.Request) -> web.Response:
    """`POST /sign-out`."""
    await end_shown(request)
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/sign-in"})
    drop_cookie(request, response)
    return response


async def password_form(request: web.Request) -> web.Response:
    """`GET /set-password/{token}`."""
    if (redirect := remember(request)) is not None:
        return redirect
    return await _password_page(request)


async def password_post(request: web.Request) -> web.Response:
    """`POST /set-password/{token}`."""
    signing, registry = request.app.get(SIGNING), request.app.get(REGISTRY)
    if signing is None or registry is None or not from_here(request):
        raise web.HTTPForbidden(text="open the link itself, and set the password on its page")
    secret = request.match_info["token"]
    account = await asyncio.to_thread(registry.invited, secret)
    if account is None:
        return await _password_page(request)
    try:
        password = await new_password(request, account.name)
        hashed = await signing.passwords.hash(password)
        await asyncio.to_thread(registry.accept, secret, account, hashed)
    except AccountRefused as refused:
        return await _password_page(request, problem=wrong(request, refused), status=HTTPStatus.BAD_REQUEST)
    except TooBusy:
        problem = request.app[PAGES].words(spoken(request)).say("wrong.busy")
        return await _password_page(request, problem=problem, status=HTTPStatus.SERVICE_UNAVAILABLE)
    await note(request, who=account.name, what="set password", about="by link", outcome=Outcome.DONE)
    raise web.HTTPSeeOther(f"/sign-in?done=password&name={quote(account.name, safe='')}")


async def _password_page(request: web.Request, *, problem: str = "", status: int = 200) -> web.Response:
    registry = request.app.get(REGISTRY)
    secret = request.match_info["token"]
    account = None if registry is None else await asyncio.to_thread(registry.invited, secret)
    if account is None:
        status = HTTPStatus.NOT_FOUND
    return await html(request, "set_password.html", status=status, account=account, problem=problem)


async def new_password(request: web.Request, name: str) -> str:
    """The new password of a form that asks for it twice. Raises AccountRefused."""
    password = await field(request, "new")
    if password != await field(request, "again"):
        raise AccountRefused("the two are not the same", "password_differs")
    check_password(password, name)
    return password
