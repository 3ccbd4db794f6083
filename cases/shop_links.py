"""Links to the page of one episode, for its shop or for whoever is asked whether it is so: signed, and good for some
days."""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Sequence
from enum import IntEnum
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

from config.load import Site
from domain.ladder import Ladder

KEY_FILE: Final = "shop-page.key"
"""In the data folder, where the settings have no secret."""
PATH: Final = "/n/"
_HOUR_MS: Final = 3_600_000
_EXPIRY: Final = slice(1, 4)
_MAC_BYTES: Final = 12
"""96 bits: at a thousand guesses a second, one hits after 10^18 years."""
_LONGEST: Final = 64
_CONTEXT: Final = b"longcheng shop page 1"


class Holder(IntEnum):
    """To whom a link was given: the byte it begins with, so never renumbered. It opens to each what is theirs alone."""

    SHOP = 1
    KEEPER = 2  # the street's keeper, asked whether a find is so
    DESK = 3  # the duty desk, asked the same


class Claim(Struct, frozen=True, kw_only=True):
    """What a link says of itself; nothing of it is true before `ShopLinks.holds` says so."""

    holder: Holder
    ladder_id: int
    expires_ms: int
    said: bytes
    mac: bytes


class ShopLinks:
    """Makes and checks links of one site. Any thread may call."""

    def __init__(self, *, site: str, url: str, keys: Sequence[str], key_file: Path, lasting_ms: int) -> None:
        """The first of `keys` signs, all are believed. Without any, the one in `key_file`, which is made if need be."""
        self._context = b"\0".join((_CONTEXT, site.encode()))
        self._url = url
        self._given = tuple(key.encode() for key in keys)
        self._key_file = key_file
        self._lasting_ms = lasting_ms

    @classmethod
    def of(cls, site: Site) -> "ShopLinks":
        """As the site's settings say. Nothing is read or made before the first link."""
        page = site.settings.shop_page
        return cls(
            site=site.settings.site,
            url=page.url,
            keys=page.secret,
            key_file=site.settings.data_dir / KEY_FILE,
            lasting_ms=round(page.expires_after * 1000),
        )

    @classmethod
    def invented(cls, site: Site) -> "ShopLinks":
        """For samples: links that look right and open nothing."""
        page = site.settings.shop_page
        key = secrets.token_urlsafe(24)
        return cls(site="sample", url=page.url, keys=(key,), key_file=Path(os.devnull), lasting_ms=_HOUR_MS)

    def link(self, ladder: Ladder, from_ms: int, holder: Holder = Holder.SHOP) -> str | None:
        """The address of an episode's page, good for its days from `from_ms` on; None where there is no such page."""
        return f"{self._url}{PATH}{self.token(ladder, from_ms, holder)}" if self._url else None

    def token(self, ladder: Ladder, from_ms: int, holder: Holder = Holder.SHOP) -> str:
        """What stands at the end of the link: 24 characters for ladders below 65,536, rarely more than 28."""
        hours = -(-(from_ms + self._lasting_ms) // _HOUR_MS)
        number = ladder.id.to_bytes(max(1, (ladder.id.bit_length() + 7) // 8))
        said = bytes((holder,)) + hours.to_bytes(3) + number
        return _text(said + self._mac(self._keys[0], said, ladder))

    def claim(self, token: str) -> Claim | None:
        """What a link says of itself; None for what is no link of ours. Each link is written in one way only."""
        raw = _bytes(token)
        number = raw[_EXPIRY.stop : -_MAC_BYTES] if raw else b""
        if not raw or raw[0] not in _HOLDERS or not number or number[0] == 0 or len(number) > 8:
            return None
        return Claim(
            holder=Holder(raw[0]),
            ladder_id=int.from_bytes(number),
            expires_ms=int.from_bytes(raw[_EXPIRY]) * _HOUR_MS,
            said=raw[:-_MAC_BYTES],
            mac=raw[-_MAC_BYTES:],
        )

    def holds(self, claim: Claim, ladder: Ladder, now_ms: int) -> bool:
        """Whether it is a link of this very ladder, signed by us, and not yet too old.

        The ladder's beginning is signed too: once a book has been lost, its links open nothing in the next one.
        """
        ours = [hmac.compare_digest(claim.mac, self._mac(key, claim.said, ladder)) for key in self._keys]
        return any(ours) and claim.ladder_id == ladder.id and now_ms < claim.expires_ms

    def _mac(self, key: bytes, said: bytes, ladder: Ladder) -> bytes:
        signed = b"\0".join((self._context, str(ladder.started_ms).encode(), said))
        return hmac.digest(key, signed, "sha256")[:_MAC_BYTES]

    @cached_property
    def _keys(self) -> tuple[bytes, ...]:
        return self._given or (sha256(_kept_key(self._key_file)).digest(),)


_HOLDERS: Final = frozenset(Holder)


def _kept_key(path: Path) -> bytes:
    """The key of this data folder. Two processes that make it at once agree on one."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:  # another process was first: its key is the one
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(token: str) -> bytes | None:
    """None for what is no base64url, or not as we write it: then two links would be one."""
    if not token.isascii() or len(token) > _LONGEST:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _text(raw) == token and len(raw) > _EXPIRY.stop + _MAC_BYTES else None
