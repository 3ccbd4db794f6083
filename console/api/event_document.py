"""What the OpenAPI document says of the stream of events, which is no plain read."""

from typing import Any

import msgspec

from console.api.events import AskEventStream, EventOut

_REF = "#/components/schemas/{name}"


def paths() -> dict[str, Any]:
    """The one path."""
    _, described = msgspec.json.schema_components([AskEventStream], ref_template=_REF)
    asked = described[AskEventStream.__name__]["properties"]
    query = [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in asked.items()]
    resume = {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "description": "The id of the last event that came; a browser sends it by itself",
        "schema": {"type": "integer", "minimum": 0},
    }
    event = {"$ref": _REF.format(name=EventOut.__name__)}
    stream = event_shape(event)
    problem = {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}}
    return {
        "/api/v1/events/live": {
            "get": {
                "operationId": "event_stream",
                "summary": "Each event once, in order, from the one after the last that came (server-sent events)",
                "parameters": [*query, resume],
                "responses": {
                    "200": {
                        "description": "hello, event and beat, each with the id up to which nothing was left out",
                        "content": {"text/event-stream": {"schema": stream}},
                    },
                    "default": {"description": "What is wrong (RFC 9457)", "content": problem},
                },
            }
        }
    }


def event_shape(data: dict[str, Any]) -> dict[str, Any]:
    """One event of a stream, its parts by name; `data` is the shape of what an update carries, as JSON in a string."""
    told = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    text = {"type": "string"}
    parts = {"event": text, "data": told, "id": text, "retry": {"type": "integer"}}
    return {"type": "object", "properties": parts}
