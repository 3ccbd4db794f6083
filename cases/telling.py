"""Who is told of what becomes of a case: its unit, the duty desk, and of what is urgent the phone tree."""

from enum import Enum, auto

from msgspec.structs import replace

from cases import story
from cases.assignment import Assignment
from cases.notices.letters import Letters
from cases.store import BookTransaction
from domain.case import Alarm, Case
from domain.notice import Notice

Fact = str | int


class Whom(Enum):
    """Who is told."""

    UNIT = auto()  # that has the case, or the desk in its place; of what is urgent the desk in any case
    DESK = auto()
    BOTH = auto()  # the desk, and the unit where it has an address of its own


class Telling:
    """Puts the words about cases into the outbox."""

    def __init__(self, letters: Letters, assignment: Assignment) -> None:
        self._letters = letters
        self._assignment = assignment

    def tell(
        self,
        tx: BookTransaction,
        text: str,
        case: Case,
        alarm: Alarm,
        now_ms: int,
        *,
        whom: Whom,
        each: str = "",
        **facts: str | int,
    ) -> bool:
        """Put the word into the outbox: `text` names the notice, `facts` fill it. False if that was told before."""
        notice = self._letters.case(text, case, alarm, now_ms, each=each, **facts)
        theirs = None if whom is Whom.DESK else self._theirs(notice, case)
        if whom is not Whom.UNIT:
            first_time = tx.add_notice(notice)
        elif theirs is None or notice.urgent:
            first_time = tell_the_desk(tx, self._letters, notice, alarm, now_ms)
        else:
            first_time = False
        theirs_first = theirs is not None and tx.add_notice(theirs)
        return first_time or (theirs_first and whom is Whom.UNIT)

    def _theirs(self, notice: Notice, case: Case) -> Notice | None:
        recipient = self._assignment.recipient(case)
        if recipient is None or recipient == notice.recipient:
            return None
        return replace(notice, key=f"{notice.key.removesuffix('/desk')}/unit", recipient=recipient)


def tell_the_desk(tx: BookTransaction, letters: Letters, notice: Notice, alarm: Alarm, now_ms: int) -> bool:
    """The desk and, of what is urgent, at once the first of the phone tree. False if the desk was told before."""
    first_time = tx.add_notice(notice)
    called = letters.called(notice, alarm)
    if called and tx.add_notice(called):
        # Not a line of the case: whom we call is nothing that the city's platform is told.
        tx.append_log(story.line("book", "alarm_called", now_ms, alarm, recipient=called.recipient))
    return first_time
