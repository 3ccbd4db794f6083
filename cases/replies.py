"""What shops say to a notice: that it is done, or that it is wrong. Neither closes anything."""

from msgspec.structs import replace

from cases import story
from cases.belonging import case_of
from cases.ladder import compressed_ms
from cases.looks import ask_look
from cases.notices.letters import Letters
from cases.notices.questions import Questions
from cases.scene import scene_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm, Case
from domain.errors import OrderRefused
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply


class Replies:
    """Takes a shop's word in. "Corrected" asks for an early look, and only looks end an episode; a contest waits for a
    person, and until then nothing else happens on its ladder."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._letters = Letters(site)
        self._questions = Questions(site, self._letters)

    def say(
        self,
        tx: BookTransaction,
        ladder_id: int,
        kind: ReplyKind,
        *,
        words: str = "",
        picture: str | None = None,
        now_ms: int,
    ) -> ShopReply:
        """Keep what a shop says about an episode, and do what follows. `picture` names the photo it sent along.

        The same "corrected", said again while its look is still to come, is that one. Raises OrderRefused: nobody has
        been told of it yet, it is over, or it has been contested before.
        """
        ladder, alarm = self._about(tx, ladder_id)
        reply = ShopReply(
            id=0,
            ladder_id=ladder.id,
            shop_id=ladder.shop_id,
            matter=ladder.matter,
            kind=kind,
            given_ms=now_ms,
            words=words.strip(),
            picture=picture,
        )
        if kind is ReplyKind.CORRECTED:
            return self._corrected(tx, ladder, alarm, reply)
        return self._contest(tx, ladder, alarm, reply)

    def _about(self, tx: BookTransaction, ladder_id: int) -> tuple[Ladder, Alarm]:
        ladder = tx.ladder(ladder_id)
        alarm = tx.alarm(ladder.alarm_id) if ladder else None
        if ladder is None or alarm is None:
            raise OrderRefused(f"there is no episode {ladder_id}", "missing")
        if all(notice.sent_ms is None for notice in tx.reminders(ladder.id)):
            raise OrderRefused(f"nobody has been told of episode {ladder_id}, so there is nothing to answer")
        return ladder, alarm

    def _corrected(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, reply: ShopReply) -> ShopReply:
        if ladder.ended_ms is not None:
            raise OrderRefused(f"episode {ladder.id} is over", "over")
        patience_ms = compressed_ms(self._site.settings.ladder.way(ladder.matter).recheck_patience, self._site)
        soonest_ms = reply.given_ms - patience_ms
        for before in tx.replies(ladder.id):
            same = (before.kind, before.words, before.picture) == (reply.kind, reply.words, reply.picture)
            if same and before.given_ms > soonest_ms:
                return before
        kept = tx.add_reply(reply)
        self._log(tx, "shop_corrected", (ladder, alarm), kept, case_id=None)
        if ladder.asked_ms is None or ladder.asked_ms <= soonest_ms:
            ask_look(tx, self._letters, ladder, alarm, reply.given_ms)
        return kept

    def _contest(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, reply: ShopReply) -> ShopReply:
        if any(before.kind is ReplyKind.CONTEST for before in tx.replies(ladder.id)):
            raise OrderRefused(f"episode {ladder.id} has been contested before", "over")
        case = open_case_of(tx, ladder, alarm)
        if ladder.ended_ms is not None and case is None:
            raise OrderRefused(f"episode {ladder.id} is over", "over")
        kept = tx.add_reply(reply)
        tx.withdraw_notices(ladder.id)
        tx.save_ladder(replace(ladder, contested_ms=reply.given_ms))
        case_id = case.id if case else None
        self._log(tx, "shop_contests", (ladder, alarm), kept, case_id=case_id)
        tx.add_notice(self._questions.contest(kept, ladder, alarm, reply.given_ms, case_id=case_id))
        return kept

    def _log(
        self, tx: BookTransaction, what: str, about: tuple[Ladder, Alarm], reply: ShopReply, *, case_id: str | None
    ) -> None:
        ladder, alarm = about
        said = story.line(
            "shop",
            what,
            reply.given_ms,
            alarm,
            ladder=ladder,
            case_id=case_id,
            frontage=scene_of(alarm, self._site).frontage,
            words=reply.words,
            reply_id=reply.id,
        )
        tx.append_log(said)


def open_case_of(tx: BookTransaction, ladder: Ladder, alarm: Alarm) -> Case | None:
    """The open case that an episode led to, or that it joined; not one of what came later."""
    if ladder.ended_ms is None:
        return None
    own = tx.case_of_ladder(ladder.id)
    if own is not None and own.duplicate_of is None:
        return own if own.closed_ms is None else None
    case = case_of(tx, alarm) if ladder.step is LadderStep.CASE else None
    return case if case is not None and case.opened_ms <= ladder.ended_ms else None
