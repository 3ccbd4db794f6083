"""Pictures as they were taken, for programs; and what the OpenAPI document says of them and of shops' photos."""

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from console.api.bodies import Order
from console.api.text import is_storable
from console.pages.originals import LONGEST, SHORTEST, original_for

_REF = "#/components/schemas/{name}"


class OrderOriginal(Order, frozen=True, kw_only=True):
    """Which original, by the name of its picture, and why. The reason is kept for good."""

    name: Annotated[
        str, Meta(min_length=1, max_length=400, description="of an evidence picture: its address without `.jpg`")
    ]
    reason: Annotated[str, Meta(min_length=SHORTEST, max_length=LONGEST)]


async def original(request: web.Request) -> web.Response:
    """`POST /api/v1/originals`: the same as a page's form, told in JSON."""
    try:
        order = msgspec.json.decode(await request.read(), type=OrderOriginal)
    except msgspec.DecodeError as wrong:
        raise web.HTTPBadRequest(text=f"the body of {request.path}: {wrong}") from None
    if not is_storable(order.name + order.reason):
        raise web.HTTPBadRequest(text="name or reason has a character in it that is no text")
    return await original_for(request, order.name, order.reason)


def paths() -> dict[str, Any]:
    """The two operations."""
    jpeg = {"description": "The picture", "content": {"image/jpeg": {}}}
    body = {"application/json": {"schema": {"$ref": _REF.format(name=OrderOriginal.__name__)}}}
    wait = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before another try"}}
    reply = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    return {
        "/api/v1/originals": {
            "post": {
                "operationId": "original",
                "summary": "A picture as it was taken; who sees it and why is written down first",
                "parameters": [],
                "requestBody": {"required": True, "content": body},
                "responses": {
                    "200": jpeg,
                    "404": _problem("There is no such picture, or it lies elsewhere"),
                    "429": _problem("Who asks has seen many just now") | {"headers": wait},
                },
            }
        },
        "/shop-photos/{id}.jpg": {
            "get": {
                "operationId": "shop_photo",
                "summary": "The photo that a shop sent with its word; who sees it is written down first",
                "parameters": [reply],
                "responses": {"200": jpeg, "404": _problem("There is no such picture, or it lies elsewhere")},
            }
        },
    }


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="Problem")}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}
