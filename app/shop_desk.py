"""What a shop's page is told, and where its word goes."""

import threading
from collections.abc import Sequence

from app.shop_photos import ShopPhotos
from app.shop_pictures import ShopPictures
from cases.ladder import compressed_ms
from cases.notices.letters import Letters
from cases.reminding import Reminding
from cases.replies import Replies
from cases.shop_links import Holder
from cases.store import BookTransaction
from cases.verdicts import Verdicts
from config.load import Site
from domain.case import Case
from domain.clock import Clock
from domain.errors import OrderRefused
from domain.ladder import Ladder, ReplyKind, ShopReply
from storage.case_store import CaseStore
from storage.evidence_store import EvidenceStore


class ShopDesk:
    """Any thread may call; every method may raise StoreUnavailable."""

    def __init__(self, *, site: Site, store: CaseStore, evidence: EvidenceStore, clock: Clock) -> None:
        self._site = site
        self._store = store
        self._clock = clock
        self._replies = Replies(site)
        self._verdicts = Verdicts(site)
        self._reminding = Reminding(site, Letters(site))
        self._pictures = ShopPictures(evidence, site)
        self._photos = ShopPhotos(site.settings.data_dir)
        self._one_says = threading.Lock()

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One episode."""
        return self._store.ladder(ladder_id)

    def replies(self, ladder_id: int) -> Sequence[ShopReply]:
        """Newest first."""
        return self._store.replies(ladder_id=ladder_id)

    def case_of(self, ladder_id: int) -> Case | None:
        """As its story says."""
        ids = [line.case_id for line in self._store.log(ladder_id=ladder_id) if line.ladder_id == ladder_id]
        known = [case_id for case_id in ids if case_id]
        return self._store.case(known[-1]) if known else None

    def picture(self, name: str, zone: str) -> bytes | None:
        """Made from the blurred copy."""
        return self._pictures.picture(name, zone)

    def says(self, ladder_id: int, kind: ReplyKind, *, words: str, photo: bytes | None) -> ShopReply:
        """Into the case store, with its photo into the data folder. Said twice is said once.

        Raises OrderRefused, and SourceError for a photo that is none.
        """
        name = None if photo is None else self._photos.keep(photo)
        said: ShopReply | None = None
        try:
            with self._one_says:
                said = self._waiting(ladder_id) if kind is ReplyKind.CORRECTED else None
                said = said or self._say(ladder_id, kind, words, name)
            return said
        finally:
            if name and (said is None or said.picture != name):
                self._photos.drop(name)

    def answers(self, ladder_id: int, holder: Holder, *, so: bool, why: str) -> Ladder:
        """As whoever the link was sent to. Raises OrderRefused."""
        now_ms = self._clock.now_ms()
        with self._store.transaction() as tx:
            who = self._asked(tx, ladder_id, holder)
            if so:
                return self._verdicts.confirm(tx, ladder_id, who=who, now_ms=now_ms, by_link=True)
            return self._verdicts.reject(tx, ladder_id, who=who, why=why, now_ms=now_ms, by_link=True)

    def _asked(self, tx: BookTransaction, ladder_id: int, holder: Holder) -> str:
        """The address at which somebody was asked."""
        if holder is Holder.SHOP:
            raise OrderRefused("a shop is not asked whether it is so")
        ladder = tx.ladder(ladder_id)
        alarm = tx.alarm(ladder.alarm_id) if ladder and holder is Holder.KEEPER else None
        return self._reminding.keeper(alarm) if alarm else self._site.settings.notices.duty_desk

    def _say(self, ladder_id: int, kind: ReplyKind, words: str, picture: str | None) -> ShopReply:
        now_ms = self._clock.now_ms()
        with self._store.transaction() as tx:
            return self._replies.say(tx, ladder_id, kind, words=words, picture=picture, now_ms=now_ms)

    def _waiting(self, ladder_id: int) -> ShopReply | None:
        """A "corrected" whose look is still to come."""
        ladder = self._store.ladder(ladder_id)
        if ladder is None:
            raise OrderRefused(f"there is no episode {ladder_id}", "missing")
        way = self._site.settings.ladder.way(ladder.matter)
        since_ms = self._clock.now_ms() - compressed_ms(way.recheck_patience, self._site)
        said = (one for one in self._store.replies(ladder_id=ladder_id) if one.kind is ReplyKind.CORRECTED)
        return next((one for one in said if one.given_ms > since_ms), None)
