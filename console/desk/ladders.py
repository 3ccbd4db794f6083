"""What people decide on ladders, as the console needs it: is it so, is a shop right, may a matter be told again."""

from collections.abc import Sequence
from typing import Protocol

from cases.precision import Standing
from domain.ladder import Ladder, ShopReply


class Judge(Protocol):
    """Takes what people decide, and does it at once. Any thread may call; every method may raise StoreUnavailable."""

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One episode, open or not; None if there is none of this id."""
        ...

    def contests(self, *, undecided_only: bool, limit: int) -> Sequence[ShopReply]:
        """What shops contest, the newest first."""
        ...

    def contest(self, contest_id: int) -> ShopReply | None:
        """One of them; None if there is none of this id."""
        ...

    def said(self, reply_id: int) -> ShopReply | None:
        """What a shop said on its page, be it that it is done or that it is wrong; None if there is none of this id."""
        ...

    def confirm(self, ladder_id: int, *, who: str) -> Ladder:
        """It is so. Returns the ladder as it is then. Raises OrderRefused."""
        ...

    def reject(self, ladder_id: int, *, who: str, why: str) -> Ladder:
        """It is none. Raises OrderRefused."""
        ...

    def decide(self, contest_id: int, *, upheld: bool, who: str, why: str) -> ShopReply:
        """Whether a shop is right. Raises OrderRefused."""
        ...

    def rights(self) -> Sequence[Standing]:
        """Of each matter that was seen on a ladder of late, or lost its right: how often it was so."""
        ...

    def restore(self, matter: str, *, who: str, why: str) -> Standing:
        """A matter may be told without a person again. Raises OrderRefused."""
        ...
