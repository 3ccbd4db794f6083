"""The OpenAPI document is true."""

import json
import re

import msgspec
from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator

from console.api.openapi import openapi
from tests.console.reader import Client, json_of

METHODS = {"GET", "POST", "PUT", "DELETE"}
BESIDE_THE_API = {"/healthz", "/ready", "/metrics", "/evidence/{name}.jpg", "/shop-photos/{id}.jpg"} | {
    f"/cameras/{{camera_id}}/{which}.jpg" for which in ("view", "thumb")
}


def is_for_machines(path: str) -> bool:
    """Whether an address is no page."""
    return path.startswith(("/api/", "/open311/")) or path in BESIDE_THE_API


async def test_every_route_is_in_it(client: Client) -> None:
    """All that a machine may ask is described, and nothing else is."""
    app = client.app
    assert isinstance(app, web.Application)
    routes = {
        re.sub(r"\{(\w+):[^}]*\}", r"{\1}", resource.canonical)
        for resource in app.router.resources()
        if {route.method for route in resource} & METHODS
    }
    document = await json_of(client, "/api/v1/openapi.json")
    assert set(document["paths"]) == set(filter(is_for_machines, routes))


def test_every_method_is_in_it(client: Client) -> None:
    """And none that is not answered."""
    app = client.app
    assert isinstance(app, web.Application)
    answered = {
        (re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.resource.canonical), route.method.lower())
        for route in app.router.routes()
        if route.resource is not None and route.method in METHODS
    }
    told = {(path, method) for path, methods in openapi()["paths"].items() for method in methods}
    assert told == {(path, method) for path, method in answered if is_for_machines(path)}


def test_every_reference_leads_somewhere() -> None:
    """No dangling schema, no operation named twice."""
    document = openapi()
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))
    parts = document["components"]
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in parts[kind]}
    assert references == there
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_parameters_are_described() -> None:
    """Names, where they stand, bounds and defaults come from the same types that check them."""
    paths = openapi()["paths"]
    (limit,) = [p for p in paths["/api/v1/cases"]["get"]["parameters"] if p["name"] == "limit"]
    assert (limit["in"], limit["required"]) == ("query", False)
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"], limit["schema"]["default"]) == (1, 1000, 200)
    (case_id,) = paths["/api/v1/cases/{case_id}"]["get"]["parameters"]
    assert (case_id["in"], case_id["required"]) == ("path", True)


def test_the_document_is_openapi() -> None:
    """By the schema of OpenAPI 3.1 itself."""
    document = msgspec.json.decode(msgspec.json.encode(openapi()))
    assert [wrong.message for wrong in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_answers_are_told_one_by_one() -> None:
    """No operation of the API hides what may come behind `default`."""
    for path, methods in openapi()["paths"].items():
        if path.startswith("/api/v1/"):
            for method, operation in methods.items():
                assert "default" not in operation["responses"], (method, path)
                assert operation["summary"], (method, path)
