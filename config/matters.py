"""Finding a matter by the codes that older systems still use."""

import re
from collections.abc import Mapping

from config.schema import Matter

_LEGACY = re.compile(r"^(BJ|SJ)?(\d{2})-?(\d{2})$")


def by_legacy(matters: Mapping[str, Matter], catalogue: str, code: str) -> str | None:
    """The matter that an older catalogue calls so, or None if none of ours is the same.

    `code` may be written `04-05` or `0405`; `BJ` before it says that it is a thing (部件), `SJ` or nothing that it is a
    matter (事件): both lists count from 01-01. What a city had added to the older catalogue for itself is not known.
    """
    match = _LEGACY.match(code.strip().upper())
    if match is None:
        return None
    group, first, second = match.groups()
    wanted = f"{'BJ' if group == 'BJ' else ''}{first}-{second}"
    return next((own for own, matter in matters.items() if matter.legacy.get(catalogue) == wanted), None)
