"""The console as one aiohttp application. What it shows, and what can be done on it, is for the gate to say."""

from aiohttp import web

from config.load import Site
from console.access.accounts import Accounts
from console.access.door import Door
from console.access.gate import gate
from console.access.oidc import OidcClient
from console.access.passwords import Passwords
from console.access.registry import Registry
from console.access.signing import Signing
from console.access.sparingly import Sparingly
from console.desk.city import Desk
from console.failures import failures
from console.hosts import known_hosts
from console.keys import CLOCK, DESK, DOOR, OIDC, PAGES, REGISTRY, SEEN, SHOPS, SIGNING, SITE, WATCH
from console.map_policy import policy_of
from console.pages.render import Pages
from console.routes import add_routes
from console.shop.handlers import POLICY as SHOP_POLICY
from console.shop.handlers import PREFIX as SHOP_PREFIX
from console.shop.handlers import ShopConsole
from console.watch import Rhythm, Watch
from domain.clock import Clock

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def make_app(
    desk: Desk,
    site: Site,
    clock: Clock,
    *,
    accounts: Accounts | None = None,
    passwords: Passwords | None = None,
    rhythm: Rhythm | None = None,
    called: str = "longcheng",
) -> web.Application:
    """The application over a desk. Its live streams end by themselves when the application shuts down.

    Without `accounts` nobody can sign in. `called` is how the command line is called here, for what pages name of it.
    """
    app = web.Application(middlewares=[known_hosts, failures, gate])
    app[DOOR] = Door(accounts, site, clock, called=called)
    if accounts is not None:
        app[REGISTRY] = Registry(accounts, site, clock)
        app[SIGNING] = Signing(accounts, clock, passwords)
        app.on_cleanup.append(_let_threads_go)
        if site.settings.console.oidc is not None:
            app[OIDC] = OidcClient(site.settings.console.oidc, clock)
    app[DESK], app[SITE], app[CLOCK] = desk, site, clock
    app[PAGES] = Pages(desk, site, clock)
    app[SEEN] = Sparingly(clock)
    app[WATCH] = Watch(desk, rhythm or Rhythm())
    app[SHOPS] = ShopConsole(desk, site, clock)
    add_routes(app)
    app[SHOPS].add_routes(app.router)
    app.on_response_prepare.append(_guard)
    app.on_shutdown.append(_end_streams)
    return app


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = policy_of(request.path, _POLICY, request.app[SITE])
    if request.path.startswith(SHOP_PREFIX):
        response.headers["Content-Security-Policy"] = SHOP_POLICY
    response.headers.setdefault("Cache-Control", "no-store")


async def _end_streams(app: web.Application) -> None:
    await app[WATCH].close()


async def _let_threads_go(app: web.Application) -> None:
    app[SIGNING].passwords.close()
