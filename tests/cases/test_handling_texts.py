"""What people read of people at work: each line of a story and each word to a unit, in both languages."""

from typing import Any

from msgspec.structs import replace

from config.texts import LANGUAGES
from console.words import Words
from domain.case import CaseState, ClosedReason
from domain.case_order import CaseAct
from domain.finding import Change
from tests.cases.city import Town, clock_ms, leaning
from tests.cases.desks import Desk, own_lines, the_case

HANDLED = {
    "case_accepted",
    "case_refused",
    "case_assigned",
    "case_taken",
    "case_reported",
    "case_rework",
    "case_sent_back",
    "case_deferred",
    "case_resumed",
    "case_verified",
    "case_verified_on_site",
    "case_closed",
    "case_force_closed",
    "case_merged",
    "case_merged_in",
    "case_reopened",
    "case_rated",
    "case_said",
    "case_overdue",
    "case_step_late",
}
"""Lines of people at work, and of what the clock makes of it."""
TOLD = {
    "case_assigned",
    "case_rework",
    "case_sent_back",
    "case_resumed",
    "case_reopened",
    "case_overdue",
    "case_late_check",
    "case_late_dispatch",
    "case_late_verify",
}
A = CaseAct
Step = tuple[CaseAct, str, dict[str, Any]]


def play_handling(town: Town) -> None:
    """A case on every way there is; each line is written and each word said at least once."""
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    desk, case = Desk(town), the_case(town)
    town.record(leaning(Change.RESOLVED, clock_ms("23 09:10")))
    town.tick(clock_ms("23 10:00"))
    first: tuple[Step, ...] = (
        (A.RETURN, "23 10:01", {}),
        (A.TAKE, "23 10:02", {}),
        (A.DEFER, "23 10:03", {"until_ms": clock_ms("24 09:00")}),
        (A.RESUME, "23 10:04", {}),
        (A.SEND_BACK, "23 10:05", {}),
    )
    for act, at, more in first:
        desk.order(act, case, clock_ms(at), **more)
    town.tick(clock_ms("23 10:30"))
    then: tuple[Step, ...] = (
        (A.ASSIGN, "23 10:31", {"unit": "值班台", "handler": "赵六"}),
        (A.REPORT, "23 10:32", {}),
        (A.VERIFY, "23 10:33", {}),
        (A.CLOSE, "23 10:34", {}),
        (A.RATE, "23 10:35", {"rating": 4}),
        (A.REOPEN, "23 10:36", {}),
    )
    for act, at, more in then:
        desk.order(act, case, clock_ms(at), **more)
    town.tick(clock_ms("27 09:00"))
    desk.order(A.FORCE_CLOSE, case, clock_ms("27 09:01"))
    play_checking(town, desk)


def play_checking(town: Town, desk: Desk) -> None:
    """A case that waits to be checked, is refused, is checked again and accepted; another is merged into it."""
    town.record(leaning(Change.RAISED, clock_ms("28 09:00")))
    with town.store.transaction() as tx:
        tx.save_case(replace(the_case(town), state=CaseState.PENDING_CHECK, state_ms=clock_ms("28 09:00")))
    case = the_case(town)
    town.tick(clock_ms("28 09:30"))
    desk.order(A.REFUSE, case, clock_ms("28 09:31"))
    desk.order(A.REOPEN, case, clock_ms("28 09:32"))
    desk.order(A.ACCEPT, case, clock_ms("28 09:33"))
    with town.store.transaction() as tx:
        tx.add_case(replace(case, id="202611283204009999", state=CaseState.HANDLING))
    desk.order(A.MERGE, "202611283204009999", clock_ms("28 09:40"), into=case.id)
    desk.order(A.ASSIGN, case, clock_ms("28 09:41"))
    desk.order(A.REPORT, case, clock_ms("28 09:42"))
    desk.order(A.VERIFY, case, clock_ms("28 09:43"))
    desk.order(A.CLOSE, case, clock_ms("28 09:44"), reason=ClosedReason.FALSE_POSITIVE)


def test_every_line_reads_well(town: Town) -> None:
    """Nothing unfilled; states and reasons as words of the language; who and why are in it."""
    play_handling(town)

    lines = [line for case in town.store.cases() for line in own_lines(town.store, case) if line.what in HANDLED]
    assert {line.what for line in lines} == HANDLED
    for line in lines:
        for language in LANGUAGES:
            said = Words(town.site, language, clock_ms("28 10:00")).story(line)
            assert said != line.what
            assert "None" not in said, said
            assert "pending_" not in said, said
            assert "false_positive" not in said, said
            if line.what not in {"case_overdue", "case_step_late", "case_resumed", "case_taken"}:
                assert "王工" in said, said
        assert line.facts["rule_version"] == "11223344"


def test_a_word_without_a_person_or_a_reason_has_no_gap(town: Town) -> None:
    """Neither a label with nothing behind it nor a dash; with them, they are told."""
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    desk = Desk(town)
    desk.order(A.ASSIGN, the_case(town), clock_ms("23 09:10"), why="")
    desk.order(A.ASSIGN, the_case(town), clock_ms("23 09:20"), why="先去看", handler="张三")
    bare, told = (one.body for one in town.notices() if one.step == "case_assigned")
    for language, label, note in (("zh", "处置人", "说明"), ("en", "person:", "Note:")):
        text, more = str(bare[f"text_{language}"]), str(told[f"text_{language}"])
        assert not any(one in text for one in (label, note, "–", "{")), text
        assert f"{label}" in more
        assert "张三" in more
        assert "先去看" in more


def test_every_word_reads_well(town: Town) -> None:
    """Which case, where, by when, and on what basis, in both languages."""
    play_handling(town)

    notices = [notice for notice in town.notices() if notice.step in TOLD]
    assert {notice.step for notice in notices} == TOLD
    for notice in notices:
        for language in ("zh", "en"):
            text = str(notice.body[f"text_{language}"])
            assert str(notice.case_id) in text
            assert "11223344" in text
            assert "双桂街" in text
            assert "None" not in text, text
            assert "{" not in text, text
