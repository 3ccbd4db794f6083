"""What ladders need of a transaction, and what shops and people say on them."""

from typing import Protocol

from domain.case import Alarm
from domain.ladder import Ladder, LadderStep, NoticeRight, ShopReply, Verdicts


class LaddersTransaction(Protocol):
    """A part of `BookTransaction`."""

    def open_ladder(self, alarm_id: int) -> Ladder | None:
        """The ladder of an alarm, if it has not ended."""
        ...

    def ladder_of(self, alarm_id: int) -> Ladder | None:
        """The ladder of an alarm, open or not; None if it never had one."""
        ...

    def open_ladders(self, step: LadderStep | None = None) -> list[tuple[Ladder, Alarm]]:
        """All that have not ended, or those of one step, oldest first."""
        ...

    def ladders_due(self, now_ms: int, asked_before_ms: int) -> list[tuple[Ladder, Alarm]]:
        """Open ladders whose re-check is due and that asked for no look since `asked_before_ms`; oldest first.

        Those with a reminder that still waits to go out are not among them.
        """
        ...

    def episodes(self, matter: str, *, shop_id: str | None, subject: str, since_ms: int) -> int:
        """How many finds of a matter began after `since_ms`: of the shop or, where no shop answers, the subject."""
        ...

    def add_ladder(self, ladder: Ladder) -> Ladder:
        """Keep a new ladder; returns it with its id."""
        ...

    def save_ladder(self, ladder: Ladder) -> None:
        """Replace a ladder by its newer self."""
        ...

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One ladder, open or not; None if there is none of this id."""
        ...

    def add_reply(self, reply: ShopReply) -> ShopReply:
        """Keep what a shop says; returns it with its id."""
        ...

    def save_reply(self, reply: ShopReply) -> None:
        """Replace it by its newer self."""
        ...

    def reply(self, reply_id: int) -> ShopReply | None:
        """What a shop said; None if there is nothing of this id."""
        ...

    def replies(self, ladder_id: int) -> list[ShopReply]:
        """All that was said on a ladder, oldest first."""
        ...

    def undecided_contests(self) -> list[ShopReply]:
        """Contests that wait for a person, oldest first."""
        ...

    def notice_right(self, matter: str) -> NoticeRight:
        """Whether finds of a matter may lead to notices without a person."""
        ...

    def save_notice_right(self, right: NoticeRight) -> None:
        """Keep it as it is now."""
        ...

    def verdicts(self, matter: str, since_ms: int) -> Verdicts:
        """Of a matter's finds since then that were told or looked at by a person."""
        ...

    def matters_closed_as_none(self, since_ms: int) -> list[str]:
        """Codes of the matters of which cases of ladders were closed since then as ones that never were, in order."""
        ...

    def found_matters(self, since_ms: int) -> list[str]:
        """Codes of the matters that were seen on a ladder since then, in order."""
        ...
