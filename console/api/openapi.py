"""The OpenAPI document, made from the same lists of reads and writes that answer them."""

from functools import cache
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from console.api import account_document, camera_document, event_document, open311_document, originals
from console.api.answers import OverviewOut
from console.api.bodies import OrderLetters
from console.api.catalogue import READS, WRITES
from console.api.event_document import event_shape
from console.api.reads import Read
from console.api.refusals_document import RESPONSES, refusals
from console.api.refusals_document import same as not_modified
from console.api.tags import is_known, same, weak
from console.api.writes import Write
from console.failures import Problem
from console.packing import packed
from console.permits import PERMITS, Open, Permit
from domain.permission import EVERYBODY

_REF = "#/components/schemas/{name}"
_OF_A_CASE: list[dict[str, Any]] = [
    {"name": "case_id", "in": "path", "required": True, "schema": {"type": "string"}},
    {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the case as it was seen; if it has changed since, nothing is done (412)",
        "schema": {"type": "string"},
    },
]
_IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the answer that you have; if nothing in it has changed, you are told so (304)",
    "schema": {"type": "string"},
}
_ETAG: dict[str, Any] = {
    "schema": {"type": "string"},
    "description": "Of what is in the answer, but for when it was asked",
}
_LINK: dict[str, Any] = {
    "schema": {"type": "string"},
    "description": "Where the next page is, if there is one (RFC 8288)",
}
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of an account, or the `console.api_token` of site.yaml",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "longcheng_session",
        "description": "Set by `POST /api/v1/session`; over TLS it is called `__Host-longcheng_session`",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "With a session, for every change: what `GET /api/v1/session` tells",
    },
}
# What __post_init__ checks, and msgspec can't say.
_RULES = {OrderLetters.__name__: {"minProperties": 1, "maxProperties": 1}}


async def document(request: web.Request) -> web.Response:
    """`/api/v1/openapi.json`: this document."""
    body, tag = _encoded()
    if is_known(request, tag):
        return same(tag)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    return packed(web.Response(body=body, headers=headers, content_type="application/json"))


@cache
def _encoded() -> tuple[bytes, str]:
    body = msgspec.json.encode(openapi())
    return body, weak(body)


def openapi() -> dict[str, Any]:
    """OpenAPI 3.1 for everything a machine may ask."""
    bodies = [write.order for write in WRITES if write.method != "delete"]
    shapes = [*(read.shape for read in READS), *(write.shape for write in WRITES), *bodies]
    others = [*open311_document.shapes(), *account_document.SHAPES, originals.OrderOriginal, Problem]
    _, components = msgspec.json.schema_components([*shapes, *others], ref_template=_REF)
    for ask in {read.ask for read in READS}:
        _, asked = msgspec.json.schema_components([ask], ref_template=_REF)
        components |= {name: schema for name, schema in asked.items() if name != ask.__name__}
    components |= {name: components[name] | rule for name, rule in _RULES.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Longcheng",
            "version": "1",
            "description": "The state of the city, and what is done about it. `x-permission` says what is needed; "
            "an account has the permissions of its role, a token its scopes, in its sub-districts.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _secured(
            _paths()
            | _others()
            | originals.paths()
            | event_document.paths()
            | account_document.paths()
            | open311_document.paths()
        ),
        "components": {"schemas": components, "responses": RESPONSES, "securitySchemes": _SCHEMES},
    }


def _secured(paths: dict[str, Any]) -> dict[str, Any]:
    """Each operation with what it needs, as the gate has it. `{}` among it: nothing, where the console is open."""
    for path, methods in paths.items():
        for method, operation in methods.items():
            permit = PERMITS[f"{method.upper()} {path}"]
            change: list[dict[str, list[str]]] = [{"token": []}, {"session": [], "csrf": []}]
            match permit:
                case Open.UNASKED | Open.TO_ALL:
                    operation["security"] = []
                case Open.TO_BROWSERS:
                    operation["security"] = change[1:]
                case Open.TO_SIGNED_IN:
                    operation["security"] = [{"token": []}, {"session": []}]
                case _:
                    open_: list[dict[str, list[str]]] = [{}] if permit in EVERYBODY else []
                    operation["security"] = [*open_, {"token": []}, {"session": []}] if method == "get" else change
                    operation["x-permission"] = permit.value
            if path.startswith("/api/v1/"):
                _refused(operation, method, permit)
    return paths


