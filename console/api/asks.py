"""What each read may be asked, from path and query. Unknown names and values out of range are refused."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from console.city import Reach
from domain.case import CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.clock import epoch_ms
from domain.finding import Severity
from domain.message import RejectReason

Limit = Annotated[int, Meta(ge=1, le=1000, description="how many at most")]
Cursor = Annotated[str, Meta(min_length=1, max_length=1000, description="`next` of the page before")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339")]
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
    cursor: Cursor | None = None


class AskOpen(AskSome, frozen=True, kw_only=True):
    """A list of what is still open, or of everything."""

    open: Annotated[bool, Meta(description="only what is still open")] = True


class AskLadders(AskOpen, frozen=True, kw_only=True):
    """Ladders, or only those that wait for a person."""

    matter: Name | None = None
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
    severity: Severity | None = None
    sub_district: Name | None = None
    handler: Name | None = None
    device_id: Annotated[Name, Meta(description="the camera or device that found it")] | None = None
    shop_id: Name | None = None
    overdue: Annotated[bool, Meta(description="whether a deadline passed before it was reported")] | None = None
    open: bool | None = None
    text: (
        Annotated[Name, Meta(description="in its number, its title, or the name or road of its shop or device")] | None
    ) = None
    opened_from: Moment | None = None
    opened_to: Annotated[datetime, Meta(tz=True, description="RFC 3339, not included")] | None = None
    sort: Annotated[
        CaseSort,
        Meta(
            description="open: open ones first, then the newest; worst: open ones first, then by severity and "
            "deadline; due: open ones first, then by deadline; newest: by when they were opened; closed: only closed "
            "ones, the last closed first"
        ),
    ] = CaseSort.OPEN

    @property
    def choice(self) -> CaseChoice:
        """The same, as the desk is asked."""
        return CaseChoice(
            state=self.state,
            unit=self.unit,
            matter=self.matter,
            severity=self.severity,
            sub_district=self.sub_district,
            handler=self.handler,
            device_id=self.device_id,
            shop_id=self.shop_id,
            overdue=self.overdue,
            open=self.open,
            text=self.text,
            opened_from_ms=None if self.opened_from is None else epoch_ms(self.opened_from),
            opened_to_ms=None if self.opened_to is None else epoch_ms(self.opened_to),
        )


class AskAlarm(Ask, frozen=True, kw_only=True):
    """One alarm."""

    id: Annotated[int, Meta(ge=1)]


class AskMany(AskSome, frozen=True, kw_only=True):
    """A list that is short enough to be told at once in most cities."""

    limit: Limit = 1000


class AskCameras(AskMany, frozen=True, kw_only=True):
    """Cameras, of one view only if it is named."""

    view: SeenView | None = None


class AskDevices(AskMany, frozen=True, kw_only=True):
    """Devices, of one kind only if it is named."""

    kind: Name | None = None
    reach: Reach | None = None


class AskOlder(AskSome, frozen=True, kw_only=True):
    """A list that goes on below an id; `cursor` is the better way."""

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
