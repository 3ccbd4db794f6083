"""Which kept pictures a camera's memory names, told without opening the rest of it."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from vision.album import Album


class _Place(Struct, frozen=True):
    onset: str | None = None
    context: str | None = None


class _Seen(Struct, frozen=True):
    picture_ms: int = 0


class _Memory(Struct, frozen=True):
    """Of `vision.memory.CameraMemory` what names pictures."""

    places: tuple[_Place, ...] = ()
    album: Album = Album()
    seen: _Seen = _Seen()


_decoder = msgspec.msgpack.Decoder(_Memory)


def named_pictures(memories: Iterable[bytes], since_ms: int) -> frozenset[str]:
    """What the cameras' next looks may quote: the pictures of what stands there, and of the view before it came.

    A memory that cannot be read names nothing: the worker will begin with an empty one. Nor does one of a camera that
    has given no picture since `since_ms`: nobody knows what stands there now, or the camera is not watched any more.
    """
    return frozenset(name for data in memories for name in _of(data, since_ms))


def _of(data: bytes, since_ms: int) -> set[str]:
    try:
        memory = _decoder.decode(data)
    except msgspec.DecodeError:
        return set()
    if memory.seen.picture_ms < since_ms:
        return set()
    of_places = {name for place in memory.places for name in (place.onset, place.context)}
    of_left = {name for mark in memory.album.left for name in (mark.onset, mark.context)}
    spares = {spare.name for spare in memory.album.spares if spare.kept}
    return {name for name in of_places | of_left | spares if name is not None}
