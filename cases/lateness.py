"""What the clock alone makes of cases: deadlines that pass, steps that wait too long, leave that ends."""

from typing import Any, Final

from msgspec.structs import replace

from cases import story
from cases.assignment import Assignment
from cases.deadlines import Deadlines
from cases.notices.letters import Letters
from cases.store import BookTransaction
from cases.telling import Telling, Whom
from config.load import Site
from domain.case import Alarm, Case, CaseState, LogEntry, moved

_LATE_WORDS: Final = {
    CaseState.PENDING_CHECK: "case_late_check",
    CaseState.PENDING_DISPATCH: "case_late_dispatch",
    CaseState.PENDING_VERIFY: "case_late_verify",
}
_AGAIN: Final = frozenset({CaseState.PENDING_HANDLE, CaseState.RETURNED, CaseState.HANDLING})
_LOOKED_AT: Final = _AGAIN | frozenset(_LATE_WORDS) | {CaseState.DEFERRED}
_LOOK_MS: Final = 10_000
"""Steps last minutes, so they are not looked at with every tick."""


class Lateness:
    """Marks, and tells once. What it remembers spares work: after a restart nothing is told twice."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._telling = Telling(letters, Assignment(site, letters))
        self._deadlines = Deadlines(site)
        self._told: set[tuple[str, int]] = set()
        self._looked_ms: int | None = None

    def tick(self, tx: BookTransaction, now_ms: int) -> None:
        """What is due by now."""
        for case in tx.cases_falling_due(now_ms):
            self._mark(tx, case, now_ms)
        if self._looked_ms is not None and self._looked_ms <= now_ms < self._looked_ms + _LOOK_MS:
            return
        self._looked_ms = now_ms
        for case in tx.cases_in(_LOOKED_AT):
            self._look_at(tx, case, now_ms)

    def _look_at(self, tx: BookTransaction, case: Case, now_ms: int) -> None:
        if case.state is CaseState.DEFERRED:
            if case.deferred_until_ms is not None and case.deferred_until_ms <= now_ms:
                self._resume(tx, case, now_ms)
        elif case.state in _LATE_WORDS:
            due_ms = self._deadlines.leaves_by_ms(case)
            if due_ms is not None and due_ms < now_ms:
                self._tell_step(tx, case, due_ms, now_ms)
        elif case.overdue_ms is not None and case.due_ms < now_ms:
            self._tell_overdue(tx, case, now_ms)

    def _mark(self, tx: BookTransaction, case: Case, now_ms: int) -> None:
        """It was late from its deadline on, whenever that was noticed."""
        late = replace(case, overdue_ms=case.due_ms)
        tx.save_case(late)
        self._tell_overdue(tx, late, now_ms)

    def _tell_overdue(self, tx: BookTransaction, case: Case, now_ms: int) -> None:
        """Once, and again if a deadline that it got anew passes, too."""
        if (case.id, case.due_ms) in self._told:
            return
        self._told.add((case.id, case.due_ms))
        if alarm := tx.alarm(case.alarm_id):
            facts = {"unit": case.unit, "due_ms": case.due_ms}
            if self._telling.tell(tx, "case_overdue", case, alarm, now_ms, whom=Whom.BOTH, each=str(case.due_ms)):
                tx.append_log(_line("case_overdue", case, alarm, now_ms, facts))

    def _tell_step(self, tx: BookTransaction, case: Case, due_ms: int, now_ms: int) -> None:
        if (case.id, case.state_ms) in self._told:
            return
        self._told.add((case.id, case.state_ms))
        if alarm := tx.alarm(case.alarm_id):
            facts = {"state": case.state.value, "was": case.state.value, "step_due_ms": due_ms}
            if self._telling.tell(
                tx, _LATE_WORDS[case.state], case, alarm, now_ms, whom=Whom.DESK, each=str(case.state_ms)
            ):
                tx.append_log(_line("case_step_late", case, alarm, now_ms, facts))

    def _resume(self, tx: BookTransaction, case: Case, now_ms: int) -> None:
        due_ms = self._deadlines.resumed_ms(case, now_ms)
        after = replace(moved(case, CaseState.PENDING_HANDLE, now_ms), deferred_until_ms=None, due_ms=due_ms)
        tx.save_case(after)
        if alarm := tx.alarm(case.alarm_id):
            facts: dict[str, Any] = {
                "was": case.state.value,
                "state": after.state.value,
                "unit": case.unit,
                "person": None,
                "why": None,
            }
            facts |= {"due_before_ms": case.due_ms, "due_ms": due_ms, "handler": case.handler}
            tx.append_log(_line("case_resumed", case, alarm, now_ms, facts))
            each, handler = str(now_ms), case.handler or ""
            self._telling.tell(
                tx, "case_resumed", after, alarm, now_ms, whom=Whom.UNIT, each=each, why="", handler=handler
            )


def _line(what: str, case: Case, alarm: Alarm, now_ms: int, facts: dict[str, Any]) -> LogEntry:
    return story.line("book", what, now_ms, alarm, case_id=case.id, **facts)
