"""What the engine remembers of a watch beside the watch's own state: the newest moment, and what people were told."""

from enum import Enum
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from domain.finding import Finding, Severity
from domain.reading import Value

State = TypeVar("State", bound=Struct)
Hindrance = Literal["schedule", "inhibited", "cooldown", "overflow"]


class View(Enum):
    """What people know of an alarm."""

    CLOSED = "closed"
    OPEN = "open"
    FLAPPING = "flapping"


class Told(Struct, frozen=True, omit_defaults=True):
    """How what people were told differs from what the watch says, and what is to be known of the past for that."""

    held: tuple[Finding, ...] = ()
    """Raised, and told nobody yet: the finding that raises it, and the one that makes it stale if it is."""
    why: Hindrance | None = None
    """What held it back."""
    turns: tuple[int, ...] = ()
    """Event times at which the alarm was raised or ended lately, oldest first."""
    flapping: Finding | None = None
    """While it flaps: the newest finding, told or not; one that says stale, as long as nothing is heard."""
    severity: Severity | None = None
    """While it flaps, and as long as turns count: the worst that was told."""
    ended_ms: int | None = None
    """When it ended, as long as that keeps it from being raised again."""


class Moment(Struct, Generic[State]):
    """The newest moment that the watch was asked about, and how everything was before it."""

    at_ms: int
    value: Value | None
    """Of all values of that moment the worst one so far; None for a watch that hears no values."""
    state: State | None
    told: Told | None


class Memory(Struct, Generic[State], frozen=True):
    """Both, where there is anything."""

    moment: Moment[State] | None = None
    told: Told | None = None


class Kept(Struct, Generic[State], frozen=True):
    """A watch as it is saved."""

    state: State | None
    memory: Memory[State]


def view(*, standing: bool, told: Told | None) -> View:
    """What people know of an alarm that stands, or does not, as far as its watch says."""
    if told is not None and told.held:
        return View.CLOSED
    if told is not None and told.flapping is not None:
        return View.FLAPPING
    return View.OPEN if standing else View.CLOSED


@lru_cache(maxsize=64)
def decoder_of(remembers: type[Struct]) -> msgspec.msgpack.Decoder[Any]:
    """Reads what is kept of watches with such a state."""
    return msgspec.msgpack.Decoder(Kept[remembers])  # type: ignore[valid-type]
