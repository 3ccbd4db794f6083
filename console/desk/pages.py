"""Long lists, a page at a time, as the console asks for them."""

from typing import Protocol

from domain.choices import ContestChoice, LadderChoice, NoticeChoice, SilenceChoice
from domain.ladder import Ladder, ShopReply
from domain.notice import Notice
from domain.page import Page
from domain.silence import Silence


class PageDesk(Protocol):
    """A part of `console.desk.city.Desk`.

    Each gives at most `limit` of what fits, after the page that `cursor` is the `next` of, and raises OrderRefused for
    a cursor that is none of that list's. Who is held to sub-districts gets what is theirs.
    """

    def ladders_page(self, choice: LadderChoice, *, cursor: str | None = None, limit: int) -> Page[Ladder]:
        """Newest first."""
        ...

    def contests_page(self, choice: ContestChoice, *, cursor: str | None = None, limit: int) -> Page[ShopReply]:
        """Newest first."""
        ...

    def silences_page(self, choice: SilenceChoice, *, cursor: str | None = None, limit: int) -> Page[Silence]:
        """Newest first."""
        ...

    def notices_page(self, choice: NoticeChoice, *, cursor: str | None = None, limit: int) -> Page[Notice]:
        """Newest first, and not counted. A page may hold fewer than `limit`, or none, and be followed by another."""
        ...
