"""Every page that a person may open, found from the routes: a new one is tested by being there."""

from typing import Final

from aiohttp import web

from tests.console.reader import Client

_NO_PAGES: Final = (
    "/api/", "/live", "/static/", "/n/", "/open311/", "/evidence/", "/originals/", "/shop-photos/", "/healthz",
    "/ready", "/metrics", "/sign-in/oidc", "/figures/export.",
)  # fmt: skip
FRAGMENTS: Final = ("/map/pick/",)
"""Parts of a page that a script fetches: no pages of their own."""
CASE: Final = "202608223204000003"


_EXAMPLES: Final = {
    "/alarms/{id}": "/alarms/1",
    "/cases/{case_id}": f"/cases/{CASE}",
    "/cameras/{camera_id}": "/cameras/cam-001",
    "/cameras/{camera_id}/zones": "/cameras/cam-001/zones",
    "/devices/{id}": "/devices/charger-01",
    "/rules/{id}": "/rules/charger-residual",
    "/rules/replays/{id}": "",  # none is there until somebody orders one
    "/deadletters/{id}": "/deadletters/1",
    "/accounts/{id}": "/accounts/1",
    "/map/pick/{name}": "/map/pick/camera:cam-001",
    "/set-password/{token}": "/set-password/none",
}
"""Of each page about something: one that is there on the busy desk; empty where nothing can be."""


def pages(client: Client) -> list[str]:
    """The address of each, about something that is there."""
    app = client.app
    assert isinstance(app, web.Application)
    found = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method == "GET" and not path.startswith(_NO_PAGES) and not path.endswith(".jpg"):
            assert "{" not in path or path in _EXAMPLES, f"{path}: tests/console/every_page.py has no example of it"
            found.append(_EXAMPLES.get(path, path))
    return [path for path in found if path]
