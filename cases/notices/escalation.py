"""When nobody answers: what is critical or latched is told to the next in the order, and to all of them again.

The order is the phone tree of its matter or kind of device, or else the one for all.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from cases import story
from cases.emergency import is_urgent
from cases.store import BookTransaction
from config.load import Site
from config.notices import PEOPLE
from config.texts import LANGUAGES
from domain.case import Alarm, LogEntry, acked
from domain.fault import reach
from domain.finding import AlarmState
from domain.notice import Notice, NoticeState

ESCALATED = "escalated"
REPEATED = "repeated"


class EscalationStore(Protocol):
    """What is needed of the store. May raise StoreUnavailable."""

    def unanswered(self, now_ms: int) -> list[Alarm]:
        """Alarms of which people were told urgently, that stand, that no silence covers, and that nobody has taken on
        or works on."""
        ...

    def told_of(self, alarm_id: int) -> list[Notice]:
        """Critical notices about an alarm that count, in every state, oldest first."""
        ...

    @property
    def transaction(self) -> Callable[[], AbstractContextManager[BookTransaction]]:
        """A transaction that writes."""
        ...


class Escalation:
    """Remembers nothing: what is due follows from the notices that are there. So a restart changes nothing, and after
    a long stop one word is due, not as many as would have been."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings.notices
        self._texts = site.texts

    def tick(self, store: EscalationStore, now_ms: int) -> int:
        """Write what is due by now into the outbox and into the stories. Returns how many notices it was."""
        added = 0
        for alarm in store.unanswered(now_ms):
            if not is_urgent(alarm, self._site):
                continue
            words = self.due(alarm, store.told_of(alarm.id), now_ms)
            if not words:
                continue
            with store.transaction() as tx:
                if _is_answered(tx.alarm(alarm.id), now_ms):
                    continue
                for notice in words:
                    if tx.add_notice(notice):
                        added += 1
                        tx.append_log(self._line(alarm, notice, now_ms))
            if added:
                reach("escalated")
        return added

    def due(self, alarm: Alarm, told: Sequence[Notice], now_ms: int) -> list[Notice]:
        """What is to be said now about an alarm that nobody has answered, given all that was said."""
        if not told:
            return []
        order = self._settings.order_of(alarm.kind, alarm.matter)
        recipients = list(dict.fromkeys(notice.recipient for notice in told))
        further = next((place for place, (one, _wait_s) in enumerate(order) if one not in recipients), None)
        if further is not None:
            late = now_ms >= self._turn_ms(alarm, told, order, further)
            return [self._word(ESCALATED, told, order[further][0], 1, now_ms)] if late else []
        if now_ms < max(_at_ms(notice) for notice in told) + round(self._settings.repeat_every * 1000):
            return []
        return [self._word(REPEATED, told, one, number, now_ms) for number, one in enumerate(recipients, 1)]

    def _turn_ms(self, alarm: Alarm, told: Sequence[Notice], order: Sequence[tuple[str, float]], place: int) -> int:
        """When it is the turn of the one at a place of the order: when the one before has had time to answer."""
        if place > 0:
            before, wait_s = order[place - 1]
            return min(_at_ms(notice) for notice in told if notice.recipient == before) + round(wait_s * 1000)
        newest_ms = max(_at_ms(notice) for notice in told)
        if self._settings.called_at_once(alarm.kind, alarm.matter):
            return newest_ms
        return newest_ms + round(self._settings.escalate_after * 1000)

    def _word(self, step: str, told: Sequence[Notice], recipient: str, number: int, now_ms: int) -> Notice:
        """The first word about the alarm once more, with how long nobody has answered it."""
        first = told[0]
        minutes = (now_ms - _at_ms(first)) // 60_000
        return Notice(
            id=0,
            key=f"{first.key}/{step}/{len(told)}-{number}",
            channel=PEOPLE,
            recipient=recipient,
            step=step,
            subject=first.subject,
            body={**first.body, **self._said(step, told, minutes), "minutes": minutes},
            state=NoticeState.PENDING,
            created_ms=now_ms,
            not_before_ms=now_ms,
            alarm_id=first.alarm_id,
            case_id=first.case_id,
            urgent=True,
        )

    def _said(self, step: str, told: Sequence[Notice], minutes: int) -> dict[str, str]:
        texts = {}
        for language in LANGUAGES:
            name = "text_zh" if language == LANGUAGES[0] else "text_en"
            before = dict.fromkeys(self._called(language, notice.recipient) for notice in told)
            facts = {
                "minutes": minutes,
                "before": self._texts.say(language, "messages.before_between").join(before),
                "text": told[0].body.get(name) or "",
            }
            texts[name] = self._texts.say(language, f"messages.{step}", facts)
        return texts

    def _line(self, alarm: Alarm, notice: Notice, now_ms: int) -> LogEntry:
        who, minutes = notice.recipient, int(notice.body["minutes"] or 0)
        what = f"alarm_{notice.step}"
        return story.line("book", what, now_ms, alarm, case_id=notice.case_id, recipient=who, minutes=minutes)

    def _called(self, language: str, recipient: str) -> str:
        desk = recipient == self._settings.duty_desk
        return self._texts.say(language, "notices.desk") if desk else recipient


def _at_ms(notice: Notice) -> int:
    """When it was said; of what does not get out, when it should have been."""
    return notice.sent_ms if notice.sent_ms is not None else notice.created_ms


def _is_answered(alarm: Alarm | None, now_ms: int) -> bool:
    """Whether somebody was faster than we."""
    return alarm is None or alarm.state is AlarmState.RESOLVED or alarm.silence_id is not None or acked(alarm, now_ms)
