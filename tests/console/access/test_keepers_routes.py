"""No route is open to a keeper that nobody thought of."""

from aiohttp import web

from console.permits import PERMITS, address_of
from domain.permission import Permission
from tests.console.reader import Client

TRIED = {
    "GET /",
    "GET /cases",
    "GET /cases/{case_id}",
    "GET /review",
    "GET /alarms",
    "GET /alarms/{id}",
    "GET /api/v1/review",
    "POST /api/v1/review/claims",
    "GET /live",
    "GET /events",
    "GET /deadletters",
    "GET /deadletters/{id}",
    "GET /health",
    "GET /api/v1/events",
    "GET /api/v1/events/live",
    "GET /api/v1/health",
    "GET /api/v1/mended-letters",
    "GET /cameras",
    "GET /cameras/{camera_id}",
    "GET /cameras/{camera_id}/zones",
    "GET /cameras/{camera_id}/view.jpg",
    "GET /cameras/{camera_id}/thumb.jpg",
    "GET /api/v1/cameras/{camera_id}",
    "GET /api/v1/cameras/{camera_id}/looks",
    "GET /api/v1/cameras/{camera_id}/zones",
    "POST /api/v1/cameras/{camera_id}/look",
    "GET /evidence/{name}.jpg",
    "GET /api/v1/live",
    "GET /api/v1/overview",
    "GET /api/v1/kpi",
    "GET /api/v1/alarms",
    "GET /api/v1/alarms/{id}",
    "POST /api/v1/alarms/{id}/ack",
    "GET /api/v1/silences",
    "GET /api/v1/cases",
    "GET /api/v1/cases/{case_id}",
    "GET /api/v1/ladders",
    "GET /api/v1/cameras",
    "GET /api/v1/devices",
    "GET /api/v1/deadletters",
    "POST /api/v1/cases/{case_id}/take",
    "POST /api/v1/cases/{case_id}/report",
    "POST /api/v1/cases/{case_id}/send-back",
    "GET /api/v1/deadletters/{id}",
    "GET /api/v1/notices",
    "GET /api/v1/readings/latest",
    "GET /api/v1/series",
    "GET /api/v1/contests",
    "GET /api/v1/rights",
    "GET /figures",
    "GET /figures/export.csv",
    "GET /figures/export.xlsx",
    "GET /map",
    "GET /map/pick/{name}",
    "GET /api/v1/figures",
    "GET /api/v1/map",
    "GET /api/v1/map/ground",
    "GET /devices",
    "GET /devices/{id}",
    "GET /rules",
    "GET /rules/{id}",
    "GET /rules/silences",
    "GET /rules/replays/{id}",
    "GET /api/v1/devices/{id}",
    "GET /api/v1/devices/{id}/explain",
    "GET /api/v1/devices/{id}/curve",
    "GET /api/v1/alarms/{id}/explain",
    "GET /api/v1/rules",
    "GET /api/v1/rules/{id}",
    "GET /api/v1/replays",
    "GET /api/v1/rule-tests",
    "GET /api/v1/replays/{id}",
    "POST /api/v1/ladders/{id}/confirm",
    "POST /api/v1/ladders/{id}/reject",
}
"""Each has a test among those of keepers, or stands here because it tells of no place."""


def test_every_route_that_a_keeper_may_is_tried(door: Client) -> None:
    """A new one wants its line above."""
    app = door.app
    assert isinstance(app, web.Application)
    keepers = {Permission.READ, Permission.ACK, Permission.CONFIRM, Permission.HANDLE_CASE}
    theirs = {address_of(route) for route in app.router.routes() if PERMITS.get(address_of(route)) in keepers}
    assert theirs - TRIED == set()
