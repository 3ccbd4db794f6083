"""Carries out what people order about cases: checked, done, written into the story, and told."""

from collections.abc import Mapping
from typing import Any, Final

from cases import story
from cases.acts import DONE, changed, facts_of, lets_go
from cases.assignment import Assignment
from cases.belonging import case_of, standing
from cases.deadlines import Deadlines
from cases.merging import merged, refuse_merge
from cases.notices.letters import Letters
from cases.on_site import VERIFIED_ON_SITE, is_believed, is_contradicted
from cases.store import BookTransaction
from cases.telling import Telling, Whom
from config.load import Site
from domain.case import Alarm, Case, CaseState, ClosedReason, LogEntry
from domain.case_order import BEFORE_VERIFIED, MOVES, CaseAct, CaseOrder, allowed, wrong_case_order
from domain.clock import utc
from domain.errors import OrderRefused
from domain.order import AlarmOrder, OrderKind

_LINES: Final = {
    CaseAct.ACCEPT: "case_accepted",
    CaseAct.REFUSE: "case_refused",
    CaseAct.ASSIGN: "case_assigned",
    CaseAct.TAKE: "case_taken",
    CaseAct.REPORT: "case_reported",
    CaseAct.RETURN: "case_rework",
    CaseAct.SEND_BACK: "case_sent_back",
    CaseAct.DEFER: "case_deferred",
    CaseAct.RESUME: "case_resumed",
    CaseAct.VERIFY: "case_verified",
    CaseAct.CLOSE: "case_closed",
    CaseAct.FORCE_CLOSE: "case_force_closed",
    CaseAct.MERGE: "case_merged",
    CaseAct.REOPEN: "case_reopened",
    CaseAct.RATE: "case_rated",
}
_WORDS_APART: Final = frozenset(
    {CaseAct.ACCEPT, CaseAct.ASSIGN, CaseAct.TAKE, CaseAct.VERIFY, CaseAct.CLOSE, CaseAct.RATE}
)
"""What needs no reason; if one was given it gets a line of its own."""
_DAY_S: Final = 86400.0
_TOLD: Final = frozenset({CaseAct.ASSIGN, CaseAct.RETURN, CaseAct.RESUME, CaseAct.REOPEN})
"""After these the unit has something to do."""


