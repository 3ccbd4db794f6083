"""What an engine remembers, taken up again."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from rules.overflow import Flood
from rules.subjects import Subject
from rules.watch import Key, Watch

__all__ = ["Key", "restore"]

log = logging.getLogger(__name__)


def restore(known: Mapping[Key, Watch[Any] | Subject | Flood], saved: Mapping[Key, bytes]) -> Sequence[Key]:
    """Give everyone known their saved state; returns the keys that nobody has a use for."""
    strangers: list[Key] = []
    for key, state in saved.items():
        try:
            known[key].restore(state)
        except (KeyError, msgspec.MsgspecError):
            strangers.append(key)
    if strangers:
        named = ", ".join(f"{rule_id} of {subject}" for rule_id, subject in strangers[:5])
        log.warning("forgetting %d states that no rule or subject has a use for: %s …", len(strangers), named)
    return strangers
