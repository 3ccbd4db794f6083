"""What comes out of a decoder, and how it sets aside what it cannot use."""

from typing import Final

from msgspec import Struct

from domain.message import Reject, RejectReason
from domain.reading import Reading, Status
from domain.sighting import Sighting

Observation = Reading | Sighting | Status

_SHOWN: Final = 80


class Reply(Struct, frozen=True, gc=False):
    """What the sender is to be told, such as to introduce itself again."""

    topic: str
    payload: bytes


class Decoded(Struct, frozen=True, gc=False):
    """What one message said, and which parts of it could not be used."""

    observations: tuple[Observation, ...] = ()
    rejects: tuple[Reject, ...] = ()
    replies: tuple[Reply, ...] = ()


class Unfit(Exception):
    """A part of a message that cannot be used, inside a decoder only: it ends as a Reject."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")

    def reject(self, part: str = "") -> Reject:
        """This, as what is kept about it."""
        return Reject(reason=self.reason, detail=self.detail, part=part)


def refused(reason: RejectReason, detail: str, part: str = "") -> Decoded:
    """A message of which nothing could be used."""
    return Decoded(rejects=(Reject(reason=reason, detail=detail, part=part),))


def shown(raw: object) -> str:
    """A sender's value as it may stand in a text of ours: short, printable, storable anywhere."""
    if isinstance(raw, list | dict):  # never its repr: that can be deeper than the stack, and a megabyte long
        return f"a list of {len(raw)}" if isinstance(raw, list) else f"an object of {len(raw)}"
    text = raw if isinstance(raw, str) else repr(raw)
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…"
    return text if text.isprintable() else repr(text)[1:-1]
