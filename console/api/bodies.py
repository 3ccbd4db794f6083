"""What each write may be told, in its body or, of a DELETE, in its query. Unknown names are refused, and bad values."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from domain.message import RejectReason

Who = Annotated[str, Meta(min_length=1, max_length=200, description="who says so; it is kept, and shown")]
Why = Annotated[str, Meta(min_length=1, max_length=1000, description="the reason; it is kept, and shown")]
Pattern = Annotated[str, Meta(min_length=1, max_length=200, description="may have `*`, `?` and `[…]`; null fits all")]
Key = Annotated[str, Meta(min_length=1, max_length=1000, description="of a notice or digest, or the provider's id")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339")]


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all bodies."""


class OrderLetters(Order, frozen=True, kw_only=True):
    """Dead letters by their ids, or all of a reason: one of the two."""

    ids: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    reason: RejectReason | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuses both, and neither."""
        if (self.ids is UNSET) == (self.reason is UNSET):
            raise ValueError("give either ids or reason")


class OrderReceipts(Order, frozen=True, kw_only=True):
    """Notices that are in their receivers' hands."""

    keys: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=1000)], ...], Meta(min_length=1, max_length=1000)
    ]
    at: Moment | None = None


class OrderAck(Order, frozen=True, kw_only=True):
    """An alarm is taken on, until a time, or to its end. From who has taken it on it is taken over only with their name
    in `instead_of`."""

    who: Who
    why: Why
    until: Moment | None = None
    instead_of: Annotated[str, Meta(max_length=200, description="whom it is taken over from")] | None = None


class OrderRelease(Order, frozen=True, kw_only=True):
    """An alarm is over, by a person's word."""

    who: Who
    why: Why


class OrderSilence(Order, frozen=True, kw_only=True):
    """Nobody is to be told of the alarms that fit all that is named; at most for 30 days."""

    who: Who
    why: Why
    until: Moment
    begins: Moment | None = None
    rule: Pattern | None = None
    subject: Pattern | None = None
    device: Pattern | None = None
    kind: Pattern | None = None
    sub_district: Pattern | None = None
    even_critical: Annotated[bool, Meta(description="cover alarms, too, that are critical or latched")] = False


class OrderCase(Order, frozen=True, kw_only=True):
    """Something is done with a case; a reason may be given."""

    who: Who
    why: Annotated[str, Meta(max_length=1000, description="kept, and shown")] = ""


class OrderCaseWhy(Order, frozen=True, kw_only=True):
    """Something is done with a case, for a reason."""

    who: Who
    why: Why


class OrderAssign(OrderCase, frozen=True, kw_only=True):
    """To whom a case is given; without a unit, to the one that has it, or handles such things there."""

    unit: Name | None = None
    handler: Name | None = None


class OrderTake(OrderCase, frozen=True, kw_only=True):
    """Who begins, if it is not who says so."""

    handler: Name | None = None


class OrderDefer(OrderCaseWhy, frozen=True, kw_only=True):
    """A case is put off until a time; then it goes on by itself."""

    until: Moment


class OrderClose(OrderCase, frozen=True, kw_only=True):
    """A case is over. All reasons but fixed need words."""

    reason: Literal["fixed", "self_corrected", "not_reproduced", "false_positive", "transferred"] = "fixed"


class OrderMerge(OrderCaseWhy, frozen=True, kw_only=True):
    """A case is the same as another, which is kept."""

    into: Name


class OrderRate(OrderCase, frozen=True, kw_only=True):
    """How well a case was handled, 1 (bad) to 5 (good)."""

    rating: Annotated[int, Meta(ge=1, le=5)]


class OrderEnd(Order, frozen=True, kw_only=True):
    """A silence is over before its time."""

    who: Who
