"""Every address the console answers."""

from aiohttp import web

from console import live
from console.api import accounts, events, health, metrics, open311, openapi, writes
from console.api import originals as api_originals
from console.api.catalogue import READS, WRITES
from console.api.reads import handler
from console.pages import (
    account_pages,
    accounts_pages,
    camera_pictures,
    figures_export,
    handlers,
    map_pick,
    oidc_pages,
    originals,
    signing_pages,
)
from console.static_files import StaticFiles

_PAGES = {
    "/": "overview",
    "/map": "map",
    "/figures": "figures",
    "/review": "review",
    "/alarms": "alarms",
    "/alarms/{id}": "alarm",
    "/cases": "cases",
    "/cases/{case_id}": "case",
    "/devices": "devices",
    "/devices/{id}": "device",
    "/rules": "rules",
    "/rules/silences": "silences",
    "/rules/replays/{id}": "replay",
    "/rules/{id}": "rule",
    "/events": "events",
    "/deadletters": "deadletters",
    "/deadletters/{id}": "deadletter",
    "/health": "health",
    "/cameras": "cameras",
    "/cameras/{camera_id}": "camera",
    "/cameras/{camera_id}/zones": "zones",
}
"""The pages that keep themselves up to date, each by its name in `pages/live_views.py`."""


def add_routes(app: web.Application) -> None:
    """Pages, live streams, reads, writes, health."""
    router = app.router
    for path, name in _PAGES.items():
        router.add_get(path, handlers.live_page(name))
    router.add_get("/live", live.fragments)
    router.add_get("/figures/export.csv", figures_export.export_csv)
    router.add_get("/figures/export.xlsx", figures_export.export_xlsx)
    router.add_get("/map/pick/{name}", map_pick.picked)
    router.add_get("/evidence/{name:.+}.jpg", handlers.evidence)
    router.add_get("/cameras/{camera_id}/view.jpg", camera_pictures.picture(thumb=False))
    router.add_get("/cameras/{camera_id}/thumb.jpg", camera_pictures.picture(thumb=True))
    router.add_post("/originals/{name:.+}.jpg", originals.original)
    router.add_get("/shop-photos/{id:[0-9]{1,18}}.jpg", originals.shop_photo, allow_head=False)
    for read in READS:
        router.add_get(read.path, handler(read))
    for write in WRITES:
        router.add_route(write.method.upper(), write.path, writes.handler(write))
    router.add_post("/api/v1/originals", api_originals.original)
    _add_people(router)
    router.add_get("/api/v1/live", live.overview)
    router.add_get("/api/v1/events/live", events.live)
    router.add_get("/api/v1/openapi.json", openapi.document)
    for path, answer in open311.ROUTES.items():
        router.add_get(path, open311.handler(answer))
    router.add_get("/healthz", health.alive)
    router.add_get("/ready", health.ready)
    router.add_get("/metrics", metrics.metrics)
    router.add_get("/static/{path:.+}", StaticFiles().answer)


def _add_people(router: web.UrlDispatcher) -> None:
    router.add_get("/sign-in", signing_pages.sign_in_form)
    router.add_post("/sign-in", signing_pages.sign_in_post)
    router.add_get("/sign-in/oidc", oidc_pages.begin)
    router.add_get("/sign-in/oidc/back", oidc_pages.back)
    router.add_post("/sign-out", signing_pages.sign_out)
    router.add_get("/set-password/{token}", signing_pages.password_form)
    router.add_post("/set-password/{token}", signing_pages.password_post)
    router.add_get("/account", account_pages.own)
    router.add_post("/account/password", account_pages.change_password)
    router.add_post("/account/sessions/end", account_pages.end_sessions)
    router.add_post("/account/tokens", account_pages.add_token)
    router.add_post("/account/tokens/{id}/revoke", account_pages.revoke_token)
    router.add_get("/accounts", accounts_pages.listed)
    router.add_post("/accounts", accounts_pages.add)
    router.add_get("/accounts/{id}", accounts_pages.one)
    router.add_post("/accounts/{id}", accounts_pages.change)
    router.add_post("/accounts/{id}/disable", accounts_pages.disable)
    router.add_post("/accounts/{id}/enable", accounts_pages.enable)
    router.add_post("/accounts/{id}/invite", accounts_pages.invite)
    router.add_get("/audit", accounts_pages.audit)
    router.add_get("/api/v1/session", accounts.session)
    router.add_post("/api/v1/session", accounts.start_session)
    router.add_delete("/api/v1/session", accounts.end_session)
