"""Open311 GeoReport v2, read only: what is on the books, for other systems. Closed unless the settings open it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement

import msgspec
from aiohttp import web
from msgspec import Struct

from cases.exports.open311 import Request, Service, ServiceDefinition, as_xml, request_of, service_of, xml
from config.load import Site
from console.keys import CLOCK, SITE
from console.pages.pictures import Pictures
from console.scope.seats import desk_of
from domain.case import Case
from domain.clock import epoch_ms

BASE: Final = "/open311/v2"
CHANGESET: Final = "2026-11-30T00:00:00Z"
_SPAN_MS: Final = 90 * 86_400_000
_MOST: Final = 1000
_STATUS: Final = {"open": True, "closed": False}
_MEDIA: Final = {"json": "application/json", "xml": "application/xml"}
_ASKED: Final = frozenset(
    {"jurisdiction_id", "service_request_id", "service_code", "start_date", "end_date", "status", "extensions"}
)


class Wrong(Exception):
    """What was asked cannot be answered. `code` is HTTP's."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Trouble(Struct, frozen=True):
    """GeoReport's form of an error."""

    code: int
    description: str


Answer = Callable[[web.Request, str], bytes]


def handler(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    """An answer in JSON or XML, as the address says; errors in the same form."""

    async def respond(request: web.Request) -> web.Response:
        form = request.match_info["form"]
        try:
            _admit(request)
            body, status = await asyncio.to_thread(answer, request, form), 200
        except Wrong as wrong:
            body, status = _wrong(wrong, form), wrong.code
        headers = {"Access-Control-Allow-Origin": "*"}
        return web.Response(body=body, status=status, content_type=_MEDIA[form], charset="utf-8", headers=headers)

    return respond


def discovery(request: web.Request, form: str) -> bytes:
    """Where GeoReport is, and in which forms."""
    site: Site = request.app[SITE]
    exports = site.settings.exports
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{_url(request)}{BASE}",
        "changeset": CHANGESET,
        "type": "test" if site.settings.demo else "production",
    }
    formats = ["application/json", "application/xml"]
    head = {"changeset": CHANGESET, "contact": exports.contact, "key_service": ""}
    if form == "json":
        return msgspec.json.encode({**head, "endpoints": [{**endpoint, "formats": formats}]})
    top = Element("discovery")
    for name, value in head.items():
        SubElement(top, name).text = value
    below = SubElement(SubElement(top, "endpoints"), "endpoint")
    for name, value in endpoint.items():
        SubElement(below, name).text = value
    listed = SubElement(below, "formats")
    for media in formats:
        SubElement(listed, "format").text = media
    return as_xml(top)


def services(request: web.Request, form: str) -> bytes:
    """The kinds of case."""
    site: Site = request.app[SITE]
    found = [service_of(code, matter, site) for code, matter in sorted(site.matters.items())]
    return _list(found, form, "services", "service")


def service(request: web.Request, form: str) -> bytes:
    """One kind of case: it takes no attributes."""
    code = request.match_info["code"]
    if code not in request.app[SITE].matters:
        raise Wrong(404, f"there is no service_code {code!r}")
    found = ServiceDefinition(service_code=code)
    if form == "json":
        return msgspec.json.encode(found)
    top = Element("service_definition")
    SubElement(top, "service_code").text = code
    SubElement(top, "attributes")
    return as_xml(top)


def requests(request: web.Request, form: str) -> bytes:
    """Cases by when they were opened, the newest first: of 90 days at most, and 1000 at most."""
    if unknown := sorted(set(request.query) - _ASKED):
        raise Wrong(400, f"{unknown[0]!r} is no parameter; there is {', '.join(sorted(_ASKED))}")
    desk = desk_of(request)
    if ids := _several(request, "service_request_id"):
        found = [case for one in ids[:_MOST] if (case := desk.case(one))]
    else:
        from_ms, to_ms = _span(request)
        wanted = {_status(one) for one in _several(request, "status")}
        matters = _several(request, "service_code")
        open_only = wanted.pop() if len(wanted) == 1 else None
        found = list(desk.cases_opened(from_ms, to_ms, limit=_MOST, open_only=open_only, matters=matters))
    return _list(_told(request, found), form, "service_requests", "request")


