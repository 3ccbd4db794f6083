"""Which deadlines of a case had passed at a moment, and whether it was closed by each."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from cases.kpi.lines import DEFERRED, REOPENED, RESUMED
from cases.kpi.place import Where
from domain.case import Case, ClosedReason, LogEntry


class DueCase(Struct, frozen=True, kw_only=True):
    """A case whose deadline has passed. A case that was opened again counts once for each of its deadlines."""

    at_ms: int
    where: Where
    closed: bool
    on_time: bool
    deferred: bool
    """It was put off with leave when it fell due."""


class Closing(Struct, frozen=True, kw_only=True):
    """A case was closed, whether or not it was opened again."""

    at_ms: int
    reason: ClosedReason | None


class _Stretch(Struct, frozen=True, kw_only=True):
    """While one deadline held."""

    from_ms: int
    due_ms: int
    closing: Closing | None = None
    until_ms: int | None = None
    """When another deadline took its place; None: it holds."""


def due_of(case: Case, lines: Sequence[LogEntry], where: Where, as_of_ms: int) -> Iterator[DueCase]:
    """One for each deadline that had passed. `lines` are the case's own, oldest first."""
    for stretch in _stretches(case, lines):
        if stretch.from_ms > as_of_ms or stretch.due_ms > as_of_ms:
            continue
        over_ms = stretch.until_ms
        deferred = _put_off(lines, stretch, as_of_ms)
        if over_ms is not None and over_ms <= as_of_ms and stretch.closing is None and not deferred:
            continue  # the leave that ended then had begun after the deadline, or ended before it: the next one counts
        closing = stretch.closing
        closed = closing is not None and closing.at_ms <= as_of_ms
        on_time = closed and closing is not None and closing.at_ms <= stretch.due_ms
        yield DueCase(at_ms=stretch.due_ms, where=where, closed=closed, on_time=on_time, deferred=deferred)


def closings_of(case: Case, lines: Sequence[LogEntry], as_of_ms: int) -> Iterator[Closing]:
    """Each time that it was closed until then."""
    for stretch in _stretches(case, lines):
        if stretch.closing is not None and stretch.closing.at_ms <= as_of_ms:
            yield stretch.closing


def _stretches(case: Case, lines: Sequence[LogEntry]) -> Iterator[_Stretch]:
    """Its deadlines in order. The line that sets a new one says what the old one was, and how it had ended."""
    from_ms = case.opened_ms
    for line in lines:
        if line.what not in REOPENED | RESUMED:
            continue
        due_ms, closed_ms = line.facts.get("due_before_ms"), line.facts.get("closed_before_ms")
        reason = line.facts.get("reason_before")
        closing = None
        if line.what in REOPENED and isinstance(closed_ms, int):
            closing = Closing(at_ms=closed_ms, reason=ClosedReason(str(reason)) if reason else None)
        if isinstance(due_ms, int):
            yield _Stretch(from_ms=from_ms, due_ms=due_ms, closing=closing, until_ms=line.at_ms)
        from_ms = line.at_ms
    last = None if case.closed_ms is None else Closing(at_ms=case.closed_ms, reason=case.closed_reason)
    yield _Stretch(from_ms=from_ms, due_ms=case.due_ms, closing=last)


def _put_off(lines: Sequence[LogEntry], stretch: _Stretch, as_of_ms: int) -> bool:
    """Whether leave had begun when this deadline came, and had not ended. What was late before is not excused."""
    if stretch.until_ms is not None and stretch.until_ms < stretch.due_ms:
        return False
    leave = [line.at_ms for line in lines if line.what in DEFERRED and line.at_ms <= as_of_ms]
    return any(stretch.from_ms <= at_ms <= stretch.due_ms for at_ms in leave)