def _refused(operation: dict[str, Any], method: str, permit: Permit) -> None:
    """Says exactly which answers an operation of the API may give, in place of `default`."""
    parameters = operation["parameters"]
    matched = any(one["name"] == "If-Match" for one in parameters)
    own = {status: answer for status, answer in operation["responses"].items() if status != "default"}
    operation["responses"] = own | {
        status: answer
        for status, answer in refusals(method, permit, asks=bool(parameters), matched=matched).items()
        if status not in own
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for read in READS:
        paths.setdefault(read.path, {})["get"] = _operation(read)
    for write in WRITES:
        paths.setdefault(write.path, {})[write.method] = _order(write)
    return paths


def _operation(read: Read[Any]) -> dict[str, Any]:
    parameters = _parameters(read.ask, read.path)
    told = _content("application/json", {"$ref": _REF.format(name=read.shape.__name__)}, "The answer")
    headers = {"ETag": _ETAG, "Cache-Control": {"schema": {"type": "string"}}}
    if "next" in read.shape.__struct_fields__:
        headers["Link"] = _LINK
    return {
        "operationId": read.answer.__name__,
        "summary": read.summary,
        "parameters": [*parameters, *([] if read.grows else [_IF_NONE_MATCH])],
        "responses": {"200": told | {"headers": headers}, **({} if read.grows else not_modified())},
    }


def _parameters(asked: type[Struct], path: str) -> list[dict[str, Any]]:
    _, described = msgspec.json.schema_components([asked], ref_template=_REF)
    fields = described[asked.__name__]
    return [
        {
            "name": name,
            "in": "path" if f"{{{name}}}" in path else "query",
            "required": name in fields.get("required", []),
            "schema": schema,
        }
        for name, schema in fields["properties"].items()
    ]


def _told(write: Write[Any]) -> dict[str, Any]:
    """Where a write is told what to do: in its path, and in its body or, of a DELETE, its query."""
    about = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    }
    of_case = _OF_A_CASE if "{case_id}" in write.path else []
    parameters = [about] if "{id}" in write.path else camera_document.told(write) or of_case
    if write.method == "delete":
        return {"parameters": parameters + _parameters(write.order, write.path)}
    body = {"application/json": {"schema": {"$ref": _REF.format(name=write.order.__name__)}}}
    return {"parameters": parameters, "requestBody": {"required": True, "content": body}}


def _order(write: Write[Any]) -> dict[str, Any]:
    done = _content("application/json", {"$ref": _REF.format(name=write.shape.__name__)}, "What came of it")
    taken = {"412": _problem("Somebody else is on it, whom `instead_of` does not name; nothing was done")}
    return {
        "operationId": write.carry_out.__name__,
        "summary": write.summary,
        **_told(write),
        "responses": {
            str(write.status): done,
            "404": _problem("One of the ids does not exist; nothing was done"),
        }
        | (taken if "instead_of" in write.order.__struct_fields__ else {}),
    }


def _problem(description: str) -> dict[str, Any]:
    return _content("application/problem+json", {"$ref": _REF.format(name="Problem")}, description)


def _content(media: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {media: {"schema": schema}}}


def _others() -> dict[str, Any]:
    text = {"type": "string"}
    overview = {"$ref": _REF.format(name=OverviewOut.__name__)}
    stream = event_shape(overview)
    return {
        "/api/v1/live": _get(
            "live",
            "The overview again after every change (server-sent events)",
            {
                "200": _content(
                    "text/event-stream", stream, "hello, update and beat events; the data of an update is an overview"
                )
            },
        ),
        "/api/v1/openapi.json": _get(
            "openapi", "This document", {"200": _content("application/json", {"type": "object"}, "OpenAPI 3.1")}
        ),
        **_pictures(),
        "/healthz": _get("alive", "Whether the process answers", {"200": _content("text/plain", text, "It does")}),
        "/ready": _get(
            "ready",
            "Whether the service does its work",
            {
                "200": _content("application/json", {}, "It does"),
                "503": _content("application/json", {}, "It does not, and why"),
            },
        ),
        "/metrics": _get(
            "metrics", "Figures for Prometheus", {"200": _content("text/plain", text, "Text exposition format")}
        ),
    }


def _pictures() -> dict[str, Any]:
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    evidence = ("/evidence/{name}.jpg", "evidence", "The blurred copy of an evidence picture", [name])
    there, none = _content("image/jpeg", {}, "The picture"), _problem("No such picture")
    return {
        path: _get(operation, summary, {"200": there, "404": none}, told)
        for path, operation, summary, told in (evidence, *camera_document.PICTURES)
    }


def _get(name: str, summary: str, responses: dict[str, Any], parameters: list[Any] | None = None) -> dict[str, Any]:
    return {"get": {"operationId": name, "summary": summary, "parameters": parameters or [], "responses": responses}}
