"""What a payload says before anyone has checked it: the common ground of all decoders."""

from collections.abc import Mapping

from msgspec import Struct

from domain.message import Reject
from domain.reading import DeviceState, TimeSource
from ingest.decoded import Reply


class Moment(Struct, frozen=True, kw_only=True, gc=False):
    """One moment of one device, as its payload has it. Names and values are the sender's own."""

    values: Mapping[str, object]
    offered: Mapping[str, object] = {}
    """What a network knows beside: taken where the registers have a place for it and `values` has no word on it."""
    at_ms: int | None = None
    """When, if the payload says so."""
    stamp: TimeSource = TimeSource.DEVICE
    """Whose clock `at_ms` comes from."""
    port: object = None
    part: str = ""
    """Where it stands in the message, for what is set aside."""
    past: bool = False
    """The sender calls it history."""


class Heard(Struct, frozen=True, kw_only=True, gc=False):
    """What one foreign message says about the device of one address."""

    address: str
    moments: tuple[Moment, ...] = ()
    state: DeviceState | None = None
    in_passing: bool = False
    """Named on the way, as a gateway is: nothing is amiss if the register doesn't have it."""
    rejects: tuple[Reject, ...] = ()
    """Parts that no moment could be made of."""
    replies: tuple[Reply, ...] = ()
