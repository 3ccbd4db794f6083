"""What the OpenAPI document says of sessions."""

from typing import Any, Final

from console.api.account_shapes import OrderSession, SessionOut
from console.failures import Problem

SHAPES: Final = (OrderSession, SessionOut)


def paths() -> dict[str, Any]:
    """The operations on `/api/v1/session`."""
    return {
        "/api/v1/session": {
            "get": _operation("session", "Who asks, and what they may"),
            "post": _operation("start_session", "Sign in with a password; the answer sets the session's cookie")
            | {"requestBody": {"required": True, "content": {"application/json": {"schema": _ref(OrderSession)}}}},
            "delete": _operation("end_session", "Sign out"),
        }
    }


def _operation(name: str, summary: str) -> dict[str, Any]:
    answers = {"200": {"description": "Who asks, and what they may", "content": _json(SessionOut)}}
    if name == "start_session":
        answers["401"] = _problem("The name or the password is wrong")
        answers["429"] = _problem("Too many tries; Retry-After says when again")
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [],
        "responses": answers,
    }


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/problem+json": {"schema": _ref(Problem)}}}


def _json(shape: type) -> dict[str, Any]:
    return {"application/json": {"schema": _ref(shape)}}


def _ref(shape: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}
