"""What we tell people, and machines."""

from enum import StrEnum

from msgspec import Struct

Body = dict[str, str | float | int | bool | None]


class NoticeState(StrEnum):
    """Where a notice is on its way out."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"  # given up after its last try; shown and counted
    WITHDRAWN = "withdrawn"  # overtaken before it went out, e.g. cleared during the quiet hours


class Notice(Struct, frozen=True, kw_only=True):
    """One message to one recipient about one step. The idempotency `key` names recipient, case and step."""

    id: int
    key: str
    channel: str
    recipient: str
    step: str
    subject: str
    body: Body
    """What the channel sends, e.g. `text_zh`, `text_en`, `picture`, `deadline`."""
    state: NoticeState
    created_ms: int
    not_before_ms: int
    attempts: int = 0
    last_error: str | None = None
    sent_ms: int | None = None
    alarm_id: int | None = None
    ladder_id: int | None = None
    case_id: str | None = None
    address: str = ""
    """To whom on its channel; who shares both reads the same messages."""
    urgent: bool = False
    """Whether it is critical: it waits for no group and behind no other."""
    digest: str | None = None
    """The key of the message in which it goes out with others. Once set it stays, so that a repeat is a repeat."""
    copy_of: int | None = None
    """The notice of which this is the same word by another way."""
    receipt: str | None = None
    """What the provider calls the message."""
    delivered_ms: int | None = None
    """When it was in the receiver's hands, as far as anyone told."""


class Group(Struct, frozen=True, kw_only=True):
    """Notices to one address that wait together; with a `key`, those that a digest has already put together."""

    address: str
    oldest_ms: int
    """From when the first of them may go out."""
    n: int
    key: str = ""
    urgent: bool = False
