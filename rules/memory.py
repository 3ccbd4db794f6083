"""What an engine remembers, taken up again."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from domain.case import Alarm
from rules.gate import view_of
from rules.overflow import Flood
from rules.remembered import View
from rules.subjects import Subject
from rules.watch import Key, Watch

__all__ = ["Key", "adopt", "restore"]

log = logging.getLogger(__name__)


def restore(
    known: Mapping[Key, Watch[Any] | Subject | Flood], saved: Mapping[Key, bytes], standing: Collection[Key] = ()
) -> Sequence[Key]:
    """Give everyone known their saved state; returns the keys that nobody has a use for.

    What was remembered of an alarm that stands is not among them, though its rule be gone: it may come back.
    """
    strangers: list[Key] = []
    for key, state in saved.items():
        try:
            known[key].restore(state)
        except KeyError:
            if key not in standing:
                strangers.append(key)
        except msgspec.MsgspecError:
            strangers.append(key)
    if strangers:
        named = ", ".join(f"{rule_id} of {subject}" for rule_id, subject in strangers[:5])
        log.warning("forgetting %d states that no rule or subject has a use for: %s …", len(strangers), named)
    return strangers


def adopt(
    watches: Mapping[Key, Watch[Any]], floods: Mapping[Key, Flood], standing: Mapping[Key, Alarm]
) -> Iterator[Watch[Any] | Flood]:
    """Let those take up an open alarm whose memory says nothing of it; returns them."""
    for key, alarm in standing.items():
        watch, flood = watches.get(key), floods.get(key)
        if watch is not None and not watch.standing and view_of(watch) is not View.FLAPPING:
            watch.memory = None
            watch.adopt(alarm)
            yield watch
        elif flood is not None and flood.since_ms is None:
            flood.adopt(alarm)
            yield flood
