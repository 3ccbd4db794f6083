"""What a shop's page needs to know. As with `console.desk`, the wiring answers; any thread asks."""

from collections.abc import Sequence
from typing import Protocol

from cases.shop_links import Holder
from domain.case import Case
from domain.ladder import Ladder, ReplyKind, ShopReply


class ShopDesk(Protocol):
    """One episode, as far as its shop may know it, and the word of whoever has its link. Every method may raise
    StoreUnavailable."""

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One ladder, open or not; None if there is none of this id."""
        ...

    def replies(self, ladder_id: int) -> Sequence[ShopReply]:
        """What the shop said on a ladder, newest first."""
        ...

    def case_of(self, ladder_id: int) -> Case | None:
        """The case that a ladder led to, or the one that it joined; None if it led to none."""
        ...

    def picture(self, name: str, zone: str) -> bytes | None:
        """A JPEG of one zone in the blurred copy of a picture; None if there is none, or no knowing where it lay."""
        ...

    def says(self, ladder_id: int, kind: ReplyKind, *, words: str, photo: bytes | None) -> ShopReply:
        """Keep what a shop says. Said twice is said once. Raises OrderRefused, SourceError for a photo that is none."""
        ...

    def answers(self, ladder_id: int, holder: Holder, *, so: bool, why: str) -> Ladder:
        """Whoever was asked whether it is so says it; `why` where it is not. Said twice: raises OrderRefused."""
        ...
