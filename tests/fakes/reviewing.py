"""Things that wait for a person in the invented city, and a judge who takes what is decided on them."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from cases.precision import Standing
from domain.case import Alarm, CaseState
from domain.errors import OrderRefused
from domain.finding import CasePolicy
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply
from domain.review import Decided, Queue, Said, Verdict, Waiting
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import MINUTE_MS, Invention

_HALF_AN_HOUR_MS: Final = 30 * MINUTE_MS


class ReviewJudge:
    """Fits console.desk.ladders.Judge; decides on what waits in a fake desk."""

    def __init__(self, desk: FakeDesk, now_ms: int) -> None:
        self._desk, self._now_ms = desk, now_ms
        self.decided: list[tuple[str, str, str, str]] = []
        """(queue, key, verdict, why), in the order in which they came."""
        self.standings: list[Standing] = []

    def ladder(self, ladder_id: int) -> Ladder | None:
        """By its id."""
        found = self._one(Queue.CONFIRM, ladder_id) or self._of_contest(ladder_id)
        return found.ladder if found else None

    def contests(self, *, undecided_only: bool, limit: int) -> Sequence[ShopReply]:
        """Those of the queue."""
        found = self._desk.review.all_waiting
        every = [one.contest for one in found if one.contest and (one.decided is None or not undecided_only)]
        return every[:limit]

    def contest(self, contest_id: int) -> ShopReply | None:
        """By its id."""
        found = self._one(Queue.CONTEST, contest_id)
        return found.contest if found else None

    def said(self, reply_id: int) -> ShopReply | None:
        """Contests, and what shops said to be done."""
        review = self._desk.review
        every = [*(one.contest for one in review.all_waiting), *(one.shop_said for one in review.all_done.values())]
        return next((said for said in every if said is not None and said.id == reply_id), None)

    def confirm(self, ladder_id: int, *, who: str) -> Ladder:
        """It is so."""
        return self._decide(ladder_id, Verdict.CONFIRMED, who, "")

    def reject(self, ladder_id: int, *, who: str, why: str) -> Ladder:
        """It is none."""
        return self._decide(ladder_id, Verdict.REJECTED, who, why)

    def decide(self, contest_id: int, *, upheld: bool, who: str, why: str) -> ShopReply:
        """Whether a shop is right."""
        found = self._one(Queue.CONTEST, contest_id)
        if found is None or found.contest is None:
            raise OrderRefused(f"there is no contest {contest_id}", "missing")
        self._over(found, Verdict.UPHELD if upheld else Verdict.DISMISSED, who, why)
        return replace(found.contest, decided_by=who, decided_ms=self._now_ms, upheld=upheld, why=why)

    def rights(self) -> Sequence[Standing]:
        """Those that a test gives."""
        return self.standings

    def restore(self, matter: str, *, who: str, why: str) -> Standing:  # noqa: ARG002 - the Protocol's
        """None was lost."""
        raise OrderRefused(f"matter {matter} has its right to notices", "over")

    def _decide(self, ladder_id: int, verdict: Verdict, who: str, why: str) -> Ladder:
        found = self._one(Queue.CONFIRM, ladder_id)
        if found is None or found.ladder is None:
            raise OrderRefused(f"there is no episode {ladder_id}", "missing")
        self._over(found, verdict, who, why)
        step = LadderStep.NOTICE_1 if verdict is Verdict.CONFIRMED else LadderStep.REJECTED
        return replace(found.ladder, step=step, confirmed_by=who, confirmed_ms=self._now_ms)

    def _over(self, one: Waiting, verdict: Verdict, who: str, why: str) -> None:
        if one.decided is not None:
            raise OrderRefused(f"{one.queue} {one.key} was decided by {one.decided.by}", "over")
        self.decided.append((one.queue, one.key, verdict, why))
        waiting = self._desk.review.all_waiting
        waiting[waiting.index(one)] = replace(one, decided=Decided(verdict=verdict, by=who, at_ms=self._now_ms))
        what = "confirm_yes" if verdict is Verdict.CONFIRMED else "confirm_no"
        said = Said(
            id=len(self.decided),
            at_ms=self._now_ms,
            what=what,
            who=who,
            device_id=one.device_id,
            shop_id=one.shop_id,
        )
        self._desk.review.all_said.append(said)
        self._desk.touch()

    def _one(self, queue: Queue, number: int) -> Waiting | None:
        return self._desk.review.one(queue, str(number))

    def _of_contest(self, ladder_id: int) -> Waiting | None:
        every = self._desk.review.all_waiting
        return next((one for one in every if one.contest and one.contest.ladder_id == ladder_id), None)


def waiting_finds(desk: FakeDesk, city: Invention, n: int) -> ReviewJudge:
    """So many finds wait, oldest first by their keys, each with three pictures; and a judge decides on them."""
    bikes = next(alarm for alarm in desk.all_alarms if alarm.policy is CasePolicy.LADDER)
    for number in range(1, n + 1):
        desk.review.all_waiting.append(_find(city, bikes, number, n))
    desk.pictures = city.pictures
    judge = ReviewJudge(desk, city.now_ms)
    desk.judged = judge
    desk.touch()
    return judge


def _find(city: Invention, bikes: Alarm, number: int, n: int) -> Waiting:
    camera, since_ms = 1 + number % 9, city.ago(2 * (n - number) + 4)
    seen = city.evidence(camera, 2 * (n - number) + 4.0, bikes=3)
    alarm = replace(
        bikes,
        id=1000 + number,
        device_id=f"cam-{camera:03}",
        subject=f"cam-{camera:03}/front",
        shop_id=f"shop-{camera:03}",
        since_ms=since_ms - 12 * MINUTE_MS,
        evidence=seen,
    )
    ladder = Ladder(
        id=number,
        alarm_id=alarm.id,
        subject=alarm.subject,
        matter="09010",
        camera_id=alarm.device_id,
        shop_id=alarm.shop_id,
        step=LadderStep.CONFIRM,
        started_ms=since_ms,
        recheck_ms=since_ms + _HALF_AN_HOUR_MS,
        context=city.evidence(camera, 900, bikes=0),
        onset=city.evidence(camera, 2 * (n - number) + 16.0, bikes=2),
        confirmed=seen,
    )
    return Waiting(
        queue=Queue.CONFIRM,
        key=str(number),
        alarm=alarm,
        ladder=ladder,
        since_ms=since_ms,
        due_ms=since_ms + _HALF_AN_HOUR_MS,
    )


def waiting_contest(desk: FakeDesk, city: Invention, number: int = 71) -> Waiting:
    """A shop contests what was found."""
    find = _find(city, next(one for one in desk.all_alarms if one.policy is CasePolicy.LADDER), number, number)
    reply = ShopReply(
        id=number,
        ladder_id=number,
        shop_id=find.shop_id,
        matter="09010",
        kind=ReplyKind.CONTEST,
        given_ms=city.ago(30),
        words="是隔壁邮局的车，<script>alert(1)</script>",
        picture="somewhere",
    )
    one = replace(find, queue=Queue.CONTEST, contest=reply, since_ms=reply.given_ms, due_ms=city.ago(-1410))
    desk.review.all_waiting.append(one)
    return one


def waiting_case(desk: FakeDesk, city: Invention) -> Waiting:
    """The invented case that was reported as done."""
    case = next(case for case in desk.all_cases if case.state is CaseState.PENDING_VERIFY)
    bikes = next(one for one in desk.all_alarms if one.policy is CasePolicy.LADDER)
    one = Waiting(queue=Queue.VERIFY, key=case.id, alarm=bikes, case=case, since_ms=city.ago(20), due_ms=city.ago(-100))
    desk.review.all_waiting.append(one)
    return one
