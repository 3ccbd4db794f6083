"""What InfluxDB's answers to a write mean. Versions 2 and 3 share the endpoint and differ in what they answer."""

import re

from msgspec import Struct

from storage.series.http import Answer
from storage.series.sending import Refusal

_DROPPED = re.compile(r"\bpartial write\b.*\bdropped=(\d+)\b", re.DOTALL)
_PARTIAL_3 = "partial write of line protocol occurred"
_WHOLE_3 = frozenset({"parsing failed for write_lp endpoint", "line protocol parsing error"})


class _Complaint2(Struct, frozen=True):
    """The body of an error of InfluxDB 2."""

    code: str
    message: str = ""


class _BadLine(Struct, frozen=True):
    error_message: str
    line_number: int


class _Complaint3(Struct, frozen=True):
    """The body of an error of InfluxDB 3: a list if the other lines are stored, one line if nothing is."""

    error: str
    data: list[_BadLine] | _BadLine | None = None


def refusal(answer: Answer) -> Refusal | None:
    """The refusal in an answer that is about lines; None for one about anything else, e.g. a proxy's own 400.

    It goes by the shape of the body, not by a version asked for earlier: a server may be replaced at any time.
    """
    if answer.status == 413:
        return Refusal(reason="too large for the store")
    if complaint := answer.as_json(_Complaint2):
        return _refusal_2(answer.status, complaint)
    if answer.status == 400 and (other := answer.as_json(_Complaint3)):
        return _refusal_3(other)
    return None


def said(answer: Answer) -> str | None:
    """What InfluxDB itself says; None where the body is somebody else's."""
    if complaint := answer.as_json(_Complaint2):
        return complaint.message or complaint.code
    other = answer.as_json(_Complaint3)
    return other.error if other else None


def _refusal_2(status: int, complaint: _Complaint2) -> Refusal | None:
    """400: nothing is stored. 422: all but `dropped` are; up to 2.0.3 that came as a 500."""
    dropped = _DROPPED.search(complaint.message) if status in {422, 500} else None
    if (status, complaint.code) in {(400, "invalid"), (422, "unprocessable entity")} or dropped:
        return Refusal(reason=complaint.message, dropped=int(dropped[1]) if dropped else None)
    return None


def _refusal_3(complaint: _Complaint3) -> Refusal | None:
    """A list names lines, 100 at most, and all good ones are stored. A single line stopped the whole request.

    Then the line is not taken at its number: in that answer versions differ in what they count.
    """
    if complaint.error == _PARTIAL_3 and isinstance(complaint.data, list):
        named = {bad.line_number - 1: bad.error_message for bad in complaint.data}
        return Refusal(reason=complaint.data[0].error_message if complaint.data else _PARTIAL_3, named=named)
    if complaint.error in _WHOLE_3 and isinstance(complaint.data, _BadLine):
        return Refusal(reason=complaint.data.error_message)
    return None
