"""ETags of what the API answers: whoever has the same already is told so, and not sent it again."""

import hashlib
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec.structs import replace

from console.api.answers import CaseStoryOut
from console.api.shapes import CaseOut, Out
from domain.clock import utc

_NEVER: Final = utc(0)
_BYTES: Final = 12
CACHING: Final = "private, no-cache"
"""A browser may keep it for whoever asked, and asks each time whether it is still so."""


def tag_of(answer: object) -> dict[str, str]:
    """The header that says which version of a case an answer is; none for other answers."""
    case = answer.case if isinstance(answer, CaseStoryOut) else answer
    return {"ETag": f'"{case.version}"'} if isinstance(case, CaseOut) else {}


def tags(answer: Out, body: bytes) -> dict[str, str]:
    """The tag of an answer: of a case its version, else its own, else what is in it, but for when it was asked for."""
    return tag_of(answer) or {"ETag": f'"{answer.etag}"' if answer.etag else weak(_timeless(answer, body))}


def weak(body: bytes) -> str:
    """A weak tag: the same for bodies that say the same."""
    return f'W/"{hashlib.blake2b(body, digest_size=_BYTES).hexdigest()}"'


def is_known(request: web.Request, tag: str) -> bool:
    """Whether who asks has it, as If-None-Match says."""
    named = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    return tag.removeprefix("W/") in named or "*" in named


def same(tag: str) -> web.Response:
    """304: what you have is still so."""
    return web.Response(status=304, headers={"ETag": tag, "Cache-Control": CACHING, "Vary": "Accept-Encoding"})


def _timeless(answer: Any, body: bytes) -> bytes:
    return msgspec.json.encode(replace(answer, as_of=_NEVER)) if hasattr(answer, "as_of") else body
