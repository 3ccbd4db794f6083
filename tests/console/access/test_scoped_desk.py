"""The desk of those who are held to sub-districts, asked without a browser."""

import pytest
from msgspec.structs import replace

from config.load import Site
from console.scope.city import ScopedDesk
from domain.case_choice import CaseChoice
from domain.case_order import CaseAct, CaseOrder
from domain.clock import ManualClock
from domain.errors import OrderRefused
from domain.order import OrderKind
from domain.silence import Silence
from tests.console.access.people import MINE
from tests.console.access.test_keepers import at
from tests.fakes.desk import FakeDesk


def scoped(site: Site, desk: FakeDesk, *districts: str) -> ScopedDesk:
    return ScopedDesk(desk, site, frozenset(districts))


def test_what_lies_nowhere_is_nobodys(site: Site, desk: FakeDesk) -> None:
    """An alarm of the product itself, of many, or of an unknown device is for those who see the whole city."""
    desk.all_alarms = [
        replace(desk.all_alarms[0], id=n, device_id=name, shop_id=None)
        for n, name in enumerate(("service/journal", "@many", "unheard-of"), 1)
    ]
    every = {camera.location.sub_district for camera in site.cameras.values()}
    assert scoped(site, desk, *every).alarms(open_only=False, limit=9) == []


def test_a_keeper_without_a_sub_district_sees_nothing(site: Site, desk: FakeDesk) -> None:
    """Rather than everything."""
    none = scoped(site, desk)
    assert (none.cases(limit=9), none.alarms(open_only=False, limit=9), none.counts().cases_total) == ([], [], 0)


def test_a_limit_is_filled_from_further_down(site: Site, desk: FakeDesk) -> None:
    """However many of others' are newer."""
    own = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) == MINE)
    other = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) != MINE)
    desk.all_alarms = [replace(own, id=1), *(replace(other, id=n) for n in range(2, 3000))]
    assert [one.id for one in scoped(site, desk, MINE).alarms(open_only=False, limit=5)] == [1]


def test_a_silence_names_nothing_that_lies_elsewhere(site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """Not even together with a street of theirs, and no name of what lies elsewhere is offered in its place."""
    mine, now_ms = scoped(site, desk, MINE), clock.now_ms()
    other = next(name for name, one in site.devices.items() if one.location.sub_district != MINE)
    own = next(name for name, one in site.devices.items() if one.location.sub_district == MINE)
    plain = Silence(id=0, who="k", why="y", from_ms=now_ms, until_ms=now_ms + 60_000, given_ms=now_ms)
    for named in ({"device_id": other}, {"device_id": f"{other}x"}, {"subject": f"{other}/1"}):
        with pytest.raises(OrderRefused) as refused:
            mine.silence(replace(plain, sub_district=MINE, **named))
        assert "did you mean" not in str(refused.value)
    assert desk.all_silences == []
    assert mine.silence(replace(plain, device_id=own)).device_id == own


def test_orders_about_others_are_refused(site: Site, desk: FakeDesk) -> None:
    """As missing; and a case of theirs is merged into none of another's."""
    mine = scoped(site, desk, MINE)
    other = next(case for case in desk.all_cases if at(site, case.device_id, case.shop_id) != MINE)
    own = next(case for case in desk.all_cases if at(site, case.device_id, case.shop_id) == MINE)
    for order in (
        CaseOrder(case_id=other.id, act=CaseAct.TAKE, who="k"),
        CaseOrder(case_id=own.id, act=CaseAct.MERGE, who="k", why="same", into=other.id),
    ):
        with pytest.raises(OrderRefused, match="there is no case"):
            mine.handle(order)
    alarm = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) != MINE)
    with pytest.raises(OrderRefused, match="there is no alarm"):
        mine.order(OrderKind.ACK, alarm.id, who="k", why="y")
    assert {case.id for case in mine.cases_chosen(CaseChoice(), limit=99)[0]} == {
        case.id for case in desk.all_cases if at(site, case.device_id, case.shop_id) == MINE
    }
    for refused in (lambda: mine.replay(ids=[1]), lambda: mine.purge(ids=[1]), lambda: mine.delivered(["k"], 1)):
        with pytest.raises(OrderRefused, match="whole city"):
            refused()
