"""A judge in memory, before whom nothing waits."""

from collections.abc import Sequence

from cases.precision import Standing
from domain.errors import OrderRefused
from domain.ladder import Ladder, ShopReply


class FakeJudge:
    """Fits console.desk.ladders.Judge. It knows the ladders of its desk; none of them waits for anybody."""

    def __init__(self, ladders: Sequence[Ladder]) -> None:
        self._ladders = ladders

    def ladder(self, ladder_id: int) -> Ladder | None:
        """By its id."""
        return next((ladder for ladder in self._ladders if ladder.id == ladder_id), None)

    def contests(self, *, undecided_only: bool, limit: int) -> Sequence[ShopReply]:  # noqa: ARG002 - the Protocol's
        """None."""
        return []

    def contest(self, contest_id: int) -> ShopReply | None:  # noqa: ARG002 - the Protocol's
        """None."""
        return None

    def said(self, reply_id: int) -> ShopReply | None:  # noqa: ARG002 - the Protocol's
        """Nobody said anything."""
        return None

    def confirm(self, ladder_id: int, *, who: str) -> Ladder:  # noqa: ARG002 - the Protocol's
        """There is nothing to confirm."""
        raise OrderRefused(f"there is no episode {ladder_id} that waits", "missing")

    def reject(self, ladder_id: int, *, who: str, why: str) -> Ladder:  # noqa: ARG002 - the Protocol's
        """There is nothing to reject."""
        raise OrderRefused(f"there is no episode {ladder_id} that waits", "missing")

    def decide(self, contest_id: int, *, upheld: bool, who: str, why: str) -> ShopReply:  # noqa: ARG002 - the Protocol's
        """There is nothing to decide."""
        raise OrderRefused(f"there is no contest {contest_id}", "missing")

    def rights(self) -> Sequence[Standing]:
        """None was ever measured."""
        return []

    def restore(self, matter: str, *, who: str, why: str) -> Standing:  # noqa: ARG002 - the Protocol's
        """None was ever lost."""
        raise OrderRefused(f"matter {matter} has its right to notices", "over")
