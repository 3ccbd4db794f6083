"""Long lists for the console, from the case store."""

from domain.choices import ContestChoice, LadderChoice, NoticeChoice, SilenceChoice
from domain.clock import Clock
from domain.ladder import Ladder, ShopReply
from domain.notice import Notice
from domain.page import Page
from domain.silence import Silence
from storage.case_store import CaseStore


class CityPages:
    """Fits `console.desk.pages.PageDesk`; a part of `CityDesk`."""

    _store: CaseStore
    _clock: Clock

    def ladders_page(self, choice: LadderChoice, *, cursor: str | None = None, limit: int) -> Page[Ladder]:
        """Of ladders."""
        return self._store.ladders_page(choice, cursor=cursor, limit=limit)

    def contests_page(self, choice: ContestChoice, *, cursor: str | None = None, limit: int) -> Page[ShopReply]:
        """Of contests."""
        return self._store.contests_page(choice, cursor=cursor, limit=limit)

    def silences_page(self, choice: SilenceChoice, *, cursor: str | None = None, limit: int) -> Page[Silence]:
        """Of silences."""
        return self._store.silences_page(choice, self._clock.now_ms(), cursor=cursor, limit=limit)

    def notices_page(self, choice: NoticeChoice, *, cursor: str | None = None, limit: int) -> Page[Notice]:
        """Of notices."""
        return self._store.notices_page(choice, cursor=cursor, limit=limit)
