"""Silences: nobody is told of the alarms they cover, for a time, by a person's order."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

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
