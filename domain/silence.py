"""Silences: nobody is told of the alarms they cover, for a time, by a person's order."""

import re
from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

from domain.case import SERVICE
from domain.ground import Ground
from domain.said import wrong_words

LONGEST_MS: Final = 30 * 86_400_000
"""What is to be silent for longer is to be said in the rules' files."""


class SilenceState(StrEnum):
    """How far the book has come with a silence."""

    PLANNED = "planned"
    IN_FORCE = "in_force"
    OVER = "over"


class Silence(Struct, frozen=True, kw_only=True):
    """Whom it covers is said in patterns with `*`, `?` and `[…]`, all of which must fit; None fits all."""

    id: int
    rule_id: str | None = None
    subject: str | None = None
    device_id: str | None = None
    kind: str | None = None
    sub_district: str | None = None
    who: str
    """Whose it is."""
    why: str
    from_ms: int
    until_ms: int
    even_critical: bool = False
    """Whether it covers alarms that are critical, or that only a person may end."""
    given_ms: int
    ended_ms: int | None = None
    """When a person ended it before its time."""
    ended_by: str | None = None
    state: SilenceState = SilenceState.PLANNED

    def holds(self, now_ms: int) -> bool:
        """Whether it is in force by the clock."""
        return self.from_ms <= now_ms and not self.is_over(now_ms)

    def is_over(self, now_ms: int) -> bool:
        """Whether it is never in force again."""
        return self.ended_ms is not None or now_ms >= self.until_ms

    def reaches(self, ground: Ground) -> bool:
        """Whether it may cover anything that lies there: where it names no place, it holds in all of them."""
        if self.kind == SERVICE or (self.rule_id or "").startswith(_OF_THE_PRODUCT):
            return False
        return (
            _any(self.sub_district, ground.sub_districts)
            and _any(self.device_id, ground.devices)
            and (self.subject is None or any(_may_be_of(self.subject, device) for device in ground.devices))
        )


_OF_THE_PRODUCT: Final = "system-"
_WILD: Final = re.compile(r"[*?[]")


def is_pattern(name: str) -> bool:
    """Whether it may fit more than what is called so."""
    return _WILD.search(name) is not None


def _any(pattern: str | None, names: Iterable[str]) -> bool:
    return pattern is None or any(fnmatchcase(name, pattern) for name in names)


def _may_be_of(pattern: str, device: str) -> bool:
    """Whether a pattern of subjects can fit the device, one of its ports or one of its zones: none of these are known
    here, so what stands before its first wild card decides."""
    wild = _WILD.search(pattern)
    if wild is None:
        return pattern == device or pattern.startswith(f"{device}/")
    begins = pattern[: wild.start()]
    return fnmatchcase(device, pattern) or f"{device}/".startswith(begins) or begins.startswith(f"{device}/")


def wrong_silence(silence: Silence) -> str | None:
    """Why there can't be such a silence; None if there can."""
    patterns = (silence.rule_id, silence.subject, silence.device_id, silence.kind, silence.sub_district)
    begins_ms = max(silence.given_ms, silence.from_ms)
    if not any(pattern and pattern.strip("*") for pattern in patterns):
        return "it would cover everything; name a rule, a subject, a device, a kind or a sub-district"
    if not silence.who.strip() or not silence.why.strip():
        return "say whose it is, and why"
    if silence.until_ms <= begins_ms:
        return "it would be over before it begins"
    if silence.until_ms - begins_ms > LONGEST_MS:
        return f"it is longer than {LONGEST_MS // 86_400_000} days; what is never to be told belongs into the rules"
    return wrong_words({"who": silence.who, "why": silence.why})
