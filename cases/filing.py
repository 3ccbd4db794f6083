"""Cases: filed, joined by further alarms, and reported as over."""

from msgspec.structs import replace

from cases import story
from cases.deadlines import Deadline, Deadlines
from cases.notices.letters import Letters
from cases.scene import matter_of, scene_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm, Case, CaseState, moved
from domain.clock import utc
from domain.finding import CasePolicy, Evidence, Severity
from domain.ladder import Ladder


class Filing:
    """Files cases. There is one open case for a matter of a device; on a ladder, of one of its subjects."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._letters = letters
        self._deadlines = Deadlines(site)

    def file(
        self, tx: BookTransaction, alarm: Alarm, now_ms: int, *, text: str, ladder: Ladder | None = None, n: int = 0
    ) -> Case | None:
        """A case of an alarm, or the open one that it joins. `text` names the notice, `n` fills it.

        None for an alarm without a matter, which has nothing to file under.
        """
        if alarm.matter is None:
            return None
        existing = self.case_of(tx, alarm)
        if existing:
            return self._join(tx, existing, alarm, now_ms, ladder)
        deadline = self._deadlines.of(alarm, now_ms)
        case = self._new(tx, alarm, alarm.matter, now_ms, ladder=ladder, deadline=deadline)
        tx.add_case(case)
        matter = matter_of(case.matter, self._site)
        for what in ("case_collected", "case_filed", "case_limit", "case_dispatched"):
            tx.append_log(
                story.line(
                    "book",
                    what,
                    now_ms,
                    alarm,
                    ladder=ladder,
                    case_id=case.id,
                    matter=case.matter,
                    matter_zh=matter.zh,
                    matter_en=matter.en,
                    unit=case.unit,
                    due_ms=case.due_ms,
                    limit_zh=deadline.limit_zh,
                    limit_en=deadline.limit_en,
                    tier=deadline.tier.value,
                    context_picture=case.context.picture if case.context else None,
                    onset_picture=case.onset.picture if case.onset else None,
                )
            )
        tx.add_notice(self._letters.case(text, case, alarm, now_ms, n=n))
        return case

    def case_of(self, tx: BookTransaction, alarm: Alarm) -> Case | None:
        """The open case that an alarm belongs to."""
        if alarm.matter is None or alarm.policy is CasePolicy.NONE:
            return None
        return tx.open_case(alarm.matter, device_id=alarm.device_id, subject=_scope(alarm))

    def worse(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """An alarm has become more severe: its case too, and the desk is told once for each severity."""
        case = self.case_of(tx, alarm)
        if case is None:
            self.file(tx, alarm, now_ms, text="case_sensor")
        elif alarm.severity.rank > case.severity.rank:
            worse = replace(case, severity=alarm.severity)
            tx.save_case(worse)
            tx.append_log(story.line("book", "case_worse", now_ms, alarm, case_id=case.id))
            notice = self._letters.case("case_worse", worse, alarm, now_ms, each=alarm.severity.value)
            tx.add_notice(notice)

    def cleared(self, tx: BookTransaction, alarm: Alarm, now_ms: int, look: Evidence | None) -> None:
        """An alarm has been resolved. When no other of its case is left, the case waits for a person to verify it."""
        case = self.case_of(tx, alarm)
        if case is None or alarm.matter is None:
            return
        left = tx.open_alarms(alarm.matter, alarm.policy, device_id=alarm.device_id, subject=_scope(alarm))
        if left == 0 and case.state.is_at_work:
            tx.save_case(replace(moved(case, CaseState.PENDING_VERIFY, now_ms), cleared=look))
            what = "case_reported_seen" if look else "case_reported_read"
            tx.append_log(story.line("book", what, now_ms, alarm, case_id=case.id, look=look))
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
            unit=self._letters.unit(alarm),
            opened_ms=now_ms,
            due_ms=deadline.due_ms,
            tier=deadline.tier,
            time_limit=f"{deadline.limit.n:g} {deadline.limit.unit}",
            sub_district=location.sub_district if location else None,
            grid=self._site.grids.get(alarm.shop_id or "") or self._site.grids.get(alarm.device_id),
            context=ladder.context if ladder else None,
            onset=ladder.onset if ladder else alarm.evidence,
            confirmed=alarm.evidence,
        )

    def _join(self, tx: BookTransaction, case: Case, alarm: Alarm, now_ms: int, ladder: Ladder | None) -> Case:
        """One more alarm of an open case. A case that had been reported as over goes back to its unit."""
        again = not case.state.is_at_work
        joined = replace(
            moved(case, CaseState.RETURNED, now_ms) if again else case,
            severity=max(case.severity, alarm.severity, key=lambda severity: severity.rank),
            reworks=case.reworks + again,
            confirmed=alarm.evidence or case.confirmed,
            cleared=None if again else case.cleared,
        )
        tx.append_log(story.line("book", "case_joined", now_ms, alarm, ladder=ladder, case_id=case.id))
        if joined != case:
            tx.save_case(joined)
        if again:
            tx.append_log(story.line("book", "case_returned", now_ms, alarm, case_id=case.id, unit=case.unit))
        if again or alarm.severity is Severity.CRITICAL:
            tx.add_notice(self._letters.case("case_joined", joined, alarm, now_ms))
        return joined


def _scope(alarm: Alarm) -> str | None:
    """What one case covers: a sensor's matter is the whole device's, a camera's is one frontage's."""
    return alarm.subject if alarm.policy is CasePolicy.LADDER else None
