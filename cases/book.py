"""Alarms from findings, and what becomes of them. The book itself remembers nothing: all it knows is in the store."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from cases import story
from cases.belonging import case_of
from cases.caseless import Caseless
from cases.emergency import is_urgent
from cases.entries import alarm_of, renewed_by, resolution_of, worded
from cases.episode import Episodes
from cases.filing import Filing
from cases.lateness import Lateness
from cases.notices.letters import Letters
from cases.precision import Rights
from cases.silencing import Silencing, marked
from cases.store import BookTransaction
from cases.verdicts import Verdicts
from config.load import Site
from domain.case import Alarm, acked
from domain.finding import AlarmState, CasePolicy, Change, Finding
from domain.ladder import LadderStep
from domain.order import AlarmOrder, OrderKind, Outcome


class Book:
    """Records findings. The same batch recorded twice ends as once; a new book over the same store goes on.

    A latched alarm ends only by a person's word, and one against a shop only by a look that shows the place clear
    or, like any other, by a person's word. What an alarm leads to is held back while a silence covers it, and while it
    comes and goes.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        letters = Letters(site)
        self._filing = Filing(site, letters)
        self._episodes = Episodes(site, letters, self._filing)
        self._verdicts = Verdicts(site)
        self._rights = Rights(site, letters)
        self._silencing = Silencing(site, self._lead)
        self._lateness = Lateness(site, letters)
        self._caseless = Caseless(site, letters)
        self._caught_up = False

    def record(
        self,
        tx: BookTransaction,
        findings: Sequence[Finding],
        now_ms: int,
        *,
        released_by: str | None = None,
        why: str = "",
    ) -> None:
        """Take findings in, in their order. `released_by` names the person on whose word these alarms end, if any."""
        release = _Release(released_by, why) if released_by else None
        for finding in findings:
            alarm = tx.open_alarm(*finding.key)
            match finding.change:
                case Change.RAISED | Change.RENEWED if alarm:
                    self._renew(tx, alarm, finding, now_ms)
                case Change.FLAPPING if alarm:
                    self._flap(tx, alarm, finding, now_ms)
                case Change.RAISED | Change.RENEWED | Change.FLAPPING:
                    self._raise(tx, finding, now_ms)  # the book does not know of it: never to be missed
                case Change.STALE if alarm:
                    self._go_stale(tx, alarm, finding, now_ms)
                case Change.RESOLVED if alarm:
                    self._resolve(tx, alarm, finding, now_ms, release)

    def carry_out(self, tx: BookTransaction, order: AlarmOrder, ended: Sequence[Finding], now_ms: int) -> None:
        """Do what a person has ordered, once.

        `ended` is what the rules make of a release. If they know of no such alarm, it ends all the same; what rules
        that conclude from it make of its end are findings like any other.
        """
        alarm = tx.alarm(order.alarm_id)
        if alarm is None or alarm.state is AlarmState.RESOLVED:
            tx.save_order(replace(order, done_ms=now_ms, outcome=Outcome.TOO_LATE))
            return
        if order.kind is OrderKind.ACK:
            self._acknowledge(tx, alarm, order, now_ms)
        else:
            own = [finding for finding in ended if finding.key == (alarm.rule_id, alarm.subject)]
            self.record(tx, own or [resolution_of(alarm, now_ms)], now_ms, released_by=order.who, why=order.why)
            self.record(tx, [finding for finding in ended if finding not in own], now_ms)
        tx.save_order(replace(order, done_ms=now_ms, outcome=Outcome.DONE))

    def tick(self, tx: BookTransaction, now_ms: int) -> None:
        """What is due by the clock alone: silences that begin and end, looks to be asked for, people to be asked."""
        self._silencing.tick(tx, now_ms)
        if not self._caught_up:
            self._caught_up = True
            self._caseless.catch_up(tx, now_ms)
        self._lateness.tick(tx, now_ms)
        self._episodes.look_again(tx, now_ms)
        self._verdicts.tick(tx, now_ms)
        self._rights.tick(tx, now_ms)

    def orphan(self, tx: BookTransaction, alarm: Alarm, now_ms: int, *, orphaned: bool) -> None:
        """No rule speaks of this open alarm any more, or one does again."""
        if alarm.orphaned != orphaned:
            tx.save_alarm(replace(alarm, orphaned=orphaned))
            what = "alarm_orphaned" if orphaned else "alarm_adopted"
            tx.append_log(story.line("rules", what, now_ms, alarm))

    def _lead(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """Do what an alarm leads to. What is urgent is a case at once and climbs no ladder, or is told without one."""
        if self._caseless.needs_a_word(alarm):
            self._caseless.tell(tx, alarm, now_ms)
        elif alarm.policy is CasePolicy.OPEN or (alarm.policy is CasePolicy.LADDER and is_urgent(alarm, self._site)):
            self._file(tx, alarm, now_ms)
        elif alarm.policy is CasePolicy.LADDER and tx.ladder_of(alarm.id) is None:
            self._episodes.start(tx, alarm, now_ms)

    def _file(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """A case of an alarm, whatever it has led to so far: a ladder ends with it, and its own case gets worse."""
        case, ladder = case_of(tx, alarm), tx.open_ladder(alarm.id)
        if ladder:
            self._episodes.hand_over(tx, ladder, alarm, now_ms)
        elif case and case.alarm_id == alarm.id:
            self._filing.worse(tx, alarm, now_ms)
        else:
            self._filing.file(tx, alarm, now_ms, text="case_sensor")

    def _raise(self, tx: BookTransaction, finding: Finding, now_ms: int) -> None:
        if not _first_time(tx, finding):
            return
        alarm = alarm_of(worded(finding, self._site.texts))
        flaps = alarm.state is AlarmState.FLAPPING
        silence = self._silencing.covering(tx, alarm, now_ms)
        waits = flaps and not is_urgent(alarm, self._site)
        leads = alarm.policy is not CasePolicy.NONE or self._caseless.needs_a_word(alarm)
        held = (waits or silence is not None) and leads
        alarm = tx.add_alarm(replace(marked(alarm, silence) if silence else alarm, held=held))
        tx.append_log(story.raised(alarm, self._site, now_ms))
        if flaps:
            tx.append_log(story.line("rules", "alarm_flapping", now_ms, alarm))
        if silence:
            self._silencing.note(tx, alarm, silence, now_ms)
        elif not waits:
            self._lead(tx, alarm, now_ms)

    def _renew(self, tx: BookTransaction, alarm: Alarm, finding: Finding, now_ms: int) -> None:
        if finding.change is Change.RAISED:
            _first_time(tx, finding)
        step = finding.severity.rank - alarm.severity.rank
        # What comes late and is worse counts, though only once: a batch that is told again is news no more.
        news = finding.at_ms > alarm.seen_ms if step <= 0 else _first_rise(tx, alarm, finding)
        if not news:
            return
        renewed = renewed_by(alarm, worded(finding, self._site.texts))
        for what in _turns(alarm, renewed, step):
            tx.append_log(story.line("rules", what, now_ms, renewed))
        if step > 0 and acked(alarm, now_ms):
            tx.append_log(story.line("rules", "alarm_ack_overtaken", now_ms, renewed, person=alarm.acked_by))
            renewed = replace(renewed, acked_ms=None, acked_until_ms=None, acked_by=None, acked_why=None)
        if step:
            renewed = self._silencing.reconsider(tx, renewed, now_ms)
        audible, urgent = renewed.silence_id is None, is_urgent(renewed, self._site)
        graver = urgent and (step > 0 or not is_urgent(alarm, self._site))
        tx.save_alarm(replace(renewed, held=(renewed.held or graver) and not audible))
        if audible and renewed.held:
            self._lead(tx, replace(renewed, held=False), now_ms)
        elif audible and graver and self._caseless.needs_a_word(renewed):
            self._caseless.tell(tx, renewed, now_ms)
        elif audible:
            self._go_on(tx, renewed, now_ms, worse=graver or (step > 0 and renewed.policy is CasePolicy.OPEN))

    def _go_on(self, tx: BookTransaction, alarm: Alarm, now_ms: int, *, worse: bool) -> None:
        """What has led to a ladder or to a case goes on there. No ladder goes on with what has become urgent."""
        ladder = tx.open_ladder(alarm.id)
        if ladder and is_urgent(alarm, self._site):
            self._episodes.hand_over(tx, ladder, alarm, now_ms)
        elif ladder:
            self._episodes.walk(tx, ladder, alarm, now_ms)
        elif worse:
            self._filing.worse(tx, alarm, now_ms)

    def _flap(self, tx: BookTransaction, alarm: Alarm, finding: Finding, now_ms: int) -> None:
        if alarm.state is AlarmState.FLAPPING or not _first_time(tx, finding):
            return
        flapping = replace(alarm, state=AlarmState.FLAPPING, seen_ms=max(alarm.seen_ms, finding.at_ms))
        tx.save_alarm(flapping)
        tx.append_log(story.line("rules", "alarm_flapping", now_ms, flapping))

    def _go_stale(self, tx: BookTransaction, alarm: Alarm, finding: Finding, now_ms: int) -> None:
        if alarm.state is AlarmState.STALE or not _first_time(tx, finding):
            return
        stale = replace(alarm, state=AlarmState.STALE, held=alarm.held and alarm.silence_id is not None)
        tx.save_alarm(stale)
        tx.append_log(story.line("rules", "alarm_stale", now_ms, alarm, seen_ms=alarm.seen_ms))
        if alarm.held and not stale.held:  # it came and went, and nobody can wait for it to be steady any more
            self._lead(tx, stale, now_ms)

    def _acknowledge(self, tx: BookTransaction, alarm: Alarm, order: AlarmOrder, now_ms: int) -> None:
        taken_on = replace(
            alarm, acked_ms=now_ms, acked_until_ms=order.until_ms, acked_by=order.who, acked_why=order.why
        )
        tx.save_alarm(taken_on)
        before = alarm.acked_by if acked(alarm, now_ms) and alarm.acked_by != order.who else None
        what = "alarm_taken_over" if before else "alarm_acked"
        until_ms = order.until_ms
        what = what if until_ms is None else f"{what}_until"
        line = story.line(order.who, what, now_ms, taken_on, person=order.who, why=order.why, until_ms=until_ms)
        tx.append_log(replace(line, facts={**line.facts, "before": before}) if before else line)

    def _resolve(
        self, tx: BookTransaction, alarm: Alarm, finding: Finding, now_ms: int, release: "_Release | None"
    ) -> None:
        if not _first_time(tx, finding) and release is None:
            return
        look = finding.evidence
        if alarm.policy is CasePolicy.LADDER and look is None and release is None:
            tx.append_log(story.line("rules", "alarm_unproven", now_ms, alarm))
            return
        if alarm.latch and release is None:
            tx.append_log(story.line("rules", "alarm_held", now_ms, alarm))
            return
        resolved = replace(alarm, state=AlarmState.RESOLVED, resolved_ms=finding.at_ms, held=False)
        tx.save_alarm(resolved)
        what = "alarm_released" if release else "alarm_clear_seen" if look else "alarm_resolved"
        person, why = release or (None, None)
        tx.append_log(story.line(person or "rules", what, now_ms, resolved, look=look, person=person, why=why))
        self._caseless.over(tx, resolved, now_ms)
        ladder = tx.open_ladder(alarm.id)
        if ladder and person:
            self._episodes.release(tx, ladder, resolved, now_ms, person=person)
        elif ladder:
            self._episodes.walk(tx, ladder, resolved, now_ms, cleared=look)
        elif not _was_none(tx, resolved):
            self._filing.cleared(tx, resolved, now_ms, look)


class _Release(NamedTuple):
    person: str
    why: str


def _turns(alarm: Alarm, renewed: Alarm, step: int) -> list[str]:
    """Names of the lines for what a renewal changes; `step` is by how many severities it is worse."""
    turns = []
    if alarm.state is AlarmState.STALE:
        turns.append("alarm_back")
    if alarm.state is AlarmState.FLAPPING is not renewed.state:
        turns.append("alarm_steady")
    if step:
        turns.append("alarm_worse" if step > 0 else "alarm_milder")
    return turns


def _was_none(tx: BookTransaction, alarm: Alarm) -> bool:
    """Whether a person has said that it never was one: its end is no work of the unit that has the case before it."""
    ladder = tx.ladder_of(alarm.id)
    return ladder is not None and ladder.step is LadderStep.REJECTED


def _first_rise(tx: BookTransaction, alarm: Alarm, finding: Finding) -> bool:
    first = _first_time(tx, finding)
    return first or finding.at_ms >= alarm.seen_ms


def _first_time(tx: BookTransaction, finding: Finding) -> bool:
    return tx.first_time(finding.rule_id, finding.subject, finding.change, finding.at_ms)
