"""How it stands with an episode, as its shop is told, and what the shop can say to it now."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from cases.shop_links import Holder
from domain.case import Alarm, Case, ClosedReason
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply


class State(StrEnum):
    """The one thing the page says first."""

    ASKED = "asked"
    ASKED_AGAIN = "asked_again"
    LOOKING = "looking"  # the shop has said that it is done, and no look has shown anything since
    CONTESTED = "contested"
    CORRECTED = "corrected"
    CASE = "case"
    CASE_CLOSED = "case_closed"
    RIGHT = "right"  # a person has found that it was none
    PERMITTED = "permitted"
    OVER = "over"


_WAS_NONE: Final = frozenset({ClosedReason.FALSE_POSITIVE, ClosedReason.NOT_REPRODUCED})


class Episode(Struct, frozen=True, kw_only=True):
    """All that a page is made from."""

    holder: Holder = Holder.SHOP
    """Whose link it was."""
    ladder: Ladder
    alarm: Alarm
    replies: Sequence[ShopReply] = ()
    """Newest first."""
    case: Case | None = None

    @property
    def said_done(self) -> ShopReply | None:
        """The shop's newest "corrected"."""
        return next((reply for reply in self.replies if reply.kind is ReplyKind.CORRECTED), None)

    @property
    def contest(self) -> ShopReply | None:
        """What it said against it; once is all."""
        return next((reply for reply in self.replies if reply.kind is ReplyKind.CONTEST), None)

    @property
    def seen_since(self) -> bool:
        """Whether it was still there on a look after the shop said that it was done."""
        said = self.said_done
        return said is not None and self.alarm.seen_ms > said.given_ms

    @property
    def state(self) -> State:
        """How it stands."""
        ladder, over = self.ladder, self.ladder.ended_ms is not None
        if ladder.contested_ms is not None and (not over or ladder.step is LadderStep.CASE):
            return State.CONTESTED
        if self.contest and self.contest.upheld:
            return State.RIGHT
        if ladder.step in _OF_STEP:
            return _OF_STEP[ladder.step]
        if ladder.step is LadderStep.CASE:
            return self._of_case
        if over or ladder.step not in _ASKED:
            return State.OVER
        return State.LOOKING if self.said_done and not self.seen_since else _ASKED[ladder.step]

    @property
    def _of_case(self) -> State:
        if self.case is None or not self.case.state.is_closed:
            return State.CASE
        return State.RIGHT if self.case.closed_reason in _WAS_NONE else State.CASE_CLOSED

    @property
    def can_correct(self) -> bool:
        """Whether "corrected" still leads to a look."""
        return self.state in {State.ASKED, State.ASKED_AGAIN}

    @property
    def can_contest(self) -> bool:
        """Whether a person can still decide."""
        return self.contest is None and self.state in {State.ASKED, State.ASKED_AGAIN, State.LOOKING, State.CASE}


class Answer(StrEnum):
    """What has been said to whether it is so."""

    WAITS = "waits"
    SO = "so"
    NONE = "none"
    OVER = "over"  # nobody has said, and nobody needs to any more


def answer_to(episode: Episode) -> Answer:
    """How it stands with the question, for whoever was asked it."""
    ladder = episode.ladder
    if ladder.confirmed_ms is not None:
        upheld = episode.contest is not None and episode.contest.upheld
        return Answer.NONE if ladder.step is LadderStep.REJECTED and not upheld else Answer.SO
    waits = ladder.step is LadderStep.CONFIRM and ladder.ended_ms is None and episode.alarm.resolved_ms is None
    return Answer.WAITS if waits else Answer.OVER


_ASKED: Final = {LadderStep.NOTICE_1: State.ASKED, LadderStep.NOTICE_2: State.ASKED_AGAIN}
_OF_STEP: Final = {
    LadderStep.SELF_CORRECTED: State.CORRECTED,
    LadderStep.REJECTED: State.RIGHT,
    LadderStep.PERMITTED: State.PERMITTED,
    LadderStep.GONE: State.OVER,
}
