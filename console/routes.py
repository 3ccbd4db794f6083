"""Every address the console answers."""

from aiohttp import web

from console import live
from console.api import health, metrics, open311, openapi, writes
from console.api.reads import READS, handler
from console.api.writes import WRITES
from console.pages import handlers
from console.pages.render import FOLDER


def add_routes(app: web.Application) -> None:
    """Pages, live streams, reads, writes, health."""
    router = app.router
    router.add_get("/", handlers.overview)
    router.add_get("/cases/{case_id}", handlers.case)
    router.add_get("/live", live.fragments)
    router.add_get("/evidence/{name:.+}.jpg", handlers.evidence)
    for read in READS:
        router.add_get(read.path, handler(read))
    for write in WRITES:
        router.add_route(write.method.upper(), write.path, writes.handler(write))
    router.add_get("/api/v1/live", live.overview)
    router.add_get("/api/v1/openapi.json", openapi.document)
    for path, answer in open311.ROUTES.items():
        router.add_get(path, open311.handler(answer))
    router.add_get("/healthz", health.alive)
    router.add_get("/ready", health.ready)
    router.add_get("/metrics", metrics.metrics)
    router.add_static("/static/", FOLDER / "static")
