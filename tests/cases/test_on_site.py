"""What still stands and nobody can see: a person who was there is believed, until something sees it again."""

import pytest
from msgspec.structs import replace

from domain.case import Case, ClosedReason
from domain.case_order import CaseAct
from domain.errors import OrderRefused
from domain.finding import CasePolicy, Change, Finding
from domain.presence import CameraPresence, DevicePresence
from domain.sighting import ViewHealth
from tests.cases.city import Town, bikes, clock_ms, leaning
from tests.cases.desks import Desk, own_lines, the_case

A = CaseAct
BIKES = bikes(Change.RAISED, clock_ms("23 09:00"))


def reported(town: Town, finding: Finding = BIKES) -> tuple[Desk, Case]:
    """A case of an alarm that stands since nine and was seen a minute ago; reported as done at ten."""
    desk = Desk(town)
    town.record(replace(finding, policy=CasePolicy.OPEN, change=Change.RAISED))
    case = the_case(town)
    town.record(replace(finding, policy=CasePolicy.OPEN, change=Change.RENEWED, at_ms=clock_ms("23 09:59")))
    return desk, desk.order(A.REPORT, case, clock_ms("23 10:00"))


def see(town: Town, view: ViewHealth | None, taken: str, healthy: str | None = None) -> None:
    """How the camera last looked."""
    with town.store.transaction() as tx:
        healthy_ms = clock_ms(healthy) if healthy else None
        tx.save_presence([CameraPresence(camera_id="C1", view=view, taken_ms=clock_ms(taken), healthy_ms=healthy_ms)])


@pytest.mark.parametrize("last", [None, (ViewHealth.DARK, "23 10:09", "23 09:59"), (None, "23 10:09", "23 10:02")])
def test_a_person_on_site_is_the_eyes_of_a_blind_camera(
    town: Town, last: tuple[ViewHealth | None, str, str] | None
) -> None:
    """With words, which the story has; the alarm ends with the case, and what comes then is new."""
    desk, case = reported(town)
    if last:
        see(town, *last)
    with pytest.raises(OrderRefused, match="nothing has seen it since: whoever was there can verify it with words"):
        desk.order(A.VERIFY, case, clock_ms("23 10:10"), why=" ")
    desk.order(A.VERIFY, case, clock_ms("23 10:10"), who="李姐", why="现场已清空")
    closed = desk.order(A.CLOSE, case, clock_ms("23 10:11"), who="李姐", why="")

    assert closed.closed_reason is ClosedReason.FIXED
    lines = own_lines(town.store, case)
    assert [line.what for line in lines][-2:] == ["case_verified_on_site", "case_closed"]
    assert (lines[-2].facts["person"], lines[-2].facts["why"]) == ("李姐", "现场已清空")
    assert "alarm_released" in town.obey(clock_ms("23 10:12"))
    assert not town.store.alarms(open_only=True)


def test_a_healthy_look_after_the_report_is_believed(town: Town) -> None:
    """Whether it told of the thing anew or not: the alarm would be over if it were gone."""
    desk, case = reported(town)
    see(town, ViewHealth.HEALTHY, "23 10:05", "23 10:05")
    with pytest.raises(OrderRefused, match="still stands") as refused:
        desk.order(A.VERIFY, case, clock_ms("23 10:10"), why="现场已清空")
    assert "with words" not in str(refused.value)
    see(town, ViewHealth.HEALTHY, "23 09:59", "23 09:59")
    desk.order(A.VERIFY, case, clock_ms("23 10:10"), why="现场已清空")

    town.record(replace(BIKES, policy=CasePolicy.OPEN, change=Change.RENEWED, at_ms=clock_ms("23 10:12")))
    with pytest.raises(OrderRefused, match="still stands"):
        desk.order(A.CLOSE, case, clock_ms("23 10:13"), why="现场已清空")


def test_a_sensor_that_is_heard_is_believed(town: Town) -> None:
    """It speaks of its worst once a minute; that it was heard is enough. One that is not heard can't say otherwise."""
    desk, case = reported(town, leaning(Change.RAISED, clock_ms("23 09:00")))
    with town.store.transaction() as tx:
        tx.save_presence([DevicePresence(device_id="T1", kind="heritage-tree", seen_ms=clock_ms("23 10:01"))])
    with pytest.raises(OrderRefused, match="still stands"):
        desk.order(A.VERIFY, case, clock_ms("23 10:10"), why="已支撑")
    with town.store.transaction() as tx:
        tx.save_presence([DevicePresence(device_id="T1", kind="heritage-tree", seen_ms=clock_ms("23 10:00"))])
    desk.order(A.VERIFY, case, clock_ms("23 10:10"), why="已支撑")

    assert own_lines(town.store, case)[-1].what == "case_verified_on_site"


def test_words_end_nothing_that_is_latched(town: Town) -> None:
    """Nor what nobody has reported as done."""
    finding = replace(leaning(Change.RAISED, clock_ms("23 09:00")), latch=True)
    desk, case = reported(town, finding)
    with pytest.raises(OrderRefused, match="longcheng rules release 1"):
        desk.order(A.VERIFY, case, clock_ms("23 10:10"), why="已支撑")
    desk.order(A.RETURN, case, clock_ms("23 10:11"))
    with pytest.raises(OrderRefused, match="still stands"):
        desk.order(A.CLOSE, case, clock_ms("23 10:12"), reason=ClosedReason.SELF_CORRECTED, why="自行改正")
