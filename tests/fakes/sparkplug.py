"""Writes Sparkplug B payloads, and holds some that another implementation wrote."""

import struct
from collections.abc import Sequence

INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN, STRING = range(1, 13)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def field(number: int, value: int | bytes) -> bytes:
    """One field: a number, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def metric(
    name: str | None = None,
    value: float | bool | str | None = None,
    *,
    alias: int | None = None,
    datatype: int | None = None,
    at_ms: int | None = None,
    historical: bool = False,
    null: bool = False,
) -> bytes:
    """One metric; whole numbers are sent as 64 bits, others as doubles."""
    numbers = {2: alias, 3: at_ms, 4: datatype, 5: historical or None, 7: null or None}
    out = b"" if name is None else field(1, name.encode())
    out += b"".join(field(number, int(said)) for number, said in numbers.items() if said is not None)
    if isinstance(value, bool):
        return out + field(14, int(value))
    if isinstance(value, int):
        return out + field(11, value % (1 << 64))
    if isinstance(value, float):
        return out + _varint(13 << 3 | 1) + struct.pack("<d", value)
    return out if value is None else out + field(15, value.encode())


def payload(*metrics: bytes, at_ms: int | None = None, seq: int | None = None) -> bytes:
    """One message's payload."""
    head = b"" if at_ms is None else field(1, at_ms)
    return head + b"".join(field(2, one) for one in metrics) + (b"" if seq is None else field(3, seq))


def birth(names: Sequence[str], first_alias: int, *, bd_seq: int | None = None, seq: int | None = None) -> bytes:
    """A birth of doubles, named in this order, with values 0.0, 1.0, …; its aliases count from `first_alias`."""
    said = [metric(name, float(index), alias=first_alias + index, datatype=DOUBLE) for index, name in enumerate(names)]
    if bd_seq is not None:
        said.append(metric("bdSeq", bd_seq, datatype=UINT64))
    return payload(*said, seq=seq)


# Written by protobuf's own implementation from the standard's message.
NODE_BIRTH = bytes.fromhex(
    "0880aab28cc83312120a0562645365711880aab28cc83320085807121a0a144e6f646520436f6e74726f6c2f52656269727468200b7000"
    "12270a1850726f706572746965732f4861726477617265204d616b65200c7a09526173706265727279121d0a0a526164696f2f72737369"
    "10011880aab28cc833200350bdffffff0f1800"
)
"""bdSeq 7, `Radio/rssi` (alias 1, Int32) -67; a control and a property. seq 0, at 1771700000000."""
DEVICE_BIRTH = bytes.fromhex(
    "08e4aab28cc833121d0a0b496e707574732f74696c74100a18e4aab28cc8332009650000c03f12160a0e496e707574732f626174746572"
    "79100b2003505812130a0b496e707574732f736f696c100c200a380112230a0b496e707574732f646f6f72100d200b42031201784a090a"
    "07656e67556e697470011801"
)
"""`Inputs/…`: tilt (10, Float) 1.5, battery (11, Int32) 88, soil (12, Double) null, door (13) true, with properties."""
DEVICE_DATA = bytes.fromhex(
    "0890f8b28cc833120e100a1890f8b28cc83365000010401210100a18c0a5f58bc8332801650000a03f1204100b50571204100d70001802"
)
"""By alias: tilt 2.25 now, and 1.25 a thousand seconds ago as history; battery 87; door false. seq 2."""
NODE_DATA = bytes.fromhex(
    "08a0c6b38cc83312090a026e38200150fb01120d0a036e3136200250fbffffff0f12120a036e3634200458fbffffffffffffffff011212"
    "0a037536342008588080808080808080800112120a0174201392010a0a013112050a01785001120a0a016420108a01020801120a0a0162"
    "201182010200011803"
)
"""-5 in 8, 16 and 64 bits as n8, n16, n64; 2^63 as u64; a template t, a data set d, bytes b. seq 3."""
NODE_DEATH = bytes.fromhex("08b094b48cc833120b0a05626453657120085807")
"""bdSeq 7."""
REBIRTH = bytes.fromhex("08c0e2b48cc833121a0a144e6f646520436f6e74726f6c2f52656269727468200b7001")
"""The request to be born again, of 1771700040000."""
