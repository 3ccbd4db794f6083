"""What an order is about whose address names nothing: the parts of its body that say so, for the audit."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /api/v1/silences": ("rule", "subject", "device", "kind", "sub_district"),
    "POST /api/v1/deadletters/replay": ("ids", "reason"),
    "POST /api/v1/deadletters/replay/count": ("ids", "reason"),
    "POST /api/v1/deadletters/purge": ("ids", "reason"),
    "POST /api/v1/replays": ("rule",),
    "POST /api/v1/originals": ("name",),
    "POST /api/v1/accounts": ("name",),
    "POST /accounts": ("name",),
    "POST /api/v1/tokens": ("name",),
    "POST /account/tokens": ("name",),
}
"""Which parts they are, by the address. What is secret is in none of them."""
BETWEEN: Final = "; "
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_LONGEST: Final = 200


async def named_in_body(request: web.Request, address: str) -> str:
    """`rule charger-smoke; device cs-036`; empty where nothing is named, or the body is none."""
    wanted = NAMED.get(address)
    if wanted is None:
        return ""
    try:
        form = request.content_type in _FORMS
        body = await request.post() if form else msgspec.json.decode(await request.read())
    except (web.HTTPException, msgspec.DecodeError, UnicodeDecodeError, OSError):
        return ""
    return BETWEEN.join(_told(body, wanted)) if isinstance(body, Mapping) else ""


def _told(body: Mapping[str, Any], wanted: tuple[str, ...]) -> Iterator[str]:
    for name in wanted:
        said = body.get(name)
        values = said if isinstance(said, list) else [said]
        value = " ".join(str(one) for one in values if isinstance(one, str | int))
        if value := "".join(sign for sign in value if sign.isprintable())[:_LONGEST].strip():
            yield f"{name} {value}"
