"""What waits for a person to look at it, one after the other."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from domain.case import Alarm, Case, LogEntry
from domain.ladder import Ladder, ShopReply

_HOUR_MS: Final = 3_600_000


class Queue(StrEnum):
    """One kind of question to a person."""

    CONFIRM = "confirm"  # is it so? nobody is told before
    CONTEST = "contest"  # is the shop right?
    LOOK = "look"  # an alarm with a picture that leads to nothing by itself
    VERIFY = "verify"  # is the case done, as its unit says?


class Verdict(StrEnum):
    """How a question was answered, or why it is none any more."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UPHELD = "upheld"  # the shop is right
    DISMISSED = "dismissed"
    TAKEN = "taken"  # of an alarm: somebody has it in hand
    VERIFIED = "verified"
    RETURNED = "returned"
    CLOSED = "closed"
    OVER = "over"  # it ended by itself, as by a clear look


class Decided(Struct, frozen=True, kw_only=True):
    """An answer."""

    verdict: Verdict
    by: str | None = None
    """None where no person gave it."""
    at_ms: int | None = None


class Waiting(Struct, frozen=True, kw_only=True):
    """One thing that waits, or waited, with all that it is about."""

    queue: Queue
    key: str
    """The id of what is decided: a ladder's, a contest's, an alarm's, a case's number."""
    alarm: Alarm
    since_ms: int
    """Since when somebody should look."""
    due_ms: int
    """By when."""
    ladder: Ladder | None = None
    contest: ShopReply | None = None
    case: Case | None = None
    decided: Decided | None = None
    """None while it waits."""

    @property
    def urgency_ms(self) -> int:
        """What is smaller comes first: by when somebody should look, and of what is more severe an hour before that
        for each step. So nothing is passed over for ever."""
        return self.due_ms - _HOUR_MS * self.alarm.severity.rank

    @property
    def device_id(self) -> str:
        """The camera or device that found it."""
        return self.alarm.device_id

    @property
    def shop_id(self) -> str | None:
        """Whose it is, if anybody's."""
        return self.case.shop_id if self.case else self.alarm.shop_id


class Done(Struct, frozen=True, kw_only=True):
    """Why a case counts as done, as far as anybody has said so."""

    reported: LogEntry | None = None
    """The last line of its story by which it was reported: by its unit in words, by looks, or by readings."""
    shop_said: ShopReply | None = None
    """The last word of its shop that it is corrected, from before it was a case or since."""


class Said(Struct, frozen=True, kw_only=True):
    """One answer as the log has it."""

    id: int
    at_ms: int
    what: str
    who: str
    device_id: str
    shop_id: str | None


ANSWERS: Final = {
    "confirm_yes": Queue.CONFIRM,
    "confirm_no": Queue.CONFIRM,
    "confirm_yes_by_link": Queue.CONFIRM,
    "confirm_no_by_link": Queue.CONFIRM,
    "contest_upheld": Queue.CONTEST,
    "contest_rejected": Queue.CONTEST,
    "case_verified": Queue.VERIFY,
    "case_verified_on_site": Queue.VERIFY,
    "case_rework": Queue.VERIFY,
}
"""Lines of the log that say that a question was answered, and of which queue."""
