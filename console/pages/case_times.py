"""The deadlines of a case: what had to be done until when, what was, and all of it as one bar."""

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Final

from msgspec import Struct

from cases.deadlines import Deadlines
from config.load import Site
from console.words import Words
from domain.case import Case, CaseState, CaseStep, LogEntry
from domain.time_limit import TimeUnit

_WIDE: Final = 1000
_MOST_SPANS: Final = 60
"""More stretches of work than these are no longer told apart on a bar."""
_STEPS: Final = {CaseStep.COLLECTED: "accept", CaseStep.FILED: "dispatch", CaseStep.REPORTED: "verify"}


class Limit(Struct, frozen=True, kw_only=True):
    """One deadline. `state` is `kept`, `missed` (done, but late), `late` (still open) or `ahead`."""

    what: str
    due_ms: int
    done_ms: int | None
    state: str
    said: str
    """How it stands, in words."""


class Stretch(Struct, frozen=True, kw_only=True):
    """A part of the bar, in thousandths of it."""

    start: int
    length: int


class Times(Struct, frozen=True, kw_only=True):
    """All deadlines of a case in this round: since it was filed, or opened again."""

    limits: tuple[Limit, ...]
    limit_said: str
    """What its deadline follows from: `4 工作时`; empty where nobody wrote it down."""
    used: int | None
    """Per cent of its time that it has used, or used until it was reported; None while its time does not run."""
    working: tuple[Stretch, ...]
    """When work is done; empty where the time runs always."""
    gone: Stretch
    over: Stretch | None
    """What of that was past the deadline."""
    due: int
    start_ms: int
    end_ms: int


def times_of(case: Case, log: Sequence[LogEntry], site: Site, words: Words) -> Times:
    """As the lines of its story tell it."""
    deadlines = Deadlines(site)
    stays = _stays(case, log)
    limits = _limits(case, stays, deadlines, words)
    start_ms = stays[0][1]
    until_ms = words.now_ms if case.closed_ms is None else case.closed_ms
    end_ms = max(start_ms + 1, until_ms, *(limit.due_ms for limit in limits))

    def x(at_ms: int) -> int:
        return round(min(max(at_ms - start_ms, 0) / (end_ms - start_ms), 1) * _WIDE)

    late_ms = next((limit.done_ms or until_ms for limit in limits if limit.what == "handle"), until_ms)
    over = Stretch(start=x(case.due_ms), length=x(late_ms) - x(case.due_ms)) if late_ms > case.due_ms else None
    return Times(
        limits=limits,
        limit_said=limit_said(case, site, words),
        used=None if case.state is CaseState.DEFERRED else round(deadlines.used(case, late_ms) * 100),
        working=_working(case, deadlines, start_ms, end_ms, x),
        gone=Stretch(start=0, length=x(until_ms)),
        over=over,
        due=x(case.due_ms),
        start_ms=start_ms,
        end_ms=end_ms,
    )


def _stays(case: Case, log: Sequence[LogEntry]) -> list[tuple[CaseStep, int, int | None]]:
    """At which step it was from when until when, in this round; the last is the one it is at."""
    own = [line for line in log if line.case_id == case.id and line.facts.get("state")]
    back = list(takewhile(lambda line: line.what != "case_reopened", reversed(own)))
    reopened = own[: len(own) - len(back)][-1:]
    stays: list[tuple[CaseStep, int, int | None]] = []
    for line in [*reopened, *reversed(back)]:
        state = str(line.facts["state"])
        if state not in set(CaseState):
            continue
        step = CaseState(state).step
        if stays and stays[-1][0] is step:
            continue
        if stays:
            stays[-1] = (*stays[-1][:2], line.at_ms)
        stays.append((step, line.at_ms, None))
    return stays or [(case.step, case.opened_ms, None)]


def _limits(
    case: Case, stays: Sequence[tuple[CaseStep, int, int | None]], deadlines: Deadlines, words: Words
) -> tuple[Limit, ...]:
    found: list[Limit] = []
    for step, entered_ms, left_ms in stays:
        due_ms = deadlines.step_due_ms(step, entered_ms, case) if step in _STEPS else None
        if due_ms is None or left_ms == entered_ms:
            continue  # the rules file and dispatch in one breath: nobody had to be in time
        found.append(_limit(_STEPS[step], due_ms, left_ms, words))
    done = [at_ms for step, at_ms, _ in stays if step is CaseStep.REPORTED]
    handled_ms = (done[-1] if done and not case.state.is_at_work else None) or case.closed_ms
    handle = _limit("handle", case.due_ms, handled_ms, words, sleeps=case.state is CaseState.DEFERRED)
    early = [limit for limit in found if limit.what != "verify"]
    return (*early, handle, *(limit for limit in found if limit.what == "verify"))


def _limit(what: str, due_ms: int, done_ms: int | None, words: Words, *, sleeps: bool = False) -> Limit:
    if done_ms is not None:
        late = done_ms > due_ms
        lasting = words.lasting(abs(done_ms - due_ms) / 1000)
        said = words.say("case.times.missed" if late else "case.times.kept", lasting=lasting)
        return Limit(what=what, due_ms=due_ms, done_ms=done_ms, state="missed" if late else "kept", said=said)
    if sleeps:
        return Limit(what=what, due_ms=due_ms, done_ms=None, state="ahead", said=words.say("case.times.sleeps"))
    late, lasting = due_ms < words.now_ms, words.lasting(abs(words.now_ms - due_ms) / 1000)
    said = words.say("time.overdue" if late else "time.left", lasting=lasting)
    return Limit(what=what, due_ms=due_ms, done_ms=None, state="late" if late else "ahead", said=said)


def limit_said(case: Case, site: Site, words: Words) -> str:
    """How long a case may take, in words; empty where that is not known, or of a unit that is no more."""
    n, _, unit = (case.time_limit or "").partition(" ")
    key = f"deadlines.{unit}.{'one' if n == '1' else 'many'}"
    return site.texts.say(words.language, key, {"n": n}) if key in site.texts else ""


def _working(
    case: Case, deadlines: Deadlines, start_ms: int, end_ms: int, x: Callable[[int], int]
) -> tuple[Stretch, ...]:
    unit = (case.time_limit or "").partition(" ")[2]
    if unit not in set(TimeUnit) or TimeUnit(unit).is_continuous:
        return ()
    found: list[Stretch] = []
    for begin_ms, stop_ms in deadlines.calendar.open_from(start_ms):
        if begin_ms >= end_ms:
            return tuple(found)
        if len(found) == _MOST_SPANS:
            return ()
        found.append(Stretch(start=x(begin_ms), length=x(stop_ms) - x(begin_ms)))
    return tuple(found)
