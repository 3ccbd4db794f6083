"""What really happened in the invented world, told by those to whom it did: the other side of the product's book."""

from msgspec import Struct, field

Seen = tuple[str, float]
"""What stands there, and for how many seconds it has been seen there."""


class Look(Struct, kw_only=True):
    """What a camera was given to see."""

    camera_id: str
    taken_ms: int
    healthy: bool
    asked: bool
    """Whether it was ordered, not in turn."""
    kept: bool
    """Whether its picture was kept."""
    zones: dict[str, tuple[Seen, ...]]
    judged_ms: int = 0
    """When it was judged, by the product's clock."""


class Said(Struct, kw_only=True):
    """What a device said."""

    device_id: str
    port: int | None
    at_ms: int
    metrics: dict[str, float | int | bool]
    judged_ms: int = 0


class Message(Struct, frozen=True, kw_only=True):
    """What a telephone, a group or a camera was handed. `accepted` False: it was, and the answer was lost."""

    key: str
    at_ms: int
    channel: str
    address: str
    step: str
    subject: str
    case_id: str | None
    members: tuple[str, ...]
    """Keys of what a digest lists; of a single notice its own."""
    urgent: bool
    text: str
    created_ms: int
    accepted: bool = True


class Refused(Struct, frozen=True, kw_only=True):
    """What a provider would not take."""

    key: str
    at_ms: int
    address: str
    final: bool


class Deed(Struct, frozen=True, kw_only=True):
    """What a person did to a case or an alarm."""

    what: str
    at_ms: int
    who: str
    case_id: str | None = None
    rule_id: str | None = None
    subject: str | None = None
    reason: str | None = None


class Stood(Struct, kw_only=True):
    """Something that stood where it should not."""

    camera_id: str
    zone: str
    shop_id: str | None
    label: str
    matter: str
    from_ms: int
    gone_ms: int | None = None
    why: str = ""
    """Why it went: `told`, `by itself`, `crew`."""


class Account(Struct, kw_only=True):
    """All of it, each in the order of time."""

    looks: list[Look] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    stood: list[Stood] = field(default_factory=list)
