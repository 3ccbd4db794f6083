"""Long lists of those who are held to sub-districts: the store looks on their ground only."""

from collections.abc import Collection, Mapping
from functools import cached_property

from msgspec.structs import replace

from config.load import Site
from console.desk.city import Desk
from domain.choices import ContestChoice, LadderChoice, NoticeChoice, SilenceChoice
from domain.ground import Ground
from domain.ladder import Ladder, ShopReply
from domain.notice import Notice
from domain.page import Page
from domain.register import Camera, Device, Shop
from domain.silence import Silence


class ScopedPages:
    """Fits `console.desk.pages.PageDesk`; a part of `ScopedDesk`."""

    def __init__(self, desk: Desk, site: Site, sub_districts: Collection[str]) -> None:
        """`site` is the whole one: it says where everything lies."""
        self._desk, self._site = desk, site
        self._mine = frozenset(sub_districts)

    @cached_property
    def _ground(self) -> Ground:
        return ground_of(self._site, self._mine)

    def ladders_page(self, choice: LadderChoice, *, cursor: str | None = None, limit: int) -> Page[Ladder]:
        """Theirs."""
        return self._desk.ladders_page(replace(choice, ground=self._ground), cursor=cursor, limit=limit)

    def contests_page(self, choice: ContestChoice, *, cursor: str | None = None, limit: int) -> Page[ShopReply]:
        """On their ladders."""
        return self._desk.contests_page(replace(choice, ground=self._ground), cursor=cursor, limit=limit)

    def silences_page(self, choice: SilenceChoice, *, cursor: str | None = None, limit: int) -> Page[Silence]:
        """Those that name one of their sub-districts, or a device in it."""
        return self._desk.silences_page(replace(choice, ground=self._ground), cursor=cursor, limit=limit)

    def notices_page(self, choice: NoticeChoice, *, cursor: str | None = None, limit: int) -> Page[Notice]:
        """About their cases, ladders and alarms."""
        if choice.case_id is not None:
            case = self._desk.case(choice.case_id)
            if case is None or not self._ground.holds(case.device_id, case.shop_id, case.sub_district):
                return Page(items=[], next=None)
        return self._desk.notices_page(replace(choice, ground=self._ground), cursor=cursor, limit=limit)


def ground_of(site: Site, sub_districts: Collection[str]) -> Ground:
    """Some sub-districts of a site, in the ids of what stands there."""

    def there(register: Mapping[str, Device] | Mapping[str, Camera] | Mapping[str, Shop]) -> frozenset[str]:
        return frozenset(key for key, one in register.items() if one.location.sub_district in sub_districts)

    cameras = there(site.cameras)
    shops = there(site.shops)
    return Ground(
        sub_districts=frozenset(sub_districts),
        shops=shops,
        devices=cameras | (there(site.devices) - site.cameras.keys()),
        elsewhere=frozenset(site.shops.keys() - shops),
    )
