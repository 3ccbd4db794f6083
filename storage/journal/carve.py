"""Reading groups out of a damaged file without SQLite: page by page, and believing only what its checksum vouches for.

A page that SQLite cannot do without (the first one, one in the middle of the tree, a frame of the log) takes with it
everything behind it. The groups themselves are still there: each in a leaf page and a chain of overflow pages. The
layout is SQLite's file format, https://sqlite.org/fileformat2.html.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from storage.journal.groups import Group
from storage.journal.tables import PAGE_BYTES

_LEAF = 0x0D
_LOG_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_LOCAL_MAX = PAGE_BYTES - 35
_LOCAL_MIN = (PAGE_BYTES - 12) * 32 // 255 - 23
_CHAINED = PAGE_BYTES - 4
_FIRST_BLOB, _FIRST_TEXT = 12, 13
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_COLUMNS_BEFORE_CHECKSUMS = 4


class Pages:
    """The newest image of each page: the log's if it has one, else the file's."""

    def __init__(self, path: Path) -> None:
        self._file = _open(path)
        self._log = _open(path.with_name(f"{path.name}-wal"))
        self.size_bytes = _size(self._file) + _size(self._log)
        """Nothing in these files can be larger: a length that says so is damaged."""
        self._frames = list(self._read_frames())
        self._newest = dict(self._frames)  # a later frame replaces an earlier one

    def leaves(self) -> Iterator[tuple[bytes, int]]:
        """Every image that may be a leaf of a table, with where its header begins."""
        for number in range(1, _size(self._file) // PAGE_BYTES + 1):
            yield from _leaf(_read(self._file, (number - 1) * PAGE_BYTES), number)
        for number, at in self._frames:
            yield from _leaf(_read(self._log, at), number)

    def page(self, number: int) -> bytes:
        """One page; empty if it cannot be read."""
        at = self._newest.get(number)
        return _read(self._file, (number - 1) * PAGE_BYTES) if at is None else _read(self._log, at)

    def close(self) -> None:
        """Close the files."""
        for file in (self._file, self._log):
            if file is not None:
                os.close(file)

    def _read_frames(self) -> Iterator[tuple[int, int]]:
        """Page number and place of each frame of the log's current round; what follows a damaged one is read too."""
        places = range(
            _LOG_HEADER_BYTES, _size(self._log) - _FRAME_HEADER_BYTES - PAGE_BYTES + 1, _FRAME_HEADER_BYTES + PAGE_BYTES
        )
        headers = [_read(self._log, at, _FRAME_HEADER_BYTES) for at in places]
        salts = Counter([_read(self._log, 16, 8), *(header[8:16] for header in headers[:2])]).most_common(1)[0][0]
        for at, header in zip(places, headers, strict=True):
            if header[8:16] == salts:
                yield int.from_bytes(header[:4], "big"), at + _FRAME_HEADER_BYTES


def carve(pages: Pages) -> Iterator[Group]:
    """Everything that looks like a group, in the order of the file. It may come twice, or be long gone, or wrong."""
    for image, header in pages.leaves():
        cells = int.from_bytes(image[header + 3 : header + 5], "big")
        for pointer in range(header + 8, min(header + 8 + 2 * cells, PAGE_BYTES - 1), 2):
            with suppress(IndexError):
                group = _group(pages, image, int.from_bytes(image[pointer : pointer + 2], "big"))
                if group is not None:
                    yield group


def _group(pages: Pages, image: bytes, at: int) -> Group | None:
    size, at = _varint(image, at)
    last_seq, at = _varint(image, at)
    local = size
    if size > _LOCAL_MAX:
        local = _LOCAL_MIN + (size - _LOCAL_MIN) % _CHAINED
        local = local if local <= _LOCAL_MAX else _LOCAL_MIN
    parts = [image[at : at + local]]
    if size > pages.size_bytes or not _has_a_blob(parts[0]):
        return None  # before a chain is followed that may be as long as the file
    left, following = size - local, image[at + local : at + local + 4]
    while left > 0:
        page = pages.page(int.from_bytes(following, "big"))
        if not page:
            return None
        following = page[:4]
        parts.append(page[4 : 4 + left])
        left -= len(parts[-1])
    return _decode(last_seq, b"".join(parts))


def _has_a_blob(record: bytes) -> bool:
    types = _types(record)[0]
    return len(types) in {_COLUMNS_BEFORE_CHECKSUMS, _COLUMNS_BEFORE_CHECKSUMS + 2} and any(map(_is_blob, types))


def _decode(last_seq: int, record: bytes) -> Group | None:
    """A record of `groups`: of today's columns, of an older version's, or of those with today's columns added."""
    types, at = _types(record)
    numbers: list[int | None] = []
    packed = None
    for kind in types:
        if _is_blob(kind):
            size = (kind - _FIRST_BLOB) // 2
            packed = record[at : at + size]
        elif kind >= _FIRST_TEXT or kind == 7:
            return None
        else:
            size = _INTEGER_BYTES.get(kind, 0)
            constant = {8: 0, 9: 1}.get(kind)
            numbers.append(int.from_bytes(record[at : at + size], "big", signed=True) if size else constant)
        at += size
    if packed is None:
        return None
    _, records, _, appended_ms, checksum = (*numbers, None, None)[:5]
    return Group(last_seq=last_seq, records=records, appended_ms=appended_ms, checksum=checksum, packed=packed)


def _types(record: bytes) -> tuple[list[int], int]:
    """The types of a record's columns, and where the first begins."""
    end, at = _varint(record, 0)
    types = []
    while at < end:
        kind, at = _varint(record, at)
        types.append(kind)
    return types, end


def _is_blob(kind: int) -> bool:
    return kind >= _FIRST_BLOB and kind % 2 == 0


def _varint(image: bytes, at: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and where the next begins. Raises IndexError at the end of the image."""
    value = 0
    for place in range(8):
        byte = image[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | image[at + 8], at + 9


def _leaf(image: bytes, number: int) -> Iterator[tuple[bytes, int]]:
    header = 100 if number == 1 else 0
    if len(image) == PAGE_BYTES and image[header] == _LEAF:
        yield image, header


def _open(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def _size(file: int | None) -> int:
    return 0 if file is None else os.fstat(file).st_size


def _read(file: int | None, at: int, size: int = PAGE_BYTES) -> bytes:
    """As much as can be read: a sector that the disk does not give back is as good as empty."""
    if file is None or at < 0:
        return b""
    try:
        return os.pread(file, size, at)
    except (OSError, OverflowError):
        return b""
