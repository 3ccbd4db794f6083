"""Until when a case has to be handled, and each of its steps taken; and whether it was."""

import logging

from msgspec import Struct
from msgspec.structs import replace

from cases.emergency import becomes_emergency, emergency_of, is_the_desks
from cases.scene import matter_of, scene_of
from cases.working_time import WorkingCalendar, due_ms, elapsed_ms, used_up_ms
from config.deadlines import told
from config.load import Site
from config.texts import LANGUAGES
from domain.case import Alarm, Case, CaseState, CaseStep
from domain.time_limit import Tier, TimeLimit

log = logging.getLogger(__name__)


class Deadline(Struct, frozen=True, kw_only=True):
    """Until when a case has to be handled, and why."""

    due_ms: int
    limit: TimeLimit
    limit_zh: str
    """As people say it, and what it does not know: `4 工作时（2027 年节假日和调休未录入，只按周末计算）`."""
    limit_en: str
    tier: Tier
    """Of the place it is at."""
    unknown_years: tuple[int, ...]
    """Years that it counts by their weekends alone: nobody has entered their holidays."""


class Deadlines:
    """The limits of a site on its calendar."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._told: set[int] = set()
        self.calendar = WorkingCalendar(
            timezone=site.timezone, workdays=site.workdays, office_hours=site.settings.deadlines.spans
        )

    def of(self, found: Alarm | Case, opened_ms: int) -> Deadline:
        """The deadline of a case that is filed for an alarm, or of one that is opened again."""
        limit, tier = self._limit(found)
        due = due_ms(opened_ms, limit, self.calendar)
        unknown = () if limit.unit.is_continuous else self.calendar.unknown_years(opened_ms, due)
        for year in sorted(set(unknown) - self._told):
            self._told.add(year)
            log.warning("no holidays of %d are known: deadlines count its weekends only; add it to workdays.yaml", year)
        zh, en = (self._words(language, limit, unknown) for language in LANGUAGES)
        return Deadline(due_ms=due, limit=limit, limit_zh=zh, limit_en=en, tier=tier, unknown_years=unknown)

    def hastened(self, case: Case, alarm: Alarm, now_ms: int) -> Deadline | None:
        """The deadline of a case that this alarm makes an emergency: from now on, and never later than it was.

        None if it was one before, or is none by this either.
        """
        if not becomes_emergency(case, alarm, self._site):
            return None
        deadline = self.of(alarm, now_ms)
        return replace(deadline, due_ms=min(case.due_ms, deadline.due_ms))

    def resumed_ms(self, case: Case, now_ms: int) -> int:
        """The deadline of a case that goes on after it was put off: what it had left then, from now on.

        One that was late when it was put off keeps the deadline that it missed.
        """
        if case.due_ms <= case.state_ms:
            return case.due_ms
        unit = self._limit(case)[0].unit
        return used_up_ms(now_ms, elapsed_ms(case.state_ms, case.due_ms, unit, self.calendar), unit, self.calendar)

    def step_due_ms(self, step: CaseStep, entered_ms: int, case: Case) -> int | None:
        """Until when a case that came to a step at `entered_ms` has to leave it; None if nothing presses there.

        These run continuously. What lives depend on is filed and dispatched at once: it is due when it comes.
        """
        settings = self._site.settings.deadlines
        at_once = self.is_at_once(case)
        match step:
            case CaseStep.COLLECTED:
                return entered_ms if at_once else entered_ms + round(settings.accept * 1000)
            case CaseStep.FILED:
                return entered_ms if at_once else entered_ms + round(settings.dispatch * 1000)
            case CaseStep.DISPATCHED | CaseStep.HANDLING:
                return case.due_ms
            case CaseStep.REPORTED:
                return entered_ms + round(settings.verify * 1000)
            case _:
                return None

    def leaves_by_ms(self, case: Case) -> int | None:
        """Until when a case has to leave the step it is at; None if nothing presses, or nobody knows since when it is
        there. What is put off has all the time it was given."""
        if case.state_ms == 0 or case.state is CaseState.DEFERRED:
            return None
        return self.step_due_ms(case.step, case.state_ms, case)

    def is_at_once(self, case: Case) -> bool:
        """Whether lives may depend on it: it is filed and dispatched the moment it comes, and never put off."""
        return is_the_desks(case, self._site)

    def used(self, case: Case, now_ms: int) -> float:
        """Which share of its time a case has used, up to its closing: 1 at its deadline, more if it is overdue.

        Nights and holidays use none of a limit in working time.
        """
        unit = self._limit(case)[0].unit
        until_ms = now_ms if case.closed_ms is None else case.closed_ms
        given_ms = elapsed_ms(case.opened_ms, case.due_ms, unit, self.calendar)
        return elapsed_ms(case.opened_ms, until_ms, unit, self.calendar) / given_ms if given_ms else 1.0

    def _words(self, language: str, limit: TimeLimit, unknown_years: tuple[int, ...]) -> str:
        said = told(limit, self._site.texts, language)
        if not unknown_years:
            return said
        facts = {"limit": said, "years": ", ".join(map(str, unknown_years))}
        return self._site.texts.say(language, "deadlines.unknown_years", facts)

    def _limit(self, found: Alarm | Case) -> tuple[TimeLimit, Tier]:
        tier = self._site.tiers.of(scene_of(found, self._site).location)
        path = emergency_of(found, self._site) or matter_of(found.matter or "", self._site)
        return path.handle_within[tier], tier
