"""The bytes of Sparkplug B's payload: the dozen fields of the standard's protobuf message that we use, and no more.

Written out because that is all there is to it: a generated module would bring a runtime of its own that must match
it, and still leave to us what each datatype makes of its number.
"""

import struct
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

REBIRTH: Final = "Node Control/Rebirth"
BOOLEAN: Final = 11
"""Sparkplug's number for the datatype Boolean."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_UINT64: Final = (1 << 64) - 1
_LONGEST_VARINT: Final = 10

Field = tuple[int, int | bytes]


class Metric(Struct, frozen=True, kw_only=True, gc=False):
    """One metric as it was sent. `value` is None if none was; `form` says in which of the message's fields it came."""

    name: str | None = None
    alias: int | None = None
    at_ms: int | None = None
    datatype: int | None = None
    is_historical: bool = False
    is_null: bool = False
    form: str | None = None
    value: int | float | bool | str | None = None


class Payload(Struct, frozen=True, kw_only=True, gc=False):
    """One Sparkplug message. `seq` counts 0 to 255, and again."""

    at_ms: int | None = None
    seq: int | None = None
    compressed: bool = False
    metrics: tuple[Metric, ...] = ()


def read(payload: bytes) -> Payload:
    """What the bytes say; fields we don't use are passed over. Raises ValueError if they are no such message."""
    found: dict[str, int] = {}
    metrics: list[Metric] = []
    compressed = False
    for number, raw in _fields(payload):
        if number == 2:
            metrics.append(_metric(_wanted_bytes(raw)))
        elif number in (1, 3):
            found["at_ms" if number == 1 else "seq"] = _wanted_int(raw)
        elif number == 4:
            compressed = _wanted_bytes(raw) == b"SPBV1.0_COMPRESSED"
    return Payload(at_ms=found.get("at_ms"), seq=found.get("seq"), compressed=compressed, metrics=tuple(metrics))


def rebirth_request(at_ms: int) -> bytes:
    """The payload of the command that asks a node to introduce itself again."""
    name = REBIRTH.encode()
    metric = b"\x0a" + _varint(len(name)) + name + b"\x20" + _varint(BOOLEAN) + b"\x70\x01"
    return b"\x08" + _varint(at_ms) + b"\x12" + _varint(len(metric)) + metric


def _metric(payload: bytes) -> Metric:
    said: dict[str, object] = {}
    for number, raw in _fields(payload):
        if number == 1:
            said["name"] = _wanted_bytes(raw).decode("utf-8")
        elif number in _NUMBERS:
            said[_NUMBERS[number]] = _wanted_int(raw)
        elif number in _FLAGS:
            said[_FLAGS[number]] = _wanted_int(raw) != 0
        elif number in _FORMS:
            said["form"] = _FORMS[number]
            said["value"] = _value(number, raw)
    return Metric(**said)  # type: ignore[arg-type]  # each is what its table says


_NUMBERS: Final = {2: "alias", 3: "at_ms", 4: "datatype"}
_FLAGS: Final = {5: "is_historical", 7: "is_null"}
_FORMS: Final = {
    10: "int",
    11: "long",
    12: "float",
    13: "double",
    14: "boolean",
    15: "string",
    16: "bytes",
    17: "dataset",
    18: "template",
    19: "extension",
}


def _value(number: int, raw: int | bytes) -> int | float | bool | str | None:
    match _FORMS[number]:
        case "int" | "long":
            return _wanted_int(raw)
        case "boolean":
            return _wanted_int(raw) != 0
        case "float":
            return float(struct.unpack("<f", _wanted_bytes(raw, 4))[0])
        case "double":
            return float(struct.unpack("<d", _wanted_bytes(raw, 8))[0])
        case "string":
            return _wanted_bytes(raw).decode("utf-8")
    return None


def _fields(payload: bytes) -> Iterator[Field]:
    """Each field's number, and its number or bytes. Raises ValueError wherever the message is not whole."""
    at, end = 0, len(payload)
    while at < end:
        key, at = _read_varint(payload, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _read_varint(payload, at)
            yield number, value
            continue
        if wire == _BYTES:
            size, at = _read_varint(payload, at)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"field {number} has the wire type {wire}, which is none")
        if number == 0 or size > end - at:
            raise ValueError(f"field {number} says it has {size} bytes; {end - at} are left")
        yield number, payload[at : at + size]
        at += size


def _read_varint(payload: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends. Raises ValueError if it does not."""
    if at < len(payload) and payload[at] < 0x80:
        return payload[at], at + 1
    value = 0
    for index, byte in enumerate(payload[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value & _UINT64, at + index + 1
    raise ValueError(f"a number that begins at byte {at} has no end")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _wanted_int(raw: int | bytes) -> int:
    if isinstance(raw, int):
        return raw
    raise ValueError("bytes stand where a number should")


def _wanted_bytes(raw: int | bytes, size: int | None = None) -> bytes:
    if isinstance(raw, bytes) and size in (None, len(raw)):
        return raw
    raise ValueError(f"a number stands where {'bytes' if size is None else f'{size} bytes'} should")
