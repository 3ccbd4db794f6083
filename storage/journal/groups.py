"""A group of messages as bytes, and whether the bytes are still what was written."""

import sqlite3
import zlib
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from domain.message import RawMessage
from storage.journal.tables import SUM_SHIFT

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[RawMessage]).decode


class Unreadable(ValueError):
    """A group that is not what was written."""


class Group(Struct, frozen=True, kw_only=True):
    """A row of `groups`. The values of a damaged file may be anything, so each is cast when it is read."""

    last_seq: int
    records: int | None
    appended_ms: int | None
    checksum: int | None
    packed: bytes | None

    def messages(self) -> list[RawMessage]:
        """What was appended. Raises Unreadable if it is not that any more."""
        if self.packed is None:
            raise Unreadable("it has no messages")
        if self.checksum is not None and self.checksum != checksum_of(self.packed) + self.last_seq:
            raise Unreadable("its checksum differs")
        try:
            messages = _decode(self.packed)
        except (msgspec.MsgspecError, ValueError) as problem:
            raise Unreadable(f"it cannot be decoded: {problem}") from problem
        # The checksum vouches for the messages, not for the number beside them.
        if not messages or (self.checksum is None and len(messages) != self.records):
            raise Unreadable(f"it holds {len(messages)} messages instead of {self.records}")
        return messages


COLUMNS = """
last_seq, CAST(records AS INTEGER), CAST(appended_ms AS INTEGER), CAST(checksum AS INTEGER), CAST(messages AS BLOB)
"""
"""Of a Group, in its order. A flipped bit may turn a number into a text: the cast makes it a wrong number."""

_OLD_COLUMNS = "last_seq, CAST(records AS INTEGER), NULL, NULL, CAST(messages AS BLOB)"


def columns_of(connection: sqlite3.Connection) -> str:
    """COLUMNS as the file has them: one of an older version has no checksums."""
    names = connection.execute("SELECT name FROM pragma_table_info('groups')")
    return COLUMNS if ("checksum",) in names.fetchall() else _OLD_COLUMNS


def group_of(row: tuple[int, int | None, int | None, int | None, bytes | None]) -> Group:
    """The Group of a row of COLUMNS."""
    last_seq, records, appended_ms, checksum, packed = row
    return Group(last_seq=last_seq, records=records, appended_ms=appended_ms, checksum=checksum, packed=packed)


def pack(messages: Sequence[RawMessage]) -> bytes:
    """The messages as they are kept."""
    return _encode(messages)


def checksum_of(packed: bytes) -> int:
    """The checksum's share of the messages; the group's last seq is added to it."""
    return zlib.crc32(packed) << SUM_SHIFT
