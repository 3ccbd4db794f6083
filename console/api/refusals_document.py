"""What the OpenAPI document says of answers that are no success: which of them an operation may give, and why."""

from typing import Any, Final

from console.failures import Problem
from console.permits import Open, Permit

_SCHEMA: Final = {"$ref": f"#/components/schemas/{Problem.__name__}"}
_CHALLENGE: Final = {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to show who asks"}}
_LATER: Final = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before another try"}}

_TOLD: Final[dict[int, tuple[str, str, dict[str, Any]]]] = {
    400: ("Wrong", "What is asked or ordered cannot be: a name, a value, a cursor", {}),
    401: ("Unknown", "Nobody is signed in, or the token opens nothing", _CHALLENGE),
    403: ("NotAllowed", "Who asks has not the permission, or shows no X-CSRF-Token of the session", {}),
    404: ("NotThere", "There is none of this id, or none in the sub-districts of who asks; nothing was done", {}),
    409: ("Over", "What it is about is over, or not where this could be done; nothing was done", {}),
    412: ("ChangedMeanwhile", "It has changed since it was seen; nothing was done", {}),
    413: ("TooLong", "The body is longer than anything that can be ordered", {}),
    421: ("NotHere", "The console is not called by this Host", {}),
    503: ("NotNow", "The journal or the store takes no more, or does not answer; try again", _LATER),
}
SAME: Final = "Same"

RESPONSES: Final[dict[str, Any]] = {
    name: {
        "description": description,
        "content": {"application/problem+json": {"schema": _SCHEMA}},
        **({"headers": headers} if headers else {}),
    }
    for name, description, headers in _TOLD.values()
} | {
    SAME: {
        "description": "What you have is still so: its ETag is the one in If-None-Match",
        "headers": {"ETag": {"schema": {"type": "string"}}},
    }
}
"""For `components.responses`."""


def refusals(method: str, permit: Permit, *, asks: bool, matched: bool) -> dict[str, Any]:
    """What an operation of the API may answer but success. `asks`: it is asked with something; `matched`: with a
    version that was seen."""
    changes = method != "get"
    statuses = {421, 503}
    if permit is not Open.UNASKED:
        statuses |= {401} if permit is Open.TO_ALL and not changes else {401, 403}
    if asks or changes:
        statuses |= {400, 404} if asks else {400}
    if changes:
        statuses |= {409, 413}
    if matched:
        statuses.add(412)
    return {str(status): {"$ref": f"#/components/responses/{_TOLD[status][0]}"} for status in sorted(statuses)}


def same() -> dict[str, Any]:
    """304, for what has a tag."""
    return {"304": {"$ref": f"#/components/responses/{SAME}"}}
