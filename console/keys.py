"""What the application carries, by typed key."""

from aiohttp import web

from config.load import Site
from console.desk import Desk
from console.pages.render import Pages
from console.shop.handlers import ShopConsole
from console.watch import Watch
from domain.clock import Clock

# A Protocol is no type to mypy's `type[T]`, so these two are typed by hand.
DESK: web.AppKey[Desk] = web.AppKey("desk")
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
SITE = web.AppKey("site", Site)
PAGES = web.AppKey("pages", Pages)
WATCH = web.AppKey("watch", Watch)
SHOPS = web.AppKey("shops", ShopConsole)
