"""People at work on a case: which move is one, what it does, who is told, and what is never lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.case import CaseState, ClosedReason
from domain.case_order import MOVES, CaseAct, allowed
from domain.errors import OrderRefused
from domain.finding import Change
from domain.notice import NoticeState
from domain.order import OrderKind
from tests.cases.city import Town, charger, clock_ms, leaning, make_site
from tests.cases.desks import Desk, as_replayed, other_case, own_lines, put, replayed, the_case

S, A = CaseState, CaseAct
MORE: dict[CaseAct, dict[str, Any]] = {
    A.DEFER: {"until_ms": clock_ms("27 09:00")},
    A.RATE: {"rating": 4},
}
TABLE = """
                  pending_check     pending_dispatch  pending_handle    returned        handling        deferred        pending_verify  verified      not_accepted   closed    force_closed  rated
accept            pending_dispatch  -                 -                 -               -               -               -               -             -              -         -             -
refuse            not_accepted      not_accepted      -                 -               -               -               -               -             -              -         -             -
assign            -                 pending_handle    pending_handle    returned        handling        -               -               -             -              -         -             -
take              -                 -                 handling          handling        handling        -               -               -             -              -         -             -
report            -                 -                 pending_verify    pending_verify  pending_verify  -               -               -             -              -         -             -
return            -                 -                 -                 -               -               -               returned        returned      -              -         -             -
send-back         -                 -                 pending_dispatch  pending_dispatch pending_dispatch -             -               -             -              -         -             -
defer             -                 -                 deferred          deferred        deferred        -               -               -             -              -         -             -
resume            -                 -                 -                 -               -               pending_handle  -               -             -              -         -             -
verify            -                 -                 -                 -               -               -               verified        -             -              -         -             -
close             -                 closed            closed            closed          closed          closed          closed          closed        -              -         -             -
force-close       force_closed      force_closed      force_closed      force_closed    force_closed    force_closed    force_closed    force_closed  -              -         -             -
merge             closed            closed            closed            closed          closed          closed          closed          closed        -              -         -             -
reopen            -                 -                 -                 -               -               -               -               -             pending_check  returned  returned      returned
rate              -                 -                 -                 -               -               -               -               -             -              rated     rated         -
"""  # noqa: E501 - a table


def table() -> Iterator[tuple[CaseAct, CaseState, CaseState | None]]:
    """Each cell: an act, a state, and the state it leads to."""
    head, *rows = TABLE.strip().splitlines()
    for row in rows:
        act, *cells = row.split()
        for state, cell in zip(head.split(), cells, strict=True):
            yield CaseAct(act), CaseState(state), None if cell == "-" else CaseState(cell)


def reason_for(act: CaseAct, state: CaseState) -> dict[str, Any]:
    """What nobody has verified is closed as something else than fixed."""
    if act is A.CLOSE and state is not S.VERIFIED:
        return {"reason": ClosedReason.TRANSFERRED}
    return dict(MORE.get(act, {}))


@pytest.mark.parametrize("act", list(CaseAct))
def test_every_move(desk: Desk, act: CaseAct) -> None:
    """One row of the table: in each state it is done, counted and written; or refused with what is possible, and
    nothing happens."""
    other = other_case(desk)
    for state, leads_to in ((state, leads_to) for of, state, leads_to in table() if of is act):
        case, more = put(desk, state), reason_for(act, state)
        more |= {"into": other.id} if act is A.MERGE else {}
        before = len(own_lines(desk.town.store, case))
        if leads_to is None:
            with pytest.raises(OrderRefused, match=f"is {state}: {act} is not for that; now there is") as refused:
                desk.order(act, case, clock_ms("23 11:00"), **more)
            assert all(possible in str(refused.value) for possible in allowed(state))
            assert desk.town.store.case(case.id) == case
            continue
        after = desk.order(act, case, clock_ms("23 11:00"), **more)
        assert after == desk.town.store.case(case.id)
        assert (after.state, after.version) == (leads_to, case.version + 1)
        assert (after.closed_ms is not None) is leads_to.is_closed
        line = own_lines(desk.town.store, case)[before]
        assert (line.who, line.facts["was"], line.facts["state"]) == ("王工", state, leads_to)


def test_the_table_is_the_table() -> None:
    """What is tested is all there is."""
    cells = {(act, state): to for act, state, to in table()}
    assert cells == {(act, state): MOVES[act].get(state) for act in CaseAct for state in CaseState}


@pytest.mark.parametrize(
    ("act", "more", "says"),
    [
        (A.REPORT, {"why": " "}, "report needs a reason"),
        (A.RETURN, {"why": ""}, "return needs a reason"),
        (A.CLOSE, {"why": "", "reason": ClosedReason.FALSE_POSITIVE}, "close needs a reason"),
        (A.CLOSE, {"reason": ClosedReason.DUPLICATE}, "no case is closed as duplicate; there is false_positive, fixed"),
        (A.DEFER, {}, "until when"),
        (A.DEFER, {"until_ms": clock_ms("23 09:00")}, "a time to come"),
        (A.MERGE, {}, "into which other case"),
        (A.RATE, {"rating": 6}, "the rating is 6; 1"),
        (A.TAKE, {"unit": "园林所"}, "take takes no unit; a unit is for assign"),
        (A.TAKE, {"who": ""}, "say who"),
        (A.CLOSE, {}, "closed as fixed once somebody has verified it"),
        (A.REOPEN, {}, "is pending_handle: reopen is not for that"),
    ],
)
def test_an_order_that_is_none(desk: Desk, act: CaseAct, more: dict[str, Any], says: str) -> None:
    """It says what is missing, and nothing is changed."""
    case = the_case(desk.town)
    with pytest.raises(OrderRefused, match=says):
        desk.order(act, case, clock_ms("23 11:00"), **more)
    assert the_case(desk.town) == case


def test_of_a_case_there_is_not(desk: Desk) -> None:
    """It is missing."""
    with pytest.raises(OrderRefused, match="there is no case 7") as refused:
        desk.order(A.TAKE, "7", clock_ms("23 11:00"))
    assert refused.value.why == "missing"


def test_the_whole_way(desk: Desk) -> None:
    """Taken, done, seen, closed and rated; its lines alone say the same of it."""
    case, town = the_case(desk.town), desk.town
    desk.order(A.TAKE, case, clock_ms("23 10:00"), why="")
    desk.order(A.REPORT, case, clock_ms("23 11:00"), why="已支撑加固")
    desk.order(A.VERIFY, case, clock_ms("23 11:10"), who="李姐", why="")
    desk.order(A.CLOSE, case, clock_ms("23 11:11"), who="李姐", why="")
    done = desk.order(A.RATE, case, clock_ms("24 09:00"), who="市民", rating=5, why="很快")

    assert (done.state, done.closed_reason, done.rating, done.rated_by) == (S.RATED, ClosedReason.FIXED, 5, "市民")
    assert (done.handler, done.closed_ms, done.overdue_ms) == ("王工", clock_ms("23 11:11"), None)
    whats = [line.what for line in own_lines(town.store, case)]
    assert whats[-6:] == ["case_taken", "case_reported", "case_verified", "case_closed", "case_rated", "case_said"]


def test_re_work_goes_to_the_same_unit_and_keeps_what_was_filled_in(desk: Desk) -> None:
    """With the reason; its handler is told; and it can't be given to another unit on the way."""
    town, case = desk.town, the_case(desk.town)
    desk.order(A.TAKE, case, clock_ms("23 10:00"), handler="张三")
    desk.order(A.REPORT, case, clock_ms("23 10:30"), why="已处置")
    back = desk.order(A.RETURN, case, clock_ms("23 10:40"), who="李姐", why="支撑没有装")

    assert (back.state, back.unit, back.handler, back.reworks) == (S.RETURNED, case.unit, "张三", 1)
    notice = town.notices()[-1]
    assert notice.step == "case_rework"
    assert "返工（处置人：张三）：支撑没有装" in str(notice.body["text_zh"])
    with pytest.raises(OrderRefused, match=f"is returned with {case.unit}; to give it to 值班台, send it back first"):
        desk.order(A.ASSIGN, case, clock_ms("23 10:50"), unit="值班台")
    assert desk.order(A.ASSIGN, case, clock_ms("23 10:51"), handler="李四").handler == "李四"


