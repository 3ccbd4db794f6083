"""What a broker still holds for a client: messages that were never acknowledged."""

import socket
from typing import BinaryIO

_ANSWER_S = 30.0
_PUBLISH, _PINGRESP = 3, 13


def leftover(port: int, client_id: str) -> int:
    """Take up the kept session of a client that is gone, and count what is sent to it before the answer to a PINGREQ.

    Nothing is acknowledged, so the broker goes on keeping it. Raises OSError if the broker does not answer.
    """
    name = client_id.encode()
    body = b"\x00\x04MQTT\x04\x00\x00\x00" + len(name).to_bytes(2, "big") + name
    with socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_S) as link, link.makefile("rb") as stream:
        link.sendall(b"\x10" + bytes([len(body)]) + body + b"\xc0\x00")
        messages = 0
        while head := stream.read(1):
            kind = head[0] >> 4
            stream.read(_remaining(stream))
            if kind == _PINGRESP:
                return messages
            messages += kind == _PUBLISH
    raise ConnectionError(f"the broker closed the connection of {client_id!r}")


def _remaining(stream: BinaryIO) -> int:
    size = shift = 0
    while byte := stream.read(1):
        size |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return size
        shift += 7
    return size
