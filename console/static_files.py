"""Styles, scripts and icons: from memory, packed, and for a year where the address names the build."""

import asyncio
import gzip
import mimetypes
import re
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import web
from msgspec import Struct

from console.keys import PAGES

FOLDER: Final = Path(__file__).parent / "static"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_TEXTS: Final = (".css", ".js", ".svg", ".json", ".md")
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".geojson": "application/json"}
_WORTH_PACKING: Final = 1024
_BUILD: Final = 12
_OF_BUILD: Final = re.compile(r"[0-9a-f]{12}/")
"""That of another build was asked for by a page from before the last start: it gets today's file, and keeps it not."""


class Static(Struct, frozen=True, kw_only=True):
    """A file as it is sent."""

    body: bytes
    packed: bytes | None
    """By gzip; None where that is not worth it."""
    content_type: str
    etag: str


def files() -> dict[str, Path]:
    """Every file there is, by its place below the folder. What is not among them can't be asked for."""
    return {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}


@lru_cache(maxsize=512)
def _read(path: Path, _changed_ns: int) -> Static:
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith(("text/", "application/json")) or path.suffix in _TEXTS
    packed = gzip.compress(body, 9, mtime=0) if text and len(body) > _WORTH_PACKING else None
    return Static(body=body, packed=packed, content_type=kind, etag=f'"{sha256(body).hexdigest()[:20]}"')


class StaticFiles:
    """Answers `/static/…`, with or without the build as its first step."""

    def __init__(self) -> None:
        self._files = files()

    async def answer(self, request: web.Request) -> web.Response:
        """404 for everything that was not there at the start."""
        build, name = request.app[PAGES].build, request.match_info["path"]
        named, file = (name[:_BUILD], name[_BUILD + 1 :]) if _OF_BUILD.match(name) else ("", name)
        path = self._files.get(file)
        if path is None:
            raise web.HTTPNotFound(text=f"there is no file {name!r}")
        found = await asyncio.to_thread(lambda: _read(path, path.stat().st_mtime_ns))
        headers = {"Cache-Control": _FOR_EVER if named == build else "no-cache", "ETag": found.etag}
        headers["Vary"] = "Accept-Encoding"
        if request.headers.get("If-None-Match") == found.etag:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        body = found.body
        if found.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = found.packed, "gzip"
        charset = "utf-8" if found.content_type.startswith("text/") else None
        return web.Response(body=body, content_type=found.content_type, charset=charset, headers=headers)
