"""What comes off the broker, before anyone reads it."""

from enum import StrEnum

from msgspec import Struct


class RawMessage(Struct, frozen=True, kw_only=True, gc=False):
    """One MQTT message as received."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    received_ms: int


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """A message with its place in the journal. `seq` only grows."""

    seq: int
    message: RawMessage


class RejectReason(StrEnum):
    """Why a message, or part of one, could not be used."""

    TOPIC = "topic"  # no kind, profile or payload of ours under this topic
    DECODE = "decode"  # not the format it should be
    SCHEMA = "schema"  # the format, but not its shape
    UNKNOWN_DEVICE = "unknown_device"
    UNKNOWN_METRIC = "unknown_metric"
    TYPE = "type"  # a value that cannot be the metric's type
    RANGE = "range"  # outside what is physically plausible
    TIMESTAMP = "timestamp"
    RETAINED = "retained"  # told again by the broker, and without a time of its own
    RATE_LIMITED = "rate_limited"
    NO_BIRTH = "no_birth"  # a Sparkplug alias of which no birth certificate was heard
    SIMULATED = "simulated"  # made up at a LoRaWAN server's console
    DAMAGED = "damaged"  # the journal could not read it back; the payload is what was found
    OVERSIZE = "oversize"
    EVALUATION = "evaluation"  # the rules or the book failed on it; see the log
    SINK_REJECTED = "sink_rejected"  # the series store will never take it


class Reject(Struct, frozen=True, kw_only=True, gc=False):
    """A part of a message that is set aside, and why. `part` names it, e.g. `tilt_degrees`; "" is all of it."""

    reason: RejectReason
    detail: str
    part: str = ""


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A message that is kept because it, or a part of it, could not be used."""

    id: int
    seq: int
    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    received_ms: int
    reason: RejectReason
    part: str
    detail: str
    decoder: str
