"""What only its bearer knows: made by chance, shown once, kept as a hash."""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

TOKEN_PREFIX: Final = "lc_"  # noqa: S105 - by which a leaked one is recognised
MASK_PREFIX: Final = "m."
_BYTES: Final = 32


def new_secret() -> str:
    """256 bits of chance, as text for a cookie or an address."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """The same, told apart by its first letters."""
    return TOKEN_PREFIX + new_secret()


def digest(secret: str) -> str:
    """What is kept of it. As long as it is by chance, no salt and no slow hash is needed."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def masked(secret: str) -> str:
    """Another text each time, which `unmasked` turns back: what is sent packed must not hold the same secret twice,
    or its length tells a letter at a time of it (BREACH)."""
    told = secret.encode()
    mask = secrets.token_bytes(len(told))
    both = mask + bytes(one ^ other for one, other in zip(told, mask, strict=True))
    return MASK_PREFIX + base64.urlsafe_b64encode(both).decode()


def unmasked(shown: str) -> str:
    """What was masked; anything else as it is."""
    if not shown.startswith(MASK_PREFIX):
        return shown
    try:
        both = base64.b64decode(shown.removeprefix(MASK_PREFIX), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return shown
    mask, told = both[: len(both) // 2], both[len(both) // 2 :]
    return bytes(one ^ other for one, other in zip(told, mask, strict=False)).decode(errors="replace")


def same(given: str, kept: str) -> bool:
    """Whether two are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), kept.encode())
