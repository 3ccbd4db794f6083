"""How long a case has left, in words that agree with whether it is overdue."""

from console.pages.headline import left
from console.words import Words
from domain.case import Case, CaseState
from domain.overdue import TIME_RUNS_IN, overdue

_SLEEPS = frozenset({CaseState.VERIFIED, CaseState.DEFERRED})


def is_late(case: Case, due_ms: int, words: Words) -> bool:
    """Whether it is overdue, or what comes next, by `due_ms`, is."""
    return overdue(case, words.now_ms) or _step_is_late(case, due_ms, words)


def countdown(case: Case, due_ms: int, words: Words) -> str:
    """Of an open case: how long until what comes next has to be done, and that it is overdue if it is."""
    if _step_is_late(case, due_ms, words) and not _is_own(case, due_ms):
        said = words.say("time.step_late", lasting=words.lasting((words.now_ms - due_ms) / 1000))
    else:
        said = left(due_ms, words)
    return said if _is_own(case, due_ms) and due_ms < words.now_ms else marked(case, said, words)


def marked(case: Case, said: str, words: Words) -> str:
    """What is said of a case, and before it that the case is overdue, if it is."""
    return words.say("time.is_overdue", said=said) if overdue(case, words.now_ms) else said


def _is_own(case: Case, due_ms: int) -> bool:
    """Whether that is the deadline of the case itself, and still runs."""
    return due_ms == case.due_ms and case.state in TIME_RUNS_IN


def _step_is_late(case: Case, due_ms: int, words: Words) -> bool:
    return case.closed_ms is None and case.state not in _SLEEPS and due_ms < words.now_ms
