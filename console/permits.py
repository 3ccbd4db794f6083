"""What each address of the console needs. An address without a line here is refused, whoever asks."""

from enum import StrEnum
from typing import Final

from aiohttp import web

from domain.permission import Permission


class Open(StrEnum):
    """What needs no permission."""

    UNASKED = "unasked"  # nobody is even asked who they are
    TO_ALL = "to_all"
    TO_SIGNED_IN = "to_signed_in"  # any account, from a browser or by a token
    TO_BROWSERS = "to_browsers"  # any account from a browser: no token makes another, or changes a password


Permit = Permission | Open

PERMITS: Final[dict[str, Permit]] = {
    "GET /": Permission.READ,
    "GET /cases": Permission.READ,
    "GET /cases/{case_id}": Permission.READ,
    "GET /review": Permission.CONFIRM,
    "GET /alarms": Permission.READ,
    "GET /alarms/{id}": Permission.READ,
    "GET /events": Permission.READ,
    "GET /deadletters": Permission.READ,
    "GET /deadletters/{id}": Permission.READ,
    "GET /health": Permission.READ,
    "GET /cameras": Permission.READ,
    "GET /cameras/{camera_id}": Permission.READ,
    "GET /cameras/{camera_id}/zones": Permission.READ,
    "GET /cameras/{camera_id}/view.jpg": Permission.READ,
    "GET /cameras/{camera_id}/thumb.jpg": Permission.READ,
    "GET /live": Permission.READ,
    "GET /figures": Permission.READ,
    "GET /figures/export.csv": Permission.READ,
    "GET /figures/export.xlsx": Permission.READ,
    "GET /map": Permission.READ,
    "GET /map/pick/{name}": Permission.READ,
    "GET /evidence/{name}.jpg": Permission.READ,
    "POST /originals/{name}.jpg": Permission.READ_ORIGINALS,
    "GET /shop-photos/{id}.jpg": Permission.DECIDE_CONTEST,
    "GET /static/{path}": Open.UNASKED,
    "GET /devices": Permission.READ,
    "GET /devices/{id}": Permission.READ,
    "GET /rules": Permission.READ,
    "GET /rules/silences": Permission.READ,
    "GET /rules/replays/{id}": Permission.READ,
    "GET /rules/{id}": Permission.READ,
    "GET /healthz": Open.UNASKED,
    "GET /ready": Open.UNASKED,
    "GET /metrics": Permission.METRICS,
    # the API
    "GET /api/v1/openapi.json": Open.UNASKED,
    "GET /api/v1/live": Permission.READ,
    "GET /api/v1/overview": Permission.READ,
    "GET /api/v1/kpi": Permission.READ,
    "GET /api/v1/figures": Permission.READ,
    "GET /api/v1/map": Permission.READ,
    "GET /api/v1/map/ground": Permission.READ,
    "GET /api/v1/alarms": Permission.READ,
    "GET /api/v1/alarms/{id}": Permission.READ,
    "GET /api/v1/review": Permission.CONFIRM,
    "POST /api/v1/review/claims": Permission.CONFIRM,
    "POST /api/v1/alarms/{id}/ack": Permission.ACK,
    "POST /api/v1/alarms/{id}/release": Permission.RELEASE,
    "GET /api/v1/silences": Permission.READ,
    "POST /api/v1/silences": Permission.SILENCE,
    "DELETE /api/v1/silences/{id}": Permission.SILENCE,
    "GET /api/v1/cases": Permission.READ,
    "GET /api/v1/cases/{case_id}": Permission.READ,
    "POST /api/v1/cases/{case_id}/accept": Permission.ASSIGN_CASE,
    "POST /api/v1/cases/{case_id}/refuse": Permission.ASSIGN_CASE,
    "POST /api/v1/cases/{case_id}/assign": Permission.ASSIGN_CASE,
    "POST /api/v1/cases/{case_id}/take": Permission.HANDLE_CASE,
    "POST /api/v1/cases/{case_id}/report": Permission.HANDLE_CASE,
    "POST /api/v1/cases/{case_id}/return": Permission.CLOSE_CASE,
    "POST /api/v1/cases/{case_id}/send-back": Permission.HANDLE_CASE,
    "POST /api/v1/cases/{case_id}/defer": Permission.ASSIGN_CASE,
    "POST /api/v1/cases/{case_id}/resume": Permission.ASSIGN_CASE,
    "POST /api/v1/cases/{case_id}/verify": Permission.CLOSE_CASE,
    "POST /api/v1/cases/{case_id}/close": Permission.CLOSE_CASE,
    "POST /api/v1/cases/{case_id}/force-close": Permission.CLOSE_CASE,
    "POST /api/v1/cases/{case_id}/merge": Permission.CLOSE_CASE,
    "POST /api/v1/cases/{case_id}/reopen": Permission.CLOSE_CASE,
    "POST /api/v1/cases/{case_id}/rate": Permission.CLOSE_CASE,
    "GET /api/v1/ladders": Permission.READ,
    "POST /api/v1/ladders/{id}/confirm": Permission.CONFIRM,
    "POST /api/v1/ladders/{id}/reject": Permission.CONFIRM,
    "POST /api/v1/originals": Permission.READ_ORIGINALS,
    "GET /api/v1/contests": Permission.READ,
    "POST /api/v1/contests/{id}/decide": Permission.DECIDE_CONTEST,
    "GET /api/v1/rights": Permission.READ,
    "POST /api/v1/rights/{id}/restore": Permission.SETTINGS,
    "GET /api/v1/cameras": Permission.READ,
    "GET /api/v1/cameras/{camera_id}": Permission.READ,
    "GET /api/v1/cameras/{camera_id}/looks": Permission.READ,
    "GET /api/v1/cameras/{camera_id}/zones": Permission.READ,
    "POST /api/v1/cameras/{camera_id}/zones/check": Permission.SETTINGS,
    "PUT /api/v1/cameras/{camera_id}/zones": Permission.SETTINGS,
    "POST /api/v1/cameras/{camera_id}/look": Permission.ACK,
    "GET /api/v1/devices": Permission.READ,
    "GET /api/v1/devices/{id}": Permission.READ,
    "GET /api/v1/devices/{id}/explain": Permission.READ,
    "GET /api/v1/devices/{id}/curve": Permission.READ,
    "GET /api/v1/alarms/{id}/explain": Permission.READ,
    "GET /api/v1/rules": Permission.READ,
    "GET /api/v1/rules/{id}": Permission.READ,
    "GET /api/v1/replays": Permission.READ,
    "GET /api/v1/replays/{id}": Permission.READ,
    "POST /api/v1/replays": Permission.SETTINGS,
    "DELETE /api/v1/replays/running": Permission.SETTINGS,
    "GET /api/v1/rule-tests": Permission.READ,
    "POST /api/v1/rule-tests": Permission.SETTINGS,
    "DELETE /api/v1/rule-tests/running": Permission.SETTINGS,
    "GET /api/v1/deadletters": Permission.READ,
    "GET /api/v1/deadletters/{id}": Permission.READ,
    "POST /api/v1/deadletters/replay": Permission.DEADLETTERS,
    "POST /api/v1/deadletters/replay/count": Permission.DEADLETTERS,
    "POST /api/v1/deadletters/{id}/check": Permission.DEADLETTERS,
    "POST /api/v1/deadletters/{id}/mend": Permission.DEADLETTERS,
    "GET /api/v1/mended-letters": Permission.READ,
    "GET /api/v1/events": Permission.READ,
    "GET /api/v1/events/live": Permission.READ,
    "GET /api/v1/health": Permission.READ,
    "POST /api/v1/deadletters/purge": Permission.DEADLETTERS,
    "GET /api/v1/notices": Permission.READ,
    "POST /api/v1/notices/receipts": Permission.RECEIPTS,
    "GET /api/v1/readings/latest": Permission.READ,
    "GET /api/v1/series": Permission.READ,
    # people and their keys
    "GET /sign-in": Open.TO_ALL,
    "POST /sign-in": Open.TO_ALL,
    "GET /sign-in/oidc": Open.TO_ALL,
    "GET /sign-in/oidc/back": Open.TO_ALL,
    "POST /sign-out": Open.TO_BROWSERS,
    "GET /set-password/{token}": Open.TO_ALL,
    "POST /set-password/{token}": Open.TO_ALL,
    "GET /account": Open.TO_BROWSERS,
    "POST /account/password": Open.TO_BROWSERS,
    "POST /account/sessions/end": Open.TO_BROWSERS,
    "POST /account/tokens": Open.TO_BROWSERS,
    "POST /account/tokens/{id}/revoke": Open.TO_BROWSERS,
    "GET /accounts": Permission.ACCOUNTS,
    "POST /accounts": Permission.ACCOUNTS,
    "GET /accounts/{id}": Permission.ACCOUNTS,
    "POST /accounts/{id}": Permission.ACCOUNTS,
    "POST /accounts/{id}/disable": Permission.ACCOUNTS,
    "POST /accounts/{id}/enable": Permission.ACCOUNTS,
    "POST /accounts/{id}/invite": Permission.ACCOUNTS,
    "GET /audit": Permission.AUDIT,
    "GET /api/v1/session": Open.TO_ALL,
    "POST /api/v1/session": Open.TO_ALL,
    "DELETE /api/v1/session": Open.TO_BROWSERS,
    "GET /api/v1/accounts": Permission.ACCOUNTS,
    "POST /api/v1/accounts": Permission.ACCOUNTS,
    "POST /api/v1/accounts/{id}": Permission.ACCOUNTS,
    "POST /api/v1/accounts/{id}/invitation": Permission.ACCOUNTS,
    "GET /api/v1/tokens": Open.TO_SIGNED_IN,
    "POST /api/v1/tokens": Open.TO_BROWSERS,
    "DELETE /api/v1/tokens/{id}": Open.TO_BROWSERS,
    "GET /api/v1/audit": Permission.AUDIT,
    # GeoReport, where exports.open311 opens it
    "GET /open311/v2/discovery.{form}": Open.UNASKED,
    "GET /open311/v2/services.{form}": Open.UNASKED,
    "GET /open311/v2/services/{code}.{form}": Open.UNASKED,
    "GET /open311/v2/requests.{form}": Open.UNASKED,
    "GET /open311/v2/requests/{case_id}.{form}": Open.UNASKED,
    # the shops' page: its link is the key
    "GET /n/shop.css": Open.UNASKED,
    "GET /n/icon.svg": Open.UNASKED,
    "GET /n/{token}": Open.UNASKED,
    "GET /n/{token}/picture/{which}.jpg": Open.UNASKED,
    "POST /n/{token}/corrected": Open.UNASKED,
    "POST /n/{token}/contest": Open.UNASKED,
    "POST /n/{token}/confirm": Open.UNASKED,
    "POST /n/{token}/reject": Open.UNASKED,
}

SEEING: Final = frozenset({"POST /originals/{name}.jpg", "POST /api/v1/originals", "GET /shop-photos/{id}.jpg"})
"""What few may see: who sees it is written down before, by whoever answers, and so is who was refused."""


UNWRITTEN: Final = frozenset({"POST /api/v1/review/claims"})
"""Orders that change nothing which anybody reads later: pages send them by themselves every few seconds, and they would
bury in the audit what people did. Who was refused one is written down."""


def address_of(route: web.AbstractRoute) -> str:
    """A route as it is written above. HEAD needs what GET does."""
    method = "GET" if route.method == "HEAD" else route.method
    return f"{method} {route.resource.canonical if route.resource else ''}"


def permit_of(request: web.Request) -> Permit | None:
    """What a request needs; None if nobody has said it."""
    return PERMITS.get(address_of(request.match_info.route))