def test_what_is_not_theirs_goes_back_and_to_another(desk: Desk) -> None:
    """The desk learns why; the next unit has it as if new."""
    town, case = desk.town, the_case(desk.town)
    desk.order(A.TAKE, case, clock_ms("23 10:00"))
    waits = desk.order(A.SEND_BACK, case, clock_ms("23 10:10"), why="属园林所管")
    assert (waits.state, waits.handler) == (S.PENDING_DISPATCH, None)
    assert "属园林所管" in str(town.notices()[-1].body["text_zh"])

    given = desk.order(A.ASSIGN, case, clock_ms("23 10:20"), who="李姐", unit="值班台", handler="赵六")
    assert (given.state, given.unit, given.handler) == (S.PENDING_HANDLE, "值班台", "赵六")


def test_what_still_stands_is_not_done(town: Town) -> None:
    """A camera that sees it, or a sensor that reads it, is believed, whatever is said; what it can't see a person may
    say."""
    desk = Desk(town)
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    case = the_case(town)
    desk.order(A.REPORT, case, clock_ms("23 10:00"))
    town.record(leaning(Change.RENEWED, clock_ms("23 10:05")))
    for words in ("", "已支撑"):
        with pytest.raises(OrderRefused, match=r"alarm 1 \(Heritage tree leans, T1\) still stands, so .* is not done"):
            desk.order(A.VERIFY, case, clock_ms("23 10:10"), why=words)
    town.record(leaning(Change.STALE, clock_ms("23 10:20")))
    desk.order(A.VERIFY, case, clock_ms("23 10:30"), why="")
    desk.order(A.CLOSE, case, clock_ms("23 10:31"))

    with town.store.transaction() as tx:
        (order,) = tx.waiting_orders()
    assert (order.kind, order.alarm_id, order.who) == (OrderKind.RELEASE, 1, "王工")


