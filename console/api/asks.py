"""What each read may be asked, from path and query. Unknown names and values out of range are refused."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from domain.case import CaseState
from domain.message import RejectReason

Limit = Annotated[int, Meta(ge=1, le=1000, description="how many at most")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Width = Annotated[
    str, Meta(pattern=r"^[1-9][0-9]{0,8}(ms|s|m|h|d)$", description="a window's width, such as 10m or 1h")
]
SeenView = Literal[
    "healthy", "dark", "bright", "blurred", "covered", "moved", "frozen", "stale", "placeholder", "offline", "unknown"
]


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asked with nothing more than its address."""


class AskSome(Ask, frozen=True, kw_only=True):
    """A list of limited length."""

    limit: Limit = 200


class AskOpen(AskSome, frozen=True, kw_only=True):
    """A list of what is still open, or of everything."""

    open: Annotated[bool, Meta(description="only what is still open")] = True


class AskLadders(AskOpen, frozen=True, kw_only=True):
    """Ladders, or only those that wait for a person."""

    waiting: Annotated[
        Literal["confirm", "contest"] | None,
        Meta(description="to say whether it is so, or whether the shop is right that contests it"),
    ] = None


class AskCase(Ask, frozen=True, kw_only=True):
    """One case."""

    case_id: Name


class AskCases(AskSome, frozen=True, kw_only=True):
    """Cases that fit all that is named."""

    state: CaseState | None = None
    unit: Name | None = None
    matter: Name | None = None
    overdue: Annotated[bool, Meta(description="whether ever past a deadline while open")] | None = None
    open: bool | None = None


class AskAlarm(Ask, frozen=True, kw_only=True):
    """One alarm."""

    id: Annotated[int, Meta(ge=1)]


class AskCameras(Ask, frozen=True, kw_only=True):
    """Cameras, of one view only if it is named."""

    view: SeenView | None = None


class AskDevices(Ask, frozen=True, kw_only=True):
    """Devices, of one kind only if it is named."""

    kind: Name | None = None


class AskOlder(AskSome, frozen=True, kw_only=True):
    """A list that goes on below an id."""

    before_id: Annotated[int, Meta(ge=1, description="only those with a smaller id")] | None = None


class AskLetters(AskOlder, frozen=True, kw_only=True):
    """Dead letters, of one reason, or of some topics, if it is named."""

    reason: RejectReason | None = None
    topic: Annotated[Name, Meta(description="only topics that have this in them, such as a device's id")] | None = None


class AskLetter(Ask, frozen=True, kw_only=True):
    """One dead letter."""

    id: Annotated[int, Meta(ge=1)]


class AskNotices(AskSome, frozen=True, kw_only=True):
    """Notices, of one case only if it is named."""

    case_id: Name | None = None


class AskReadings(Ask, frozen=True, kw_only=True):
    """The newest values of a device, or of one port of it."""

    kind: Name
    device_id: Name
    port: Annotated[int, Meta(ge=1)] | None = None


class AskSeries(AskReadings, frozen=True, kw_only=True):
    """One metric of a device, or of one port of it, over a span of time: every value, or a figure for each window."""

    metric: Name
    since: Annotated[datetime, Meta(tz=True, description="RFC 3339; a day before `to`, if not given")] | None = field(
        default=None, name="from"
    )
    to: Annotated[datetime, Meta(tz=True, description="RFC 3339, not included; now, if not given")] | None = None
    every: Width | None = None
    aggregate: Annotated[
        Literal["mean", "min", "max", "last", "sum", "count"], Meta(description="of the values in a window")
    ] = "mean"
