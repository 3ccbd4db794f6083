"""Every page that a person may open, found from the routes: a new one is tested by being there."""

import re
from typing import Final

from aiohttp import web

from tests.console.reader import Client

_NO_PAGES: Final = (
    "/api/", "/live", "/static/", "/n/", "/open311/", "/evidence/", "/originals/", "/healthz", "/ready", "/metrics",
    "/sign-in/oidc",
)  # fmt: skip
FRAGMENTS: Final = ("/map/pick/",)
"""Parts of a page that a script fetches: no pages of their own."""
CASE: Final = "202608223204000003"


def examples() -> dict[str, str]:
    """By what a path names: something that is there on the busy desk."""
    return {
        "case_id": CASE,
        "camera_id": "cam-001",
        "device_id": "charger-01",
        "kind": "charger",
        "id": "1",
        "token": "none",
        "rule_id": "charger-residual",
        "letter_id": "1",
        "alarm_id": "1",
        "ladder_id": "1",
        "name": "camera:cam-001",
    }


def pages(client: Client) -> list[str]:
    """The address of each, about something that is there."""
    app = client.app
    assert isinstance(app, web.Application)
    known = examples()
    found = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method == "GET" and not path.startswith(_NO_PAGES):
            missing = set(re.findall(r"\{(\w+)\}", path)) - set(known)
            assert not missing, f"{path}: tests/console/every_page.py has no example of {missing}"
            found.append(path.format_map(known))
    return found
