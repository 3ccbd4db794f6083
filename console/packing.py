"""Answers that are packed on their way.

Pages of the console and answers of the API are, if they are long enough. What shows a secret as it is, such as pages of
accounts and of shops, is not: the length of a packed answer tells of what is in it, and whoever can have something of
their own put beside a secret learns it so (BREACH). A page's own CSRF token is masked anew each time.
"""

import gzip
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from msgspec import Struct

_FROM_BYTES: Final = 1024
_LEVEL: Final = 6
IN_A_THREAD_BYTES: Final = 64 * 1024
"""What is longer is packed beside the loop."""


class Ready(Struct, frozen=True, kw_only=True):
    """The body of an answer that many get, made and packed once for all of them. `tag` is its ETag."""

    body: bytes
    packed: bytes
    """By gzip."""
    tag: str

    @classmethod
    def of(cls, body: bytes, tag: str) -> "Ready":
        """Pack it. Blocking: some tens of milliseconds for two megabytes."""
        return cls(body=body, packed=gzip.compress(body, _LEVEL, mtime=0), tag=tag)

    def response(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        """As JSON, packed for whoever can unpack it."""
        headers = {**headers, "ETag": self.tag, "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=self.body, headers=headers, content_type="application/json")
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=self.packed, headers=headers, content_type="application/json")


def packed(response: web.Response) -> web.Response:
    """The same, by what the reader can unpack."""
    response.headers["Vary"] = "Accept-Encoding"
    body = response.body
    if isinstance(body, bytes) and len(body) > _FROM_BYTES:
        response.enable_compression()
    return response
