"""What a shop sends: a photo of bounded size, a reason, some words."""

from enum import StrEnum
from typing import Final, TypeVar

from aiohttp import BodyPartReader, web

from console.shop.pages import LONGEST_WORDS

MAX_PHOTO: Final = 8 << 20
_READ_ON: Final = 4 * MAX_PHOTO
"""So much more is read and let go, so that a phone gets an answer and no broken connection."""
_CHUNK: Final = 1 << 16
_MOST_PARTS: Final = 8
_MOST_TEXT: Final = 8 << 10
"""Bytes of a field that is no photo."""
_Reason = TypeVar("_Reason", bound=StrEnum)


class PhotoTooLarge(Exception):
    """More bytes than we keep."""


async def photo_of(request: web.Request) -> bytes | None:
    """The file of the field `photo`; None if there is none, or it is empty.

    Raises PhotoTooLarge, and HTTPBadRequest for a body that is no form.
    """
    return (await _parts_of(request)).get("photo") or None


async def contest_of(request: web.Request, reasons: type[_Reason]) -> tuple[_Reason | None, str, bytes | None]:
    """The reason, the words and the photo that were sent, as `reason_of` and `photo_of` have them."""
    if not request.content_type.startswith("multipart/"):
        return *await reason_of(request, reasons), None
    parts = await _parts_of(request)
    said, words = (parts.get(name, b"")[:_MOST_TEXT].decode(errors="replace") for name in ("reason", "words"))
    return reasons(said) if said in set(reasons) else None, readable(words), parts.get("photo") or None


async def _parts_of(request: web.Request) -> dict[str, bytes]:
    """The fields of a form by name, the first of each; none of a body that is of another kind."""
    parts: dict[str, bytes] = {}
    if not request.content_type.startswith("multipart/"):
        return parts
    try:
        reader = await request.multipart()
        for _ in range(_MOST_PARTS):
            part = await reader.next()
            if part is None:
                break
            if isinstance(part, BodyPartReader):
                read = await _bounded(part)
                parts[part.name or ""] = parts.get(part.name or "") or read
    except (ValueError, AssertionError) as wrong:  # boundaries or headers that are none
        raise web.HTTPBadRequest(text=f"the form cannot be read: {wrong}") from None
    return parts


async def _bounded(part: BodyPartReader) -> bytes:
    kept, size = bytearray(), 0
    while chunk := await part.read_chunk(_CHUNK):
        size += len(chunk)
        if size <= MAX_PHOTO:
            kept += chunk
        elif size > _READ_ON:
            break
    if size > MAX_PHOTO:
        raise PhotoTooLarge
    return bytes(kept)


async def reason_of(request: web.Request, reasons: type[_Reason]) -> tuple[_Reason | None, str]:
    """The reason and the words that were sent; without one of `reasons` None. Control characters are left out."""
    form = await request.post()
    said = form.get("reason")
    reason = reasons(said) if isinstance(said, str) and said in set(reasons) else None
    words = form.get("words")
    return reason, readable(words) if isinstance(words, str) else ""


def readable(words: str) -> str:
    """What can be read of what was typed, cut to its length."""
    lines = (" ".join("".join(filter(_is_shown, line)).split()) for line in words.splitlines())
    return "\n".join(line for line in lines if line)[:LONGEST_WORDS]


def _is_shown(character: str) -> bool:
    return character.isprintable() or character == "\t"
