"""What happens in the city and in the product, as one line after another."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from domain.case import SERVICE, LogEntry
from domain.finding import Severity

SENT: Final = "message_sent"
LOST: Final = "message_lost"
SILENCE_ORDERED: Final = "silence_ordered"
SILENCE_ENDED: Final = "silence_ended"
SET_ASIDE: Final = "letters_set_aside"
MENDED: Final = "letter_mended"
BESIDE_STORIES: Final = (SENT, LOST, SILENCE_ORDERED, SILENCE_ENDED, SET_ASIDE, MENDED)
"""Lines that are part of no case's or alarm's story: its notices stand beside it."""
OF_NOTICES: Final = (SENT, LOST)
OF_LETTERS: Final = (SET_ASIDE, MENDED)
OF_SILENCES: Final = (SILENCE_ORDERED, SILENCE_ENDED)
_CAMERA: Final = "camera"


class EventKind(StrEnum):
    """What an event is about."""

    ALARM = "alarm"
    CASE = "case"
    SHOP = "shop"  # what shops are asked, and what they and people say to it
    NOTICE = "notice"
    CAMERA = "camera"  # a view was lost, or is back
    PRODUCT = "product"  # the product itself


class Event(Struct, frozen=True, kw_only=True):
    """One line of the log, with what it is about."""

    line: LogEntry
    kind: EventKind
    severity: Severity | None
    """How bad it was then; None for what is neither good nor bad."""
    device_id: str | None = None
    shop_id: str | None = None
    port: int | None = None
    subject: str | None = None
    sub_district: str | None = None
    """Only where its case says so; else it lies where its shop, its camera or its device is."""
    case_id: str | None = None
    """The case it belongs to, as far as the line knows."""


class EventChoice(Struct, frozen=True, kw_only=True):
    """Which events are wanted: those that fit all that is named."""

    kinds: tuple[EventKind, ...] = ()
    """None: all."""
    severity: Severity | None = None
    text: str = ""
    """Stands somewhere in it: in a title, a subject, a name, a case's number."""
    sub_districts: frozenset[str] | None = None
    until_ms: int | None = None
    """Only what happened before."""


class EventPage(Struct, frozen=True, kw_only=True):
    """Some events, newest first, and where to go on."""

    events: tuple[Event, ...]
    older: int | None
    """Ids below it have not been looked at; None: there are none."""


def kind_of(what: str, alarm_kind: str | None, zone: str | None) -> EventKind:
    """What a line is about, by its key and by the kind and zone of its alarm."""
    if what in OF_NOTICES:
        return EventKind.NOTICE
    if what in OF_LETTERS or (alarm_kind == SERVICE and what not in OF_SILENCES):
        return EventKind.PRODUCT
    if what.startswith("case_"):
        return EventKind.CASE
    if what.startswith("alarm_"):
        return EventKind.CAMERA if alarm_kind == _CAMERA and zone is None else EventKind.ALARM
    return EventKind.ALARM if what in OF_SILENCES else EventKind.SHOP
