"""What each read may be asked, from path and query. Unknown names and values out of range are refused."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Limit = Annotated[int, Meta(ge=1, le=1000, description="how many at most")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
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


class AskCase(Ask, frozen=True, kw_only=True):
    """One case."""

    case_id: Name


class AskCameras(Ask, frozen=True, kw_only=True):
    """Cameras, of one view only if it is named."""

    view: SeenView | None = None


class AskDevices(Ask, frozen=True, kw_only=True):
    """Devices, of one kind only if it is named."""

    kind: Name | None = None


class AskOlder(AskSome, frozen=True, kw_only=True):
    """A list that goes on below an id."""

    before_id: Annotated[int, Meta(ge=1, description="only those with a smaller id")] | None = None


class AskNotices(AskSome, frozen=True, kw_only=True):
    """Notices, of one case only if it is named."""

    case_id: Name | None = None


class AskReadings(Ask, frozen=True, kw_only=True):
    """The newest values of a device, or of one port of it."""

    kind: Name
    device_id: Name
    port: Annotated[int, Meta(ge=1)] | None = None
