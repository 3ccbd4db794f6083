"""Who is told of what becomes of a case: its unit, the duty desk, and of what is urgent the phone tree."""

from msgspec.structs import replace

from cases import story
from cases.assignment import Assignment
from cases.notices.letters import Letters
from cases.store import BookTransaction
from domain.case import Alarm, Case
from domain.notice import Notice

Fact = str | int


class Telling:
    """Puts the words about cases into the outbox."""

    def __init__(self, letters: Letters, assignment: Assignment) -> None:
        self._letters = letters
        self._assignment = assignment

    def unit(
        self,
        tx: BookTransaction,
        text: str,
        case: Case,
        alarm: Alarm,
        now_ms: int,
        *,
        each: str = "",
        **facts: str | int,
    ) -> bool:
        """The unit that has it, or the desk in its place; of what is urgent the desk in any case. `text` names the
        notice, `facts` fill it. False if that was told before."""
        notice = self._letters.case(text, case, alarm, now_ms, each=each, **facts)
        theirs = self._theirs(notice, case)
        to_the_desk = theirs is None or notice.urgent
        first_time = tell_the_desk(tx, self._letters, notice, alarm, now_ms) if to_the_desk else False
        return (tx.add_notice(theirs) if theirs else False) or first_time

    def both(
        self,
        tx: BookTransaction,
        text: str,
        case: Case,
        alarm: Alarm,
        now_ms: int,
        *,
        each: str = "",
        **facts: str | int,
    ) -> bool:
        """The desk, and the unit where it has an address of its own. False if that was told before."""
        notice = self._letters.case(text, case, alarm, now_ms, each=each, **facts)
        first_time = tx.add_notice(notice)
        if theirs := self._theirs(notice, case):
            tx.add_notice(theirs)
        return first_time

    def desk(
        self,
        tx: BookTransaction,
        text: str,
        case: Case,
        alarm: Alarm,
        now_ms: int,
        *,
        each: str = "",
        **facts: str | int,
    ) -> bool:
        """The desk alone. False if that was told before."""
        return tx.add_notice(self._letters.case(text, case, alarm, now_ms, each=each, **facts))

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
