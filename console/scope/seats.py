"""Desk and site as far as who asks may see them: the one place that asks whether somebody is held to sub-districts."""

from aiohttp import web

from config.load import Site
from console.access.gate import caller_of
from console.desk.city import Desk
from console.keys import DESK, SITE
from console.scope.city import ScopedDesk
from console.scope.registers import scoped_site
from console.seat import Seat


def desk_of(request: web.Request) -> Desk:
    """The desk, as far as who asks may see and touch it."""
    app, scope = request.app, caller_of(request).scope
    return app[DESK] if scope is None else ScopedDesk(app[DESK], app[SITE], scope)


def seat_of(request: web.Request) -> Seat:
    """Both, and who asks."""
    return Seat(desk=desk_of(request), site=site_of(request), caller=caller_of(request))


def site_of(request: web.Request) -> Site:
    """The site, its registers as far as who asks may see them."""
    site, scope = request.app[SITE], caller_of(request).scope
    return site if scope is None else scoped_site(site, scope)
