"""What waits for a person, from the case store; read anew only when the book has changed."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cases.deadlines import Deadlines
from cases.kpi.lines import REPORTED
from cases.ladder import Pace, compressed_ms
from config.load import Site
from console.review_claims import Claims
from domain.case import Alarm, Case, CaseState, acked
from domain.clock import Clock
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply
from domain.review import ANSWERS, Decided, Done, Queue, Said, Verdict, Waiting
from storage.case_store import CaseStore

_ALIKE_MS: Final = 30 * 86_400_000
_DAY_S: Final = 86_400.0
_LOOK_S: Final = 1_800.0
"""An alarm with a picture should be looked at within half an hour."""
_REWORK: Final = frozenset({CaseState.RETURNED, CaseState.HANDLING})


class ReviewQueues:
    """Fits `console.desk.review.ReviewDesk`. Any thread may ask."""

    def __init__(self, store: CaseStore, site: Site, clock: Clock) -> None:
        self._store, self._site, self._clock = store, site, clock
        self._deadlines = Deadlines(site)
        self._claims = Claims()
        self._lock = threading.Lock()
        self._known: dict[Queue, tuple[int, tuple[Waiting, ...]]] = {}
        self._said: list[Said] = []
        self._read_to = 0

    def waiting(self, queue: Queue) -> Sequence[Waiting]:
        """The most urgent first."""
        revision = self._store.revision()
        known = self._known.get(queue)
        if known is None or known[0] != revision:
            found = sorted(self._read(queue), key=lambda one: (one.urgency_ms, one.key))
            known = self._known[queue] = (revision, tuple(found))
        return known[1]

    def one(self, queue: Queue, key: str) -> Waiting | None:
        """Of any age."""
        if queue is Queue.VERIFY:
            return self._one_case(key)
        if not key.isascii() or not key.isdigit() or len(key) > 18:
            return None
        find: dict[Queue, Callable[[int], Waiting | None]] = {
            Queue.CONFIRM: self._one_find,
            Queue.CONTEST: self._one_contest,
            Queue.LOOK: self._one_alarm,
        }
        return find[queue](int(key))

    def alike(self, about: Waiting, *, limit: int) -> Sequence[Ladder]:
        """Not that which it is about."""
        matter, shop_id = about.alarm.matter, about.shop_id
        if matter is None or shop_id is None:
            return []
        since_ms = self._clock.now_ms() - _ALIKE_MS
        found = self._store.ladders_alike(matter, shop_id, since_ms=since_ms, limit=limit + 1)
        return [ladder for ladder in found if ladder.alarm_id != about.alarm.id][:limit]

    def done(self, about: Waiting) -> Done:
        """From the story of the case, and the words on its ladder."""
        case = about.case
        if case is None:
            return Done()
        lines = self._store.log(case_id=case.id)
        told = [line for line in lines if line.case_id == case.id and line.what in REPORTED]
        said = [] if case.ladder_id is None else self._store.replies(ladder_id=case.ladder_id)
        newest = next((one for one in said if one.kind is ReplyKind.CORRECTED), None)
        return Done(reported=told[-1] if told else None, shop_said=newest)

    def said_since(self, since_ms: int) -> Sequence[Said]:
        """Each line is read once."""
        with self._lock:
            new = self._store.lines_said(ANSWERS, after_id=self._read_to)
            if new:
                self._read_to = new[-1].id
            oldest_ms = min(since_ms, self._clock.now_ms() - round(_DAY_S * 1000))
            self._said = [one for one in (*self._said, *new) if one.at_ms >= oldest_ms]
            return [one for one in self._said if one.at_ms >= since_ms]

    def claim(self, queue: Queue, keys: Sequence[str], *, seat: str, who: str) -> Mapping[str, str]:
        """For half a minute."""
        return self._claims.claim(queue, keys, seat=seat, who=who, now_ms=self._clock.now_ms())

    def held(self, queue: Queue, *, seat: str) -> Mapping[str, str]:
        """By other seats."""
        return self._claims.held(queue, seat=seat, now_ms=self._clock.now_ms())

    def _read(self, queue: Queue) -> list[Waiting]:
        store = self._store
        match queue:
            case Queue.CONFIRM:
                return [self._find(ladder, alarm) for ladder, alarm in store.finds_to_confirm()]
            case Queue.CONTEST:
                return [self._contest(*found) for found in store.contests_to_decide()]
            case Queue.LOOK:
                return [
                    self._look(alarm)
                    for alarm in store.alarms_to_look_at()
                    if alarm.evidence and alarm.evidence.picture
                ]
            case Queue.VERIFY:
                return [self._verify(case, alarm) for case, alarm in store.cases_to_verify()]

    # One of each

    def _find(self, ladder: Ladder, alarm: Alarm, decided: Decided | None = None) -> Waiting:
        return Waiting(
            queue=Queue.CONFIRM,
            key=str(ladder.id),
            alarm=alarm,
            ladder=ladder,
            since_ms=ladder.started_ms,
            due_ms=ladder.started_ms + Pace.of(self._site, ladder.matter).confirm_ms,
            decided=decided,
        )

    def _contest(self, contest: ShopReply, ladder: Ladder, alarm: Alarm) -> Waiting:
        verdict = Verdict.UPHELD if contest.upheld else Verdict.DISMISSED
        return Waiting(
            queue=Queue.CONTEST,
            key=str(contest.id),
            alarm=alarm,
            ladder=ladder,
            contest=contest,
            since_ms=contest.given_ms,
            due_ms=contest.given_ms + compressed_ms(_DAY_S, self._site),
            decided=None
            if contest.decided_ms is None
            else Decided(verdict=verdict, by=contest.decided_by, at_ms=contest.decided_ms),
        )

    def _look(self, alarm: Alarm) -> Waiting:
        now_ms = self._clock.now_ms()
        decided = None
        if alarm.resolved_ms is not None:
            decided = Decided(verdict=Verdict.OVER, at_ms=alarm.resolved_ms)
        elif acked(alarm, now_ms):
            decided = Decided(verdict=Verdict.TAKEN, by=alarm.acked_by, at_ms=alarm.acked_ms)
        due_ms = alarm.raised_ms + compressed_ms(_LOOK_S, self._site)
        return Waiting(
            queue=Queue.LOOK, key=str(alarm.id), alarm=alarm, since_ms=alarm.raised_ms, due_ms=due_ms, decided=decided
        )

    def _verify(self, case: Case, alarm: Alarm, decided: Decided | None = None) -> Waiting:
        return Waiting(
            queue=Queue.VERIFY,
            key=case.id,
            alarm=alarm,
            case=case,
            since_ms=case.state_ms,
            due_ms=self._deadlines.leaves_by_ms(case) or case.due_ms,
            decided=decided,
        )

    def _one_find(self, ladder_id: int) -> Waiting | None:
        ladder = self._store.ladder(ladder_id)
        alarm = self._store.alarm(ladder.alarm_id) if ladder else None
        if ladder is None or alarm is None:
            return None
        return self._find(ladder, alarm, _said_of(ladder, alarm))

    def _one_contest(self, contest_id: int) -> Waiting | None:
        with self._store.glance() as tx:
            contest = tx.reply(contest_id)
        ladder = self._store.ladder(contest.ladder_id) if contest else None
        alarm = self._store.alarm(ladder.alarm_id) if ladder else None
        return self._contest(contest, ladder, alarm) if contest and ladder and alarm else None

    def _one_alarm(self, alarm_id: int) -> Waiting | None:
        alarm = self._store.alarm(alarm_id)
        return None if alarm is None else self._look(alarm)

    def _one_case(self, case_id: str) -> Waiting | None:
        case = self._store.case(case_id)
        alarm = self._store.alarm(case.alarm_id) if case else None
        if case is None or alarm is None:
            return None
        return self._verify(case, alarm, self._done_with(case))

    def _done_with(self, case: Case) -> Decided | None:
        if case.state is CaseState.PENDING_VERIFY:
            return None
        verdict = Verdict.RETURNED if case.state in _REWORK else Verdict.VERIFIED
        verdict = Verdict.CLOSED if case.closed_ms is not None else verdict
        told = [line for line in self._store.log(case_id=case.id) if line.case_id == case.id and "person" in line.facts]
        return Decided(verdict=verdict, by=told[-1].who if told else None, at_ms=case.state_ms)


def _said_of(ladder: Ladder, alarm: Alarm) -> Decided | None:
    if ladder.step is LadderStep.CONFIRM and ladder.ended_ms is None and alarm.resolved_ms is None:
        return None
    if ladder.confirmed_by is None:
        return Decided(verdict=Verdict.OVER, at_ms=ladder.ended_ms or alarm.resolved_ms)
    none = ladder.step is LadderStep.REJECTED and ladder.ended_ms == ladder.confirmed_ms
    verdict = Verdict.REJECTED if none else Verdict.CONFIRMED
    return Decided(verdict=verdict, by=ladder.confirmed_by, at_ms=ladder.confirmed_ms)
