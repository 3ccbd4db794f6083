"""What people decide on ladders, from any process: done at once, in one transaction."""

from collections.abc import Sequence

from cases.notices.letters import Letters
from cases.precision import Rights, Standing
from cases.verdicts import Verdicts
from config.load import Site
from domain.clock import Clock
from domain.errors import OrderRefused
from domain.ladder import Ladder, ReplyKind, ShopReply
from domain.said import wrong_words
from storage.case_store import CaseStore


class LadderPeople:
    """Fits `console.desk.ladders.Judge`. Any thread may call; every method may raise StoreUnavailable."""

    def __init__(self, store: CaseStore, site: Site, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._verdicts = Verdicts(site)
        self._rights = Rights(site, Letters(site))

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One episode, open or not."""
        return self._store.ladder(ladder_id)

    def contests(self, *, undecided_only: bool, limit: int) -> Sequence[ShopReply]:
        """The newest first."""
        said = self._store.replies(undecided_only=undecided_only, limit=limit)
        return [reply for reply in said if reply.kind is ReplyKind.CONTEST]

    def contest(self, contest_id: int) -> ShopReply | None:
        """One of them."""
        found = self.said(contest_id)
        return found if found is not None and found.kind is ReplyKind.CONTEST else None

    def said(self, reply_id: int) -> ShopReply | None:
        """Of either kind."""
        with self._store.glance() as tx:
            return tx.reply(reply_id)

    def confirm(self, ladder_id: int, *, who: str) -> Ladder:
        """It is so. Raises OrderRefused."""
        _refuse(who)
        with self._store.transaction() as tx:
            return self._verdicts.confirm(tx, ladder_id, who=who, now_ms=self._clock.now_ms())

    def reject(self, ladder_id: int, *, who: str, why: str) -> Ladder:
        """It is none. Raises OrderRefused."""
        _refuse(who, why)
        with self._store.transaction() as tx:
            return self._verdicts.reject(tx, ladder_id, who=who, why=why, now_ms=self._clock.now_ms())

    def decide(self, contest_id: int, *, upheld: bool, who: str, why: str) -> ShopReply:
        """Whether a shop is right. Raises OrderRefused."""
        _refuse(who, why)
        with self._store.transaction() as tx:
            now_ms = self._clock.now_ms()
            return self._verdicts.decide(tx, contest_id, upheld=upheld, who=who, why=why, now_ms=now_ms)

    def rights(self) -> Sequence[Standing]:
        """By the matters' codes."""
        kept, now_ms = self._store.notice_rights(), self._clock.now_ms()
        with self._store.transaction() as tx:
            matters = sorted({*self._rights.seen(tx, now_ms), *(right.matter for right in kept)})
            return [self._rights.standing(tx, matter, now_ms) for matter in matters]

    def restore(self, matter: str, *, who: str, why: str) -> Standing:
        """A matter may be told without a person again. Raises OrderRefused."""
        _refuse(who, why)
        with self._store.transaction() as tx:
            now_ms = self._clock.now_ms()
            self._rights.restore(tx, matter, who=who, why=why, now_ms=now_ms)
            return self._rights.standing(tx, matter, now_ms)


def _refuse(who: str, why: str = "") -> None:
    if problem := wrong_words({"who": who, "why": why}):
        raise OrderRefused(problem)
