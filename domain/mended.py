"""Messages that could not be used, and what people did about them."""

from enum import StrEnum

from msgspec import Struct

from domain.message import RejectReason


class Settled(StrEnum):
    """How a person has dealt with a dead letter, so that it is no more."""

    MENDED = "mended"
    REPLAYED = "replayed"
    PURGED = "purged"


class Mended(Struct, frozen=True, kw_only=True):
    """What came, and what was put through in its place. Its topic and payload changed and nothing else."""

    id: int
    at_ms: int
    who: str
    why: str
    letter_id: int
    """Of the letter by which it was found; that letter is gone."""
    reason: RejectReason
    received_ms: int
    topic: str
    payload: bytes
    """As it came."""
    new_topic: str
    new_payload: bytes
    seq: int
    """The place of the mended message in the journal."""
