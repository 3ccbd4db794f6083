"""What people decide on episodes: whether it is so, before anybody is told, and whether a shop's contest is right."""

from typing import Any, Final

from msgspec.structs import replace

from cases import story
from cases.episode import Episodes
from cases.handling import Handling
from cases.ladder import compressed_ms
from cases.notices.letters import Letters
from cases.notices.questions import Questions
from cases.precision import Rights
from cases.reminding import Reminding
from cases.replies import open_case_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm, Case, ClosedReason
from domain.case_order import MOVES, CaseAct, CaseOrder
from domain.errors import OrderRefused
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply
from domain.order import AlarmOrder, OrderKind

_DAY_S: Final = 86400.0


class Verdicts:
    """Carries out what a person says, at once and whole. Every method raises OrderRefused for what cannot be."""

    def __init__(self, site: Site) -> None:
        letters = Letters(site)
        self._site = site
        self._episodes = Episodes.of(site)
        self._handling = Handling(site)
        self._questions = Questions(site, letters)
        self._reminding = Reminding(site, letters)
        self._rights = Rights(site, letters)
        self._asked_ms: int | None = None

    def confirm(self, tx: BookTransaction, ladder_id: int, *, who: str, now_ms: int, by_link: bool = False) -> Ladder:
        """It is so: what waited for a person goes on. Returns the ladder as it is then.

        `by_link`: whoever had the link that was sent to `who` said so; the story tells it.
        """
        ladder, alarm = self._waiting(tx, ladder_id, who)
        confirmed = replace(ladder, confirmed_by=who, confirmed_ms=now_ms)
        tx.append_log(
            story.line(
                who, "confirm_yes_by_link" if by_link else "confirm_yes", now_ms, alarm, ladder=ladder, person=who
            )
        )
        return self._episodes.go_on(tx, confirmed, alarm, now_ms)

    def reject(
        self, tx: BookTransaction, ladder_id: int, *, who: str, why: str, now_ms: int, by_link: bool = False
    ) -> Ladder:
        """It is none: nobody is told, and the rule may speak again only of a new one. `by_link` as in `confirm`."""
        if not why.strip():
            raise OrderRefused("say why it is none", key="say_why")
        ladder, alarm = self._waiting(tx, ladder_id, who)
        rejected = replace(ladder, step=LadderStep.REJECTED, ended_ms=now_ms, confirmed_by=who, confirmed_ms=now_ms)
        tx.withdraw_notices(ladder.id)
        tx.save_ladder(rejected)
        what = "confirm_no_by_link" if by_link else "confirm_no"
        tx.append_log(story.line(who, what, now_ms, alarm, ladder=rejected, person=who, why=why))
        _release(tx, alarm, who=who, why=why, now_ms=now_ms)
        self._rights.check(tx, ladder.matter, now_ms, alarm)
        return rejected

    def decide(
        self, tx: BookTransaction, contest_id: int, *, upheld: bool, who: str, why: str, now_ms: int
    ) -> ShopReply:
        """Whether a shop's contest is right. Returns it with the decision."""
        if not who.strip() or not why.strip():
            raise OrderRefused("say who decides, and why", key="say_who_and_why")
        contest = tx.reply(contest_id)
        if contest is None or contest.kind is not ReplyKind.CONTEST:
            raise OrderRefused(f"there is no contest {contest_id}", "missing", "contest_missing", n=contest_id)
        if contest.decided_ms is not None:
            problem = f"contest {contest_id} was decided by {contest.decided_by}"
            raise OrderRefused(problem, "over", "contest_decided", n=contest_id, person=contest.decided_by)
        decided = replace(contest, decided_ms=now_ms, decided_by=who, upheld=upheld, why=why)
        tx.save_reply(decided)
        ladder = tx.ladder(contest.ladder_id)
        alarm = tx.alarm(ladder.alarm_id) if ladder else None
        if ladder is None or alarm is None:
            raise OrderRefused(f"the episode of contest {contest_id} is in the book no more", "missing")
        ladder = replace(ladder, contested_ms=None)
        if upheld:
            self._uphold(tx, decided, ladder, alarm, now_ms)
        else:
            self._dismiss(tx, decided, ladder, alarm, now_ms)
        return decided

    def tick(self, tx: BookTransaction, now_ms: int) -> None:
        """Contests that wait for a day or more: the duty desk is asked again, each day."""
        if self._asked_ms is not None and abs(now_ms - self._asked_ms) < compressed_ms(60, self._site):
            return
        self._asked_ms = now_ms
        for contest in tx.undecided_contests():
            days = (now_ms - contest.given_ms) // compressed_ms(_DAY_S, self._site)
            ladder = tx.ladder(contest.ladder_id) if days > 0 else None
            alarm = tx.alarm(ladder.alarm_id) if ladder else None
            if ladder is None or alarm is None:
                continue
            case = open_case_of(tx, ladder, alarm)
            case_id = case.id if case else None
            notice = self._questions.contest(contest, ladder, alarm, now_ms, case_id=case_id, asked=days)
            if tx.add_notice(notice):
                line = story.line(
                    "book", "contest_asked_again", now_ms, alarm, ladder=ladder, recipient=notice.recipient
                )
                tx.append_log(line)

    def _waiting(self, tx: BookTransaction, ladder_id: int, who: str) -> tuple[Ladder, Alarm]:
        if not who.strip():
            raise OrderRefused("say who decides", key="say_who")
        ladder = tx.ladder(ladder_id)
        alarm = tx.alarm(ladder.alarm_id) if ladder else None
        if ladder is None or alarm is None:
            raise OrderRefused(f"there is no episode {ladder_id}", "missing", "ladder_missing", n=ladder_id)
        if ladder.ended_ms is not None or ladder.step is not LadderStep.CONFIRM or alarm.resolved_ms is not None:
            problem = f"episode {ladder_id} does not wait for a person: it is {ladder.step.value}"
            raise OrderRefused(problem, "over", "ladder_decided", n=ladder_id)
        return ladder, alarm

    def _uphold(self, tx: BookTransaction, contest: ShopReply, ladder: Ladder, alarm: Alarm, now_ms: int) -> None:
        """It never was one: no case comes of it, or its own case is closed as false."""
        own = open_case_of(tx, ladder, alarm)
        own = own if own is not None and own.ladder_id == ladder.id else None
        tx.withdraw_notices(ladder.id)
        over_ms = now_ms if ladder.ended_ms is None else ladder.ended_ms
        ladder = replace(ladder, step=LadderStep.REJECTED, ended_ms=over_ms)
        tx.save_ladder(ladder)
        self._log(tx, "contest_upheld", contest, (ladder, alarm), case=own)
        if own is None:
            _release(tx, alarm, who=contest.decided_by or "", why=contest.why or "", now_ms=now_ms)
        else:
            self._handling.carry_out(tx, _as_false(own, contest), now_ms)
        self._tell_shop(tx, "contest_upheld", contest, ladder, alarm)
        self._rights.check(tx, ladder.matter, now_ms, alarm)

    def _dismiss(self, tx: BookTransaction, contest: ShopReply, ladder: Ladder, alarm: Alarm, now_ms: int) -> None:
        """It goes on where it stood, and the shop has its whole time anew."""
        case = open_case_of(tx, ladder, alarm)
        if ladder.ended_ms is None:
            text = "contest_rejected"
            self._log(tx, text, contest, (ladder, alarm))
            ladder = self._episodes.go_on(tx, ladder, alarm, now_ms)
        else:
            text = "contest_rejected_over" if case is None else "contest_rejected_case"
            tx.save_ladder(ladder)
            self._log(tx, "contest_rejected", contest, (ladder, alarm), case=case)
        self._tell_shop(tx, text, contest, ladder, alarm)

    def _tell_shop(self, tx: BookTransaction, text: str, contest: ShopReply, ladder: Ladder, alarm: Alarm) -> None:
        not_before_ms = self._reminding.awake_ms(ladder.matter, contest.decided_ms or 0)
        notice = self._questions.decided(text, contest, ladder, alarm, not_before_ms)
        if notice is not None:
            tx.add_notice(notice)

    def _log(
        self,
        tx: BookTransaction,
        what: str,
        contest: ShopReply,
        about: tuple[Ladder, Alarm],
        *,
        case: Case | None = None,
    ) -> None:
        ladder, alarm = about
        who, why, now_ms = contest.decided_by or "", contest.why or "", contest.decided_ms or 0
        case_id = case.id if case else None
        said: dict[str, Any] = {"person": who, "why": why, "reply_id": contest.id}
        tx.append_log(story.line(who, what, now_ms, alarm, ladder=ladder, case_id=case_id, **said))


def _as_false(case: Case, contest: ShopReply) -> CaseOrder:
    """A case that nobody has accepted yet can only be refused."""
    act = CaseAct.CLOSE if case.state in MOVES[CaseAct.CLOSE] else CaseAct.REFUSE
    reason = ClosedReason.FALSE_POSITIVE if act is CaseAct.CLOSE else None
    return CaseOrder(case_id=case.id, act=act, who=contest.decided_by or "", why=contest.why or "", reason=reason)


def _release(tx: BookTransaction, alarm: Alarm, *, who: str, why: str, now_ms: int) -> None:
    """The rules end the alarm with their next step; only what is seen after that is a new one."""
    if alarm.resolved_ms is None:
        order = AlarmOrder(id=0, kind=OrderKind.RELEASE, alarm_id=alarm.id, who=who, why=why, given_ms=now_ms)
        tx.add_order(order)
