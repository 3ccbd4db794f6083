"""Which cases are overdue: the one answer for lists, figures, notices and pages."""

from typing import Final

from domain.case import Case, CaseState
from domain.standing import StandingCase

TIME_RUNS_IN: Final = frozenset(state for state in CaseState if state.is_at_work and state is not CaseState.DEFERRED)
"""States in which a deadline can be missed: neither put off with leave, nor reported as done, nor closed."""


def overdue(case: Case | StandingCase, now_ms: int) -> bool:
    """Whether a deadline of the case ever passed before it was reported as done. That stays, whatever comes after.

    What was reported in time is not late because it waits to be verified; sent back after its deadline, it is.
    """
    return case.overdue_ms is not None or (case.state in TIME_RUNS_IN and case.due_ms < now_ms)
