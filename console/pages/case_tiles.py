"""Cases as they stand on a board and in a list: what one has to know to pick the next one."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from cases.deadlines import Deadlines
from config.load import Site
from console.pages.case_due import countdown, is_late, marked
from console.pages.pictures import Pictures
from console.places import Place, place_of
from console.words import Words
from domain.case import Case, CaseState
from domain.finding import Severity
from domain.overdue import overdue


class Tile(Struct, frozen=True, kw_only=True):
    """One case, in short."""

    id: str
    title: str
    severity: Severity
    place: Place
    unit: str
    handler: str | None
    state: str
    opened_ms: int
    due_ms: int
    """When what comes next has to be done."""
    left: str
    late: bool
    """It is overdue, or what comes next is late."""
    overdue: bool
    closed_ms: int | None
    again: str
    """That it came back, or was opened again; empty if it never was."""
    thumb: str | None


class Tiles:
    """Makes them, for one answer."""

    def __init__(self, site: Site, words: Words, pictures: Pictures) -> None:
        self._site = site
        self._words = words
        self._pictures = pictures
        self._deadlines = Deadlines(site)

    def of(self, cases: Iterable[Case]) -> Sequence[Tile]:
        """In their order."""
        return [self._tile(case) for case in cases]

    def _tile(self, case: Case) -> Tile:
        words, due_ms = self._words, self._due_ms(case)
        port = case.subject.removeprefix(f"{case.device_id}/")
        return Tile(
            id=case.id,
            title=words.pick(case.title_zh, case.title_en),
            severity=case.severity,
            place=place_of(
                self._site,
                words,
                case.device_id,
                shop_id=case.shop_id,
                port=int(port) if port.isdecimal() else None,
            ),
            unit=case.unit,
            handler=case.handler,
            state=words.term("case_state", case.state),
            opened_ms=case.opened_ms,
            due_ms=due_ms,
            left=self._left(case, due_ms),
            late=is_late(case, due_ms, words),
            overdue=overdue(case, words.now_ms),
            closed_ms=case.closed_ms,
            again=words.count("board.again", case.reworks + case.reopened) if case.reworks + case.reopened else "",
            thumb=self._pictures.url(case.cleared or case.confirmed or case.onset),
        )

    def _due_ms(self, case: Case) -> int:
        if case.state is CaseState.DEFERRED:
            return case.deferred_until_ms or case.due_ms
        if case.state.is_at_work and case.state not in {CaseState.PENDING_CHECK, CaseState.PENDING_DISPATCH}:
            return case.due_ms
        return self._deadlines.leaves_by_ms(case) or case.due_ms

    def _left(self, case: Case, due_ms: int) -> str:
        words = self._words
        if case.closed_ms is not None:
            reason = words.term("closed_reason", case.closed_reason) if case.closed_reason else ""
            said = reason or words.term("case_state", case.state)
            return words.say("board.closed_late", reason=said) if overdue(case, words.now_ms) else said
        if case.state is CaseState.DEFERRED:
            return marked(case, words.say("board.until", clock=words.clock(due_ms)), words)
        if case.state is CaseState.VERIFIED:
            return marked(case, words.term("case_state", case.state), words)
        return countdown(case, due_ms, words)
