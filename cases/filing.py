"""Cases: filed, joined by further alarms, and reported as over."""

from typing import Any

from msgspec.structs import replace

from cases import story
from cases.acts import overdue_since
from cases.assignment import Assignment
from cases.belonging import case_of, parts_of, scope_of, standing
from cases.deadlines import Deadline, Deadlines
from cases.emergency import is_urgent
from cases.notices.letters import Letters
from cases.scene import matter_of, scene_of
from cases.store import BookTransaction
from cases.telling import Telling, Whom
from config.load import Site
from domain.case import Alarm, Case, CaseState, moved
from domain.clock import utc
from domain.finding import Evidence, Severity
from domain.ladder import Ladder


class Filing:
    """Files cases. There is one open case for a matter of a device; on a ladder, of one of its subjects."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._assignment = Assignment(site, letters)
        self._telling = Telling(letters, self._assignment)
        self._deadlines = Deadlines(site)

    def file(
        self, tx: BookTransaction, alarm: Alarm, now_ms: int, *, text: str, ladder: Ladder | None = None, n: int = 0
    ) -> Case | None:
        """A case of an alarm, or the open one that it joins. `text` names the notice, `n` fills it.

        None for an alarm without a matter, which has nothing to file under.
        """
        if alarm.matter is None:
            return None
        existing = case_of(tx, alarm)
        if existing:
            return self._join(tx, existing, alarm, now_ms, ladder)
        deadline = self._deadlines.of(alarm, now_ms)
        case = self._new(tx, alarm, alarm.matter, now_ms, ladder=ladder, deadline=deadline)
        tx.add_case(case)
        self._tell_its_story(tx, case, alarm, ladder=ladder, deadline=deadline)
        self._telling.tell(tx, text, case, alarm, now_ms, whom=Whom.UNIT, n=n)
        return case

    def _tell_its_story(
        self, tx: BookTransaction, case: Case, alarm: Alarm, *, ladder: Ladder | None, deadline: Deadline
    ) -> None:
        matter = matter_of(case.matter, self._site)
        facts: dict[str, Any] = {
            "matter": case.matter,
            "matter_zh": matter.zh,
            "matter_en": matter.en,
            "unit": case.unit,
            "due_ms": case.due_ms,
            "limit_zh": deadline.limit_zh,
            "limit_en": deadline.limit_en,
            "tier": deadline.tier.value,
            "context_picture": case.context.picture if case.context else None,
            "onset_picture": case.onset.picture if case.onset else None,
        }
        for what in ("case_collected", "case_filed", "case_limit", "case_dispatched"):
            if what == "case_dispatched":
                facts |= {"was": "", "state": case.state.value}
            tx.append_log(story.line("book", what, case.opened_ms, alarm, ladder=ladder, case_id=case.id, **facts))

    def worse(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """An alarm has become more severe: its case too, and the desk is told once for each severity. Of what is urgent
        it is told in any case, and a case that had been reported as over goes back."""
        case, urgent = case_of(tx, alarm), is_urgent(alarm, self._site)
        if case is None:
            self.file(tx, alarm, now_ms, text="case_sensor")
        elif urgent and not case.state.is_at_work:
            self._join(tx, case, alarm, now_ms, None)
        elif urgent or alarm.severity.rank > case.severity.rank:
            worse = self._hastened(tx, case, alarm, now_ms)
            tx.save_case(replace(worse, severity=_worse_of(case, alarm)))
            if self._telling.tell(tx, "case_worse", worse, alarm, now_ms, whom=Whom.UNIT, each=alarm.severity.value):
                tx.append_log(story.line("book", "case_worse", now_ms, alarm, case_id=case.id))

    def cleared(self, tx: BookTransaction, alarm: Alarm, now_ms: int, look: Evidence | None) -> None:
        """An alarm has been resolved. When no other of its case is left, the case waits for a person to verify it."""
        case = case_of(tx, alarm)
        if case is None:
            return
        left = _left(tx, case, alarm)
        if left == 0 and case.state.is_at_work:
            over = moved(case, CaseState.PENDING_VERIFY, now_ms)
            over = replace(over, cleared=look, deferred_until_ms=None, overdue_ms=overdue_since(case, now_ms))
            tx.save_case(over)
            what = "case_reported_seen" if look else "case_reported_read"
            moves: dict[str, Any] = {"was": case.state.value, "state": CaseState.PENDING_VERIFY.value}
            if over.overdue_ms != case.overdue_ms:
                moves["overdue_ms"] = over.overdue_ms
            tx.append_log(story.line("book", what, now_ms, alarm, case_id=case.id, look=look, **moves))
        elif left:
            tx.append_log(story.line("book", "case_partly_over", now_ms, alarm, case_id=case.id, look=look, left=left))

    def _new(
        self, tx: BookTransaction, alarm: Alarm, code: str, now_ms: int, *, ladder: Ladder | None, deadline: Deadline
    ) -> Case:
        location = scene_of(alarm, self._site).location
        day = f"{utc(now_ms).astimezone(self._site.timezone):%Y%m%d}"
        return Case(
            id=f"{day}{self._site.settings.division}{tx.next_case_number(day):04d}",
            alarm_id=alarm.id,
            ladder_id=ladder.id if ladder else None,
            matter=code,
            title_zh=alarm.title_zh,
            title_en=alarm.title_en,
            subject=alarm.subject,
            kind=alarm.kind,
            device_id=alarm.device_id,
            shop_id=alarm.shop_id,
            severity=alarm.severity,
            state=CaseState.PENDING_HANDLE,
            state_ms=now_ms,
            unit=self._assignment.unit(alarm),
            opened_ms=now_ms,
            due_ms=deadline.due_ms,
            tier=deadline.tier,
            time_limit=limit_of(deadline),
            sub_district=location.sub_district if location else None,
            grid=self._site.grids.get(alarm.shop_id or "") or self._site.grids.get(alarm.device_id),
            context=ladder.context if ladder else None,
            onset=ladder.onset if ladder else alarm.evidence,
            confirmed=alarm.evidence,
        )

    def _join(self, tx: BookTransaction, case: Case, alarm: Alarm, now_ms: int, ladder: Ladder | None) -> Case:
        """One more alarm of an open case. A case that had been reported as over goes back to its unit."""
        tx.append_log(story.line("book", "case_joined", now_ms, alarm, ladder=ladder, case_id=case.id))
        again = not case.state.is_at_work
        back = moved(case, CaseState.RETURNED, now_ms) if again else case
        joined = replace(
            self._hastened(tx, back, alarm, now_ms),
            severity=_worse_of(case, alarm),
            reworks=case.reworks + again,
            confirmed=alarm.evidence or case.confirmed,
            cleared=None if again else case.cleared,
        )
        if joined != case:
            tx.save_case(joined)
        if again:
            moves: dict[str, Any] = {"was": case.state.value, "state": joined.state.value, "reworks": joined.reworks}
            back_to = {"unit": joined.unit, **moves}
            tx.append_log(story.line("book", "case_returned", now_ms, alarm, case_id=case.id, **back_to))
        if again or is_urgent(alarm, self._site):
            each = str(alarm.seen_ms) if alarm.id == case.alarm_id else ""
            self._telling.tell(tx, "case_joined", joined, alarm, now_ms, whom=Whom.UNIT, each=each)
        return joined

    def _hastened(self, tx: BookTransaction, case: Case, alarm: Alarm, now_ms: int) -> Case:
        """The case; if this alarm makes it an emergency, the desk's, due sooner, and begun by nobody."""
        deadline = self._deadlines.hastened(case, alarm, now_ms)
        if deadline is None:
            return case
        waits = case.state in {CaseState.PENDING_HANDLE, CaseState.RETURNED}
        sooner = deadline.due_ms < case.due_ms
        hastened = replace(
            case if waits else moved(case, CaseState.PENDING_HANDLE, now_ms),
            unit=self._assignment.unit(alarm),
            handler=None,
            deferred_until_ms=None,
            due_ms=deadline.due_ms,
            time_limit=limit_of(deadline) if sooner else case.time_limit,
        )
        if hastened != case:
            what, limits = "case_emergency", {"limit_zh": deadline.limit_zh, "limit_en": deadline.limit_en}
            facts: dict[str, Any] = {"unit": hastened.unit, "due_ms": hastened.due_ms, **limits}
            facts |= {"was": case.state.value, "state": hastened.state.value, "due_before_ms": case.due_ms}
            tx.append_log(story.line("book", what, now_ms, alarm, case_id=case.id, **facts))
        return hastened


def limit_of(deadline: Deadline) -> str:
    """What a deadline follows from, as a case keeps it: `4 working_hours`."""
    return f"{deadline.limit.n:g} {deadline.limit.unit}"


def _worse_of(case: Case, alarm: Alarm) -> Severity:
    return max(case.severity, alarm.severity, key=lambda severity: severity.rank)


def _left(tx: BookTransaction, case: Case, alarm: Alarm) -> int:
    """How many alarms of a case are not over: of its own place and, if any were merged into it, of theirs."""
    if len(list(parts_of(tx, case))) > 1:
        return len(standing(tx, case))
    return tx.open_alarms(case.matter, alarm.policy, device_id=alarm.device_id, subject=scope_of(alarm))
