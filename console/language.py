"""Which language a reader has chosen."""

from aiohttp import web

from config.texts import LANGUAGES
from console.keys import CALLER, SITE

_COOKIE = "lang"
_YEAR_S = 365 * 86400


def spoken(request: web.Request) -> str:
    """`?lang=` if it names a language of ours, else the cookie, else the account's, else the site's own language."""
    caller = request.get(CALLER)
    own = caller.account.language if caller is not None and caller.account is not None else None
    for choice in (request.query.get("lang"), request.cookies.get(_COOKIE), own):
        if choice in LANGUAGES:
            return choice
    return request.app[SITE].settings.language


def is_person(request: web.Request) -> bool:
    """Browsers say which languages their people read; programs do not."""
    return "Accept-Language" in request.headers or "lang" in request.cookies


def answered_in(request: web.Request) -> str:
    """In which language the API's sentences are: a person's on a page, and English to a program."""
    return spoken(request) if is_person(request) else "en"


def remember(request: web.Request) -> web.Response | None:
    """For a page asked for with `?lang=`: a way back to its address without it that sets the cookie; else None."""
    choice = request.query.get("lang")
    if choice not in LANGUAGES:
        return None
    response = web.Response(status=303, headers={"Location": request.rel_url.without_query_params("lang").raw_path_qs})
    response.set_cookie(
        _COOKIE, choice, max_age=_YEAR_S, path="/", samesite="Lax", httponly=True, secure=request.secure
    )
    return response
