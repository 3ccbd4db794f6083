"""The native telemetry payload: `{"ts", "metrics": {…}, "port"}`, or a list of such as back-fill."""

from typing import Any, Final

import msgspec

from domain.message import RawMessage, Reject, RejectReason
from ingest.decoded import Unfit, shown
from ingest.moment import Moment
from ingest.payload import parse
from ingest.times import read_time


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A payload as nearly all are: one moment, with a time in milliseconds."""

    metrics: dict[str, Any]
    ts: int
    port: int | None = None


_PLAIN: Final = msgspec.json.Decoder(Plain)


def plain(message: RawMessage) -> Plain | None:
    """The quick way for what is nothing but plain; None for all else, which `decode` can read, or say why not."""
    try:
        return _PLAIN.decode(message.payload)
    except (ValueError, RecursionError):
        return None


def decode(message: RawMessage) -> tuple[list[Moment], list[Reject]]:
    """Every moment the message holds, and the parts that none could be made of. Raises Unfit if that is all of it."""
    content = parse(message.payload)
    rejects: list[Reject] = []
    if not isinstance(content, list):
        return [_moment(content, "", rejects)], rejects
    if not content:
        raise Unfit(RejectReason.SCHEMA, "the list is empty")
    moments: list[Moment] = []
    for index, element in enumerate(content):
        part = f"[{index}]"
        try:
            moments.append(_moment(element, part, rejects))
        except Unfit as unfit:
            rejects.append(unfit.reject(part))
    return moments, rejects


def _moment(content: object, part: str, rejects: list[Reject]) -> Moment:
    if not isinstance(content, dict):
        raise Unfit(RejectReason.SCHEMA, f"{shown(content)} is not an object with metrics")
    metrics = content.get("metrics")
    if not isinstance(metrics, dict) or not metrics:
        raise Unfit(RejectReason.SCHEMA, f"metrics is {shown(metrics)}; it must be an object that names some")
    at_ms = content.get("ts")
    if at_ms is not None:
        try:
            at_ms = read_time(at_ms)
        except Unfit as unfit:
            rejects.append(unfit.reject(f"{part}.ts" if part else "ts"))
            at_ms = None
    return Moment(values=metrics, at_ms=at_ms, port=content.get("port"), part=part)
