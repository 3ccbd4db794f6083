"""How many there are at a place, so that figures of a part of the city need no reading of it all."""

from enum import StrEnum

from msgspec import Struct


class Thing(StrEnum):
    """What is counted."""

    ALARM = "alarm"
    CASE = "case"
    LADDER = "ladder"
    NOTICE = "notice"


class Tally(Struct, frozen=True, kw_only=True):
    """So many of one kind at one place."""

    thing: Thing
    device_id: str
    shop_id: str | None
    sub_district: str | None
    """Of cases, where it was written down; else None."""
    kind: str
    """Of a case the kind of device, of a ladder its step, of a notice its state."""
    n: int
    over: int
    """So many of them are over."""
