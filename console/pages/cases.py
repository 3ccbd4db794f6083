"""A case in words: where it stands on its seven steps, its pictures, its story."""

from collections.abc import Sequence

from msgspec import Struct

from cases.deadlines import Deadlines
from config.load import Site
from console.pages.case_due import countdown, is_late, marked
from console.pages.pictures import Pictures, Shot, shots
from console.places import Place, place_of
from console.words import Words
from domain.case import Case, CaseState, CaseStep, LogEntry
from domain.finding import Severity

_STEPS = [
    CaseStep.COLLECTED,
    CaseStep.FILED,
    CaseStep.DISPATCHED,
    CaseStep.HANDLING,
    CaseStep.REPORTED,
    CaseStep.CLOSED,
    CaseStep.RATED,
]
"""Verified and closed are one step of the seven."""


class StoryLine(Struct, frozen=True, kw_only=True):
    """One line of a story in words."""

    id: int
    at_ms: int
    who: str
    text: str
    by_rule: str
    """By which version of which rule, where that is another than of the lines before; else empty."""


class StepMark(Struct, frozen=True, kw_only=True):
    """One of the seven steps: `done`, `here` or `ahead`."""

    name: str
    state: str


class CaseCard(Struct, frozen=True, kw_only=True):
    """One case in words."""

    id: str
    title: str
    place: Place
    severity: Severity
    unit: str
    opened_ms: int
    due_ms: int
    """When it has to be handled; of what was reported as done, when somebody has to have verified it."""
    left: str
    late: bool
    """It is overdue, or what comes next is late."""
    state: str
    awaits: str | None
    """What is to be done beside handling it, if that is so: somebody has to verify it."""
    handler: str | None
    again: str | None
    """How often it went back or was opened again; None if never."""
    overdue_ms: int | None
    deferred_until_ms: int | None
    closed: str | None
    """Why it was closed; None while it is open."""
    steps: tuple[StepMark, ...]
    step: str
    shots: tuple[Shot, ...]
    advice: str | None
    story: tuple[StoryLine, ...]


def case_card(case: Case, log: Sequence[LogEntry], site: Site, words: Words, pictures: Pictures) -> CaseCard:
    """One case and its log in words."""
    matter = site.matters.get(case.matter)
    is_open = case.closed_ms is None
    place = place_of(site, words, case.device_id, shop_id=case.shop_id, port=_port(case))
    at_work = case.state.is_at_work and case.state is not CaseState.DEFERRED
    due_ms = case.due_ms if at_work else Deadlines(site).leaves_by_ms(case) or case.due_ms
    return CaseCard(
        id=case.id,
        title=words.pick(case.title_zh, case.title_en),
        place=place,
        severity=case.severity,
        unit=case.unit,
        opened_ms=case.opened_ms,
        due_ms=due_ms,
        left=_left(case, due_ms, words),
        late=is_late(case, due_ms, words),
        state=words.term("case_state", case.state),
        awaits=_awaits(case, due_ms, words) if is_open and not at_work else None,
        handler=case.handler,
        again=_again(case, words),
        overdue_ms=case.overdue_ms,
        deferred_until_ms=case.deferred_until_ms,
        closed=None if is_open else _why_closed(case, words),
        steps=_marks(case, words),
        step=words.term("step", case.step),
        shots=shots(case, place.name, words, pictures),
        advice=words.pick(matter.advice.zh, matter.advice.en) if matter and at_work else None,
        story=story_lines(log, words),
    )


def _awaits(case: Case, due_ms: int, words: Words) -> str:
    if case.state is CaseState.PENDING_VERIFY:
        return words.say("cases.verify_by", clock=words.clock(due_ms))
    return words.term("case_state", case.state)


def _left(case: Case, due_ms: int, words: Words) -> str:
    """A countdown only where somebody has to do something by then."""
    if case.state in {CaseState.VERIFIED, CaseState.DEFERRED}:
        return marked(case, words.term("case_state", case.state), words)
    return countdown(case, due_ms, words)


def _again(case: Case, words: Words) -> str | None:
    said = [words.count("cases.reworks", case.reworks)] if case.reworks else []
    said += [words.count("cases.reopened", case.reopened)] if case.reopened else []
    return words.say("headline.joint").join(said) or None


def _why_closed(case: Case, words: Words) -> str:
    if case.closed_reason is None:
        return words.term("case_state", case.state)
    return words.term("closed_reason", case.closed_reason)


def _port(case: Case) -> int | None:
    """The port is the part of the subject after the device's id."""
    tail = case.subject.removeprefix(f"{case.device_id}/")
    return int(tail) if tail != case.subject and tail.isdecimal() else None


def story_lines(log: Sequence[LogEntry], words: Words) -> tuple[StoryLine, ...]:
    """A story in words. Its rule is said once, and where it changes: on every line it would hide what happened."""
    lines, last = [], ""
    for entry in log:
        rule = words.by_rule(entry)
        lines.append(
            StoryLine(
                id=entry.id,
                at_ms=entry.at_ms,
                who=words.term("who", entry.who),
                text=words.story(entry, by_rule=False),
                by_rule=rule if rule != last else "",
            )
        )
        last = rule or last
    return tuple(lines)


def _marks(case: Case, words: Words) -> tuple[StepMark, ...]:
    here = _STEPS.index(CaseStep.CLOSED if case.step is CaseStep.VERIFIED else case.step)
    states = ["done"] * here + ["here"] + ["ahead"] * (len(_STEPS) - here - 1)
    return tuple(
        StepMark(name=words.term("step", step), state=state) for step, state in zip(_STEPS, states, strict=True)
    )
