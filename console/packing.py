"""Answers that are packed on their way.

Pages of the console and answers of the API are, if they are long enough. What shows a secret as it is, such as pages of
accounts and of shops, is not: the length of a packed answer tells of what is in it, and whoever can have something of
their own put beside a secret learns it so (BREACH). A page's own CSRF token is masked anew each time.
"""

from typing import Final

from aiohttp import web

_FROM_BYTES: Final = 1024
IN_A_THREAD_BYTES: Final = 64 * 1024
"""What is longer is packed beside the loop."""


def packed(response: web.Response) -> web.Response:
    """The same, by what the reader can unpack."""
    response.headers["Vary"] = "Accept-Encoding"
    body = response.body
    if isinstance(body, bytes) and len(body) > _FROM_BYTES:
        response.enable_compression()
    return response
