"""What the console needs to know of one dead letter, and what people do to mend it."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.mended import Mended
from domain.message import DeadLetter, Reject, RejectReason


class Made(Struct, frozen=True, kw_only=True):
    """One thing that a message says, as it would be read."""

    what: str
    """`reading`, `sighting` or `status`."""
    name: str
    """The device, port or camera it is of."""
    at_ms: int
    values: dict[str, str]
    """What it says, by the name of the metric."""


class Trial(Struct, frozen=True, kw_only=True):
    """What the product as it runs now would make of a message."""

    reader: str
    """By what it would be read: a profile, a feed with its format, or a kind of message; empty if by nothing."""
    made: tuple[Made, ...]
    rejects: tuple[Reject, ...]

    @property
    def is_read(self) -> bool:
        """Whether anything of it could be used."""
        return bool(self.made)


class WholeLetter(Struct, frozen=True, kw_only=True):
    """A dead letter, with all that is known of its message."""

    letter: DeadLetter
    others: tuple[DeadLetter, ...]
    """Further letters of the same message: each part that was refused has one."""
    now: Trial
    may_replay: bool
    """Whether a replay would put it through as it came."""
    mended: Mended | None
    """If it is a mended message itself, that was refused again: how it came to be."""


class Replayed(Struct, frozen=True, kw_only=True):
    """What became of the messages whose dead letters were to be replayed."""

    messages: int
    """All that were chosen."""
    replayed: int
    """Of these, back in the journal."""
    letters: int
    """Letters that are gone with them."""
    still_refused: int
    """Left as they were, because they would be refused for the same reasons again."""
    dry_run: bool = False
    """Only counted, and nothing done."""


class LetterDesk(Protocol):
    """A part of `console.desk.city.Desk`. Who is held to sub-districts sees no letter, and mends none."""

    def whole(self, letter_id: int) -> WholeLetter | None:
        """One letter with its message; None if there is none of this id."""
        ...

    def count_replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:
        """What a replay would do, without doing it."""
        ...

    def check(self, letter_id: int, topic: str, payload: bytes) -> Trial:
        """What would be made of the letter's message, if it said this. Raises OrderRefused."""
        ...

    def mend(self, letter_id: int, topic: str, payload: bytes, *, who: str, why: str) -> Mended:
        """Put the message through with this topic and payload. Its letters go, and the original is kept as mended.

        Raises OrderRefused where nothing of it could be used even so, and JournalFull.
        """
        ...

    def mended(self, *, limit: int, before_id: int | None = None) -> Sequence[Mended]:
        """Messages that people mended, newest first."""
        ...
