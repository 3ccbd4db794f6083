"""What only its bearer knows: made by chance, shown once, kept as a hash."""

import hashlib
import hmac
import secrets
from typing import Final

TOKEN_PREFIX: Final = "lc_"  # noqa: S105 - by which a leaked one is recognised
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


def same(given: str, kept: str) -> bool:
    """Whether two are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), kept.encode())
