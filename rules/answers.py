"""One answer of a watch, and what is known of its newest moment."""

from typing import Any, NamedTuple

from domain.finding import Finding
from rules.remembered import Moment, Told, View
from rules.watch import ValueWatch, Watch


class Step(NamedTuple):
    """One answer, and what has to be known to tell it."""

    watch: Watch[Any]
    finding: Finding | None
    at_ms: int
    moment: Moment[Any] | None = None
    """Where it is the answer about a new moment, or about one once more."""
    was: View | None = None
    """What people knew already of that moment; None: it was not asked about before."""
    ended: Finding | None = None
    """The end of the alarm that stood then."""


def told_of(watch: Watch[Any]) -> Told | None:
    """How what people know of its alarm differs from what it says."""
    return None if watch.memory is None else watch.memory.told


def waits_since(watch: Watch[Any]) -> int:
    """Event time of what is held back; 0 if nothing is."""
    told = told_of(watch)
    return 0 if told is None or not told.held else told.held[0].at_ms


def rebased(watch: Watch[Any], told: Told | None) -> Moment[Any] | None:
    """The newest moment, as if all that is known now had been known before it: only its own values are heard anew."""
    moment = None if watch.memory is None else watch.memory.moment
    return None if moment is None else Moment(moment.at_ms, moment.value, watch.state, told)


def is_nothing(watch: Watch[Any], moment: Moment[Any]) -> bool:
    """Whether a moment needs no remembering: nothing was, and nothing is, and what was heard was quiet if anything."""
    if watch.state is not None or moment.state is not None:
        return False
    return not isinstance(watch, ValueWatch) or (moment.value is not None and watch.low < moment.value < watch.high)
