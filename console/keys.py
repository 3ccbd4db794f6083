"""What the application carries, by typed key."""

from typing import TYPE_CHECKING

from aiohttp import web

from config.load import Site
from console.access.caller import Caller
from console.access.door import Door
from console.access.registry import Registry
from console.access.sparingly import Sparingly
from console.desk.city import Desk
from console.pages.render import Pages
from console.shop.handlers import ShopConsole
from console.watch import Watch
from domain.account import Change
from domain.clock import Clock

if TYPE_CHECKING:
    from console.access.oidc import OidcClient
    from console.access.signing import Signing  # it needs the keys itself

# A Protocol is no type to mypy's `type[T]`, so these two are typed by hand.
DESK: web.AppKey[Desk] = web.AppKey("desk")
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
SITE = web.AppKey("site", Site)
PAGES = web.AppKey("pages", Pages)
WATCH = web.AppKey("watch", Watch)
SHOPS = web.AppKey("shops", ShopConsole)
DOOR = web.AppKey("door", Door)
# Only where there are accounts.
REGISTRY = web.AppKey("registry", Registry)
OIDC: web.AppKey["OidcClient"] = web.AppKey("oidc")
SIGNING: web.AppKey["Signing"] = web.AppKey("signing")
SEEN = web.AppKey("seen", Sparingly)
"""How many originals somebody has looked at just now."""
CALLER = web.RequestKey("caller", Caller)
CHANGES: web.RequestKey[tuple[Change, ...]] = web.RequestKey("changes")
"""What a request changed, for the audit."""