def one_request(request: web.Request, form: str) -> bytes:
    """One case, as a list of one."""
    case_id = request.match_info["case_id"]
    if (case := desk_of(request).case(case_id)) is None:
        raise Wrong(404, f"there is no service_request_id {case_id!r}")
    return _list(_told(request, [case]), form, "service_requests", "request")


def _told(request: web.Request, cases: Sequence[Case]) -> list[Request]:
    site, pictures = request.app[SITE], Pictures(desk_of(request))
    extended = _yes(request, "extensions")
    out = []
    for case in cases:
        address = pictures.url(case.confirmed)
        out.append(request_of(case, site, f"{_url(request)}{address}" if address else None, extended=extended))
    return out


def _yes(request: web.Request, name: str) -> bool:
    said = request.query.get(name, "false")
    if said not in {"true", "false"}:
        raise Wrong(400, f"{name} is {said!r}; it can be true or false")
    return said == "true"


def _list(found: list[Request] | list[Service], form: str, root: str, item: str) -> bytes:
    return msgspec.json.encode(found) if form == "json" else xml(root, item, found)


def _wrong(wrong: Wrong, form: str) -> bytes:
    trouble = [Trouble(wrong.code, wrong.description)]
    return msgspec.json.encode(trouble) if form == "json" else xml("errors", "error", list[Struct](trouble))


def _admit(request: web.Request) -> None:
    """Whoever means this jurisdiction, the site's division or its name, if anybody is to read here at all."""
    settings = request.app[SITE].settings
    if not settings.exports.open311:
        raise Wrong(404, "Open311 is not served here; exports.open311 in site.yaml opens it")
    asked = request.query.get("jurisdiction_id")
    if asked and asked not in {settings.division, settings.site}:
        raise Wrong(404, f"jurisdiction_id is {asked!r}; this is {settings.division}")


def _url(request: web.Request) -> str:
    return request.app[SITE].settings.exports.url or str(request.url.origin())


def _several(request: web.Request, name: str) -> list[str]:
    """Values of a parameter, apart by commas."""
    return [one.strip() for value in request.query.getall(name, []) for one in value.split(",") if one.strip()]


def _status(text: str) -> bool:
    if text not in _STATUS:
        raise Wrong(400, f"status is {text!r}; it is open or closed")
    return _STATUS[text]


def _span(request: web.Request) -> tuple[int, int]:
    """The time asked for: 90 days up to now, or from or up to the one that is given. The end is part of it."""
    begins, ends = _moment(request, "start_date"), _moment(request, "end_date")
    if ends is None:
        ends = begins + _SPAN_MS if begins is not None else request.app[CLOCK].now_ms()
    begins = ends - _SPAN_MS if begins is None else begins
    if begins > ends:
        raise Wrong(400, "start_date is later than end_date")
    if ends - begins > _SPAN_MS:
        raise Wrong(400, "from start_date to end_date it is more than 90 days; ask for less at a time")
    return begins, ends + 1000


def _moment(request: web.Request, name: str) -> int | None:
    # In an address a + is a space; whoever forgets to escape it means an offset all the same.
    text = request.query.get(name, "").replace(" ", "+")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong(400, f"{name} is {text!r}; write 2026-11-30T08:00:00+08:00") from None
    if at.tzinfo is None:
        raise Wrong(400, f"{name} is {text!r}, without an offset; write 2026-11-30T08:00:00+08:00")
    return epoch_ms(at)


ROUTES: Final[dict[str, Answer]] = {
    f"{BASE}/discovery.{{form:json|xml}}": discovery,
    f"{BASE}/services.{{form:json|xml}}": services,
    f"{BASE}/services/{{code:[0-9]+}}.{{form:json|xml}}": service,
    f"{BASE}/requests.{{form:json|xml}}": requests,
    f"{BASE}/requests/{{case_id:[0-9A-Za-z-]+}}.{{form:json|xml}}": one_request,
}
