"""What is decided on ladders by those who are held to sub-districts: on those of their streets only."""

from collections.abc import Callable, Sequence

from cases.precision import Standing
from console.desk.ladders import Judge
from domain.errors import OrderRefused
from domain.ladder import Ladder, ShopReply

_EVERY = 1_000_000


class ScopedJudge:
    """Fits `console.desk.ladders.Judge`. What lies elsewhere is not there; what is for the city is refused."""

    def __init__(self, judge: Judge, mine: Callable[[Ladder], bool]) -> None:
        self._judge = judge
        self._mine = mine

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One of theirs."""
        found = self._judge.ladder(ladder_id)
        return found if found is not None and self._mine(found) else None

    def contests(self, *, undecided_only: bool, limit: int) -> Sequence[ShopReply]:
        """Theirs."""
        found = self._judge.contests(undecided_only=undecided_only, limit=_EVERY)
        return [one for one in found if self.ladder(one.ladder_id)][:limit]

    def contest(self, contest_id: int) -> ShopReply | None:
        """One of theirs."""
        found = self._judge.contest(contest_id)
        return found if found is not None and self.ladder(found.ladder_id) else None

    def said(self, reply_id: int) -> ShopReply | None:
        """On one of their ladders."""
        found = self._judge.said(reply_id)
        return found if found is not None and self.ladder(found.ladder_id) else None

    def confirm(self, ladder_id: int, *, who: str) -> Ladder:
        """One of theirs."""
        self._only_mine(ladder_id)
        return self._judge.confirm(ladder_id, who=who)

    def reject(self, ladder_id: int, *, who: str, why: str) -> Ladder:
        """One of theirs."""
        self._only_mine(ladder_id)
        return self._judge.reject(ladder_id, who=who, why=why)

    def decide(self, contest_id: int, *, upheld: bool, who: str, why: str) -> ShopReply:
        """One of theirs."""
        if self.contest(contest_id) is None:
            raise OrderRefused(f"there is no contest {contest_id}", "missing", "contest_missing", n=contest_id)
        return self._judge.decide(contest_id, upheld=upheld, who=who, why=why)

    def rights(self) -> Sequence[Standing]:
        """Those of the city: a matter is told alike everywhere."""
        return self._judge.rights()

    def restore(self, matter: str, *, who: str, why: str) -> Standing:  # noqa: ARG002 - the Protocol's
        """For the city, so not for them."""
        raise OrderRefused(f"the right of {matter} to notices is the city's, not of one sub-district", key="whole_city")

    def _only_mine(self, ladder_id: int) -> None:
        if self.ladder(ladder_id) is None:
            raise OrderRefused(f"there is no episode {ladder_id}", "missing", "ladder_missing", n=ladder_id)