@pytest.mark.parametrize("reason", [ClosedReason.FALSE_POSITIVE, ClosedReason.NOT_REPRODUCED, None])
def test_what_was_none_lets_its_alarm_go(town: Town, reason: ClosedReason | None) -> None:
    """By the rules' next step, with the person's word; closed by force likewise. What waits to go out does not."""
    town.sending = False
    desk = Desk(town)
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    act, more = (A.FORCE_CLOSE, {}) if reason is None else (A.CLOSE, {"reason": reason})
    closed = desk.order(act, the_case(town), clock_ms("23 10:00"), why="现场正常", **more)

    assert closed.closed_reason is (reason or ClosedReason.FORCED)
    assert {notice.state for notice in town.notices()} == {NoticeState.WITHDRAWN}
    assert "alarm_released" in town.obey(clock_ms("23 10:01"))
    assert not town.store.alarms(open_only=True)
    town.record(leaning(Change.RAISED, clock_ms("23 11:00")))
    assert the_case(town).id != closed.id


def test_somebody_else_s_matter_stands_on(town: Town) -> None:
    """A case that was handed over takes no alarm with it."""
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    Desk(town).order(A.CLOSE, the_case(town), clock_ms("23 10:00"), reason=ClosedReason.TRANSFERRED)
    with town.store.transaction() as tx:
        assert tx.waiting_orders() == []


def test_its_lines_alone_say_how_it_is(town: Town) -> None:
    """Through re-work, leave, another unit and a second opening."""
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    case, desk = the_case(town), Desk(town)
    orders: list[tuple[CaseAct, dict[str, Any]]] = [
        (A.TAKE, {}),
        (A.DEFER, {"until_ms": clock_ms("27 10:00")}),
        (A.RESUME, {}),
        (A.SEND_BACK, {}),
        (A.ASSIGN, {"unit": "值班台"}),
        (A.REPORT, {}),
        (A.RETURN, {}),
        (A.FORCE_CLOSE, {}),
        (A.RATE, {"rating": 2}),
        (A.REOPEN, {}),
    ]
    for minute, (act, more) in enumerate(orders):
        after = desk.order(act, case, clock_ms(f"24 10:{minute:02}"), **more)
        lines = own_lines(desk.town.store, case)
        assert as_replayed(after).items() >= {"state": replayed(lines)["state"]}.items()
    assert replayed(lines) == as_replayed(after)


def test_what_somebody_has_not_seen_they_can_t_overrule(desk: Desk) -> None:
    """With the version they saw; the other's name and time are told. Without one, both stand in the story."""
    case = the_case(desk.town)
    desk.order(A.TAKE, case, clock_ms("23 10:00"), version=case.version)
    with pytest.raises(OrderRefused, match=r"was changed meanwhile by 王工 at 11-23 10:00:00: it is handling") as told:
        desk.order(A.TAKE, case, clock_ms("23 10:01"), who="李姐", version=case.version)
    assert told.value.why == "conflict"
    assert desk.order(A.TAKE, case, clock_ms("23 10:02"), who="李姐").handler == "李姐"


def test_without_a_register_only_the_usual_units_are_known(desk: Desk) -> None:
    """The teams and the duty desk: of any other nobody would be told."""
    case, at_ms = the_case(desk.town), clock_ms("23 09:10")
    with pytest.raises(OrderRefused, match="there is no unit '没有这个'; there is 值班台, Duty desk, 天宁街道城管中队"):
        desk.order(A.ASSIGN, case, at_ms, unit="没有这个")
    assert desk.order(A.ASSIGN, case, at_ms, unit="值班台").unit == "值班台"


def test_the_unit_is_told_where_it_has_an_address(tmp_path: Path) -> None:
    """In place of the duty desk; of an emergency the desk learns in any case."""
    folder = tmp_path / "site"
    make_site(folder)
    lines = "sub_district,grid,matter,unit,recipient\n天宁街道,,,天宁街道城管中队,team:tianning\n"
    lines += ",,04001,园林所,team:parks\n"
    (folder / "units.csv").write_text(lines, encoding="utf-8")
    town = Town(make_site(folder), tmp_path)
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")), charger(Change.RAISED, clock_ms("23 09:00")))

    told = {(notice.recipient, str(notice.body["handling_unit"])) for notice in town.notices()}
    assert told == {("team:parks", "园林所"), ("duty-desk", "值班台")}
    case = next(case for case in town.store.cases() if case.matter == "04001")
    with pytest.raises(OrderRefused, match="there is no unit '园林处'; did you mean '园林所'"):
        Desk(town).order(A.ASSIGN, case, clock_ms("23 09:10"), unit="园林处")
    Desk(town).order(A.ASSIGN, case, clock_ms("23 09:10"), unit="天宁街道城管中队")
    assert (town.notices()[-1].recipient, town.notices()[-1].step) == ("team:tianning", "case_assigned")
    town.store.close()