class Handling:
    """People at work on cases. It remembers nothing; all it knows is in the transaction."""

    def __init__(self, site: Site) -> None:
        letters = Letters(site)
        self._site = site
        self._assignment = Assignment(site, letters)
        self._telling = Telling(letters, self._assignment)
        self._deadlines = Deadlines(site)

    def carry_out(self, tx: BookTransaction, order: CaseOrder, now_ms: int) -> Case:
        """Do it, and return the case as it is then. Raises OrderRefused, and does nothing, where it can't be."""
        if problem := wrong_case_order(order, now_ms):
            raise OrderRefused(problem)
        case = tx.case(order.case_id)
        if case is None:
            raise OrderRefused(f"there is no case {order.case_id}", "missing", "case_missing", case=order.case_id)
        alarm = tx.alarm(case.alarm_id)
        if alarm is None:
            raise OrderRefused(f"case {case.id} is of alarm {case.alarm_id}, which there is not", "missing")
        self._refuse_unseen(tx, case, order)
        self.refuse(tx, case, order, now_ms)
        after = changed(case, order, now_ms, unit=self._unit(case, order), due_ms=self._due_ms(case, order, now_ms))
        tx.save_case(after)
        on_site = order.act is CaseAct.VERIFY and bool(order.why.strip() and standing(tx, case))
        what = VERIFIED_ON_SITE if on_site else _LINES[order.act]
        tx.append_log(_line(order, what, facts_of(case, after, order), alarm, now_ms))
        if order.act in _WORDS_APART and order.why.strip() and not on_site:
            tx.append_log(_line(order, "case_said", {"person": order.who, "why": order.why.strip()}, alarm, now_ms))
        if order.act is CaseAct.MERGE and order.into:
            merged(tx, after, order, now_ms)
        if after.closed_ms is not None and case.closed_ms is None:
            self._close(tx, after, order, now_ms)
        self._tell(tx, after, alarm, order, now_ms)
        return tx.case(case.id) or after

    # What can't be

    def refuse(self, tx: BookTransaction, case: Case, order: CaseOrder, now_ms: int) -> None:
        """Raises OrderRefused where the case as it is now is not for such an order."""
        self._refuse_move(case, order)
        self._refuse_by_act(tx, case, order, now_ms)

    def _refuse_unseen(self, tx: BookTransaction, case: Case, order: CaseOrder) -> None:
        if order.version is None or order.version == case.version:
            return
        last = tx.last_line(case.id)
        by = f" by {last.who} at {self._clock(last.at_ms)}" if last else ""
        now = f"it is {case.state}, version {case.version}; you saw version {order.version}"
        problem = f"case {case.id} was changed meanwhile{by}: {now}"
        if last is None:
            raise OrderRefused(problem, "conflict", "case_changed_by_nobody_known", case=case.id, state=case.state)
        facts = {"case": case.id, "state": case.state, "person": last.who, "at_ms": last.at_ms}
        raise OrderRefused(problem, "conflict", "case_changed", **facts)

    def _refuse_move(self, case: Case, order: CaseOrder) -> None:
        if case.state in MOVES[order.act]:
            return
        can = ", ".join(allowed(case.state))
        cannot = f"case {case.id} is {case.state}: {order.act} is not for that"
        problem = f"{cannot}; now there is {can or 'nothing to do'}"
        raise OrderRefused(problem, "over", "case_not_now", case=case.id, state=case.state, act=order.act)

    def _refuse_by_act(self, tx: BookTransaction, case: Case, order: CaseOrder, now_ms: int) -> None:
        match order.act:
            case CaseAct.ASSIGN:
                self._refuse_other_unit(case, order)
            case CaseAct.DEFER if self._deadlines.is_at_once(case):
                problem = f"case {case.id} is an emergency; what lives depend on is not put off"
                raise OrderRefused(problem, key="case_emergency", case=case.id)
            case CaseAct.DEFER:
                self._refuse_too_long(case, order, now_ms)
            case CaseAct.MERGE:
                refuse_merge(tx, case, order, self._site)
            case CaseAct.REOPEN:
                self._refuse_second(tx, case)
            case CaseAct.VERIFY:
                self._refuse_standing(tx, case, order)
            case CaseAct.CLOSE:
                reason = order.reason or ClosedReason.FIXED
                if case.state is not CaseState.VERIFIED and reason not in BEFORE_VERIFIED:
                    other = ", ".join(sorted(BEFORE_VERIFIED))
                    said = f"case {case.id} is {case.state}: it is closed as {reason} once somebody has verified it"
                    facts = {"case": case.id, "state": case.state, "reason": reason}
                    raise OrderRefused(f"{said}; without that, as {other}", "over", "case_unverified", **facts)
                if reason in DONE:
                    self._refuse_standing(tx, case, order)

    def _refuse_too_long(self, case: Case, order: CaseOrder, now_ms: int) -> None:
        """While a case sleeps it is late for nobody: a leave has an end that somebody will live to see."""
        longest_s = self._site.settings.deadlines.longest_leave
        last_ms = now_ms + round(longest_s * 1000)
        if (order.until_ms or 0) > last_ms:
            most = f"{longest_s / _DAY_S:g} days (deadlines.longest_leave), until {self._day(last_ms)}"
            problem = f"case {case.id} cannot be put off for so long: at most {most}"
            raise OrderRefused(problem, key="case_leave_too_long", case=case.id, day=self._day(last_ms))

    def _refuse_other_unit(self, case: Case, order: CaseOrder) -> None:
        """Re-work, and what was begun, stays with its unit until that sends it back."""
        unit = self._unit(case, order)
        if unit != case.unit and case.state in {CaseState.RETURNED, CaseState.HANDLING}:
            what = f"case {case.id} is {case.state} with {case.unit}"
            facts = {"case": case.id, "state": case.state, "unit": case.unit, "other": unit}
            raise OrderRefused(f"{what}; to give it to {unit}, send it back first", "over", "case_other_unit", **facts)

    def _refuse_second(self, tx: BookTransaction, case: Case) -> None:
        """Of one matter at one place there is one open case."""
        alarm = tx.alarm(case.alarm_id)
        other = case_of(tx, alarm) if alarm else None
        if other is not None:
            problem = f"case {other.id} of the same matter and place is open; go on with that one"
            raise OrderRefused(problem, "over", "case_other_open", case=other.id)

    def _refuse_standing(self, tx: BookTransaction, case: Case, order: CaseOrder) -> None:
        """What the rules see with healthy eyes is not done. Where they see nothing, a person's word counts."""
        firing = [one for one in standing(tx, case) if is_believed(one)]
        spoken = _seen_on_site(tx, case, order)
        against = [one for one in firing if not spoken or is_contradicted(tx, case, one)]
        if not against:
            return
        first, more = against[0], len(against) - 1
        also = f", and {more} more" if more else ""
        latch = f"; it ends by a person's word only: `longcheng rules release {first.id}`" if first.latch else ""
        words = order.act is CaseAct.VERIFY and not spoken and not any(is_contradicted(tx, case, one) for one in firing)
        site = "; nothing has seen it since: whoever was there can verify it with words" if words else ""
        raise OrderRefused(
            f"alarm {first.id} ({first.title_en}, {first.subject}{also}) still stands, so case {case.id} is not done: "
            f"return it, or close it as {', '.join(sorted(BEFORE_VERIFIED - DONE))}{latch}{site}",
            "over",
            "case_still_stands",
            case=case.id,
            n=first.id,
            title_zh=first.title_zh,
            title_en=first.title_en,
        )

    # What is done

    def _unit(self, case: Case, order: CaseOrder) -> str:
        if order.act is not CaseAct.ASSIGN:
            return case.unit
        if order.unit:
            return self._assignment.named(order.unit)
        return self._assignment.unit(case) if case.state is CaseState.PENDING_DISPATCH else case.unit

    def _due_ms(self, case: Case, order: CaseOrder, now_ms: int) -> int:
        if order.act is CaseAct.RESUME:
            return self._deadlines.resumed_ms(case, now_ms)
        if order.act is CaseAct.REOPEN:
            return self._deadlines.of(case, now_ms).due_ms
        return case.due_ms

    def _close(self, tx: BookTransaction, case: Case, order: CaseOrder, now_ms: int) -> None:
        """Nobody is told any more; what still stands ends with it where that is the person's word."""
        tx.withdraw_case_notices(case.id)
        if not lets_go(case):
            return
        for one in standing(tx, case):
            why = order.why.strip() or str(case.closed_reason)
            release = AlarmOrder(id=0, kind=OrderKind.RELEASE, alarm_id=one.id, who=order.who, why=why, given_ms=now_ms)
            tx.add_order(release)

    def _tell(self, tx: BookTransaction, case: Case, alarm: Alarm, order: CaseOrder, now_ms: int) -> None:
        # The store counts the version up; before the write it was one less.
        each, why = f"{case.version + 1}", order.why.strip()
        if order.act in _TOLD:
            text = {CaseAct.RETURN: "case_rework"}.get(order.act, _LINES[order.act])
            self._telling.tell(
                tx, text, case, alarm, now_ms, whom=Whom.UNIT, each=each, why=why, handler=case.handler or ""
            )
        elif order.act is CaseAct.SEND_BACK:
            self._telling.tell(tx, "case_sent_back", case, alarm, now_ms, whom=Whom.DESK, each=each, why=why)

    def _day(self, at_ms: int) -> str:
        return f"{utc(at_ms).astimezone(self._site.timezone):%Y-%m-%d}"

    def _clock(self, at_ms: int) -> str:
        return f"{utc(at_ms).astimezone(self._site.timezone):%m-%d %H:%M:%S}"


def _seen_on_site(tx: BookTransaction, case: Case, order: CaseOrder) -> bool:
    """Whether the person says what they saw there, of what was reported as done; or has just said so."""
    if case.state not in {CaseState.PENDING_VERIFY, CaseState.VERIFIED}:
        return False
    if order.act is CaseAct.CLOSE and case.state is not CaseState.VERIFIED:
        return False
    last = tx.last_line(case.id)
    return bool(order.why.strip()) or (last is not None and last.what == VERIFIED_ON_SITE)


def _line(order: CaseOrder, what: str, facts: Mapping[str, story.Fact], alarm: Alarm, now_ms: int) -> LogEntry:
    own: dict[str, Any] = dict(facts)
    return story.line(order.who, what, now_ms, alarm, case_id=order.case_id, **own)
