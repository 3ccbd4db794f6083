"""What we tell people, and machines."""

from enum import StrEnum

from msgspec import Struct


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
    body: dict[str, str | float | int | bool | None]
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
