"""Passwords, hashed by Argon2id (RFC 9106, low memory), a few at a time: each takes 64 MiB and a tenth of a second."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from msgspec import Struct

_AT_ONCE: Final = 2
_WAITING: Final = 16


class TooBusy(Exception):
    """More passwords wait to be checked than will be."""


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether a password is right and, if its hash is by older parameters, a new one to keep."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Checks and hashes in threads of its own, so that no number of sign-ins takes the machine's memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._threads = ThreadPoolExecutor(_AT_ONCE, "passwords")
        self._waiting = 0

    async def verify(self, kept: str | None, password: str) -> Verdict:
        """Whether a password is that of a hash. Without one it takes as long, and is wrong. Raises TooBusy."""
        if self._waiting >= _WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self.check, kept, password)
        finally:
            self._waiting -= 1

    async def hash(self, password: str) -> str:
        """What is kept of a password. Raises TooBusy."""
        if self._waiting >= _WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self.hash_now, password)
        finally:
            self._waiting -= 1

    def check(self, kept: str | None, password: str) -> Verdict:
        """As `verify`, in this thread."""
        decoy = self._nobodys  # made at the first check, whoever it is about
        try:
            self._hasher.verify(kept or decoy, password)
        except (VerificationError, InvalidHashError):
            return Verdict(right=False)
        if kept is None:
            return Verdict(right=False)
        stale = self._hasher.check_needs_rehash(kept)
        return Verdict(right=True, new_hash=self.hash_now(password) if stale else None)

    def hash_now(self, password: str) -> str:
        """As `hash`, in this thread."""
        return self._hasher.hash(password)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _nobodys(self) -> str:
        """The hash of a password that nobody knows: an unknown name takes as long as a known one."""
        return self._hasher.hash(secrets.token_hex())
