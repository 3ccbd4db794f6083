"""Open311 in the OpenAPI document."""

import re
from typing import Any

from cases.exports.open311 import Request, Service, ServiceDefinition
from console.api.open311 import ROUTES, Trouble

_REF = "#/components/schemas/{name}"
_SHAPES = {"services": Service, "service": ServiceDefinition, "requests": Request, "one_request": Request}
_ASKED = {
    "service_request_id": "several, apart by commas; the others then do not count",
    "service_code": "several, apart by commas",
    "start_date": "ISO 8601 with an offset; 90 days before end_date, if not given",
    "end_date": "ISO 8601 with an offset; now, if not given; at most 90 days after start_date",
    "status": "open, closed",
}
_EXTENSIONS = {"extensions": "true: also extended_attributes, for which GeoReport has no names"}


def shapes() -> list[type]:
    """What its answers consist of."""
    return [*_SHAPES.values(), Trouble]


def paths() -> dict[str, Any]:
    """Its addresses."""
    found = {}
    for path, answer in ROUTES.items():
        plain = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path)
        name = answer.__name__
        asked = {"jurisdiction_id": "the site's division", **(_ASKED if name == "requests" else {})}
        asked |= _EXTENSIONS if name in {"requests", "one_request"} else {}
        parameters = [_parameter(part, "path", "") for part in re.findall(r"\{(\w+)\}", plain)]
        parameters += [_parameter(one, "query", said) for one, said in asked.items()]
        found[plain] = {
            "get": {
                "operationId": f"open311_{name}",
                "summary": f"Open311: {(answer.__doc__ or '').strip()}",
                "parameters": parameters,
                "responses": {
                    "200": _content(_schema(name), "The answer"),
                    "404": _missing(),
                    "default": _content(_errors(), "What is wrong"),
                },
            }
        }
    return found


def _schema(name: str) -> dict[str, Any]:
    if name == "discovery":
        return {"type": "object"}
    one = {"$ref": _REF.format(name=_SHAPES[name].__name__)}
    return one if name == "service" else {"type": "array", "items": one}


def _errors() -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": _REF.format(name=Trouble.__name__)}}


def _content(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}, "application/xml": {}}}


def _missing() -> dict[str, Any]:
    """Of an address that is none, such as one in another form, nobody knows in which form to say so."""
    told = _content(_errors(), "There is none, no such form, or Open311 is closed here")
    told["content"]["application/problem+json"] = {"schema": {"$ref": _REF.format(name="Problem")}}
    return told


def _parameter(name: str, where: str, said: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"} | ({"enum": ["json", "xml"]} if name == "form" else {})
    told = {"description": said} if said else {}
    return {"name": name, "in": where, "required": where == "path", "schema": schema, **told}
