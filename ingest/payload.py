"""JSON as senders write it."""

import json
from typing import Final

import msgspec

from domain.message import RejectReason
from ingest.decoded import Unfit, shown

_JSON: Final = msgspec.json.Decoder()


def parse(payload: bytes) -> object:
    """What the bytes say. Raises Unfit(DECODE)."""
    try:
        return _JSON.decode(payload)
    except (ValueError, RecursionError):
        pass
    # Many an embedded printf writes NaN or inf, which JSON does not have. That must cost one value, not all.
    try:
        content: object = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise Unfit(RejectReason.DECODE, f"not JSON in UTF-8: {shown(str(wrong))}") from None
    return content


def parse_object(payload: bytes) -> dict[str, object]:
    """The one object they hold. Raises Unfit: DECODE, or SCHEMA if it is something else."""
    content = parse(payload)
    if not isinstance(content, dict):
        raise Unfit(RejectReason.SCHEMA, f"{shown(content)} is not an object")
    return content


def inner(content: dict[str, object], name: str) -> dict[str, object]:
    """The object under this name; empty where it is missing or something else."""
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def inner_list(content: dict[str, object], name: str) -> list[dict[str, object]]:
    """The objects of the list under this name; none where it is missing or something else."""
    found = content.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
