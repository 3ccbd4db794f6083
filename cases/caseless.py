"""Grave alarms that lead to no case: the duty desk is told of each all the same, and of its end."""

from typing import Final

from msgspec.structs import replace

from cases import story
from cases.emergency import is_urgent
from cases.notices.letters import Letters
from cases.scene import scene_of
from cases.store import BookTransaction
from cases.telling import tell_the_desk
from config.load import Site
from domain.case import SERVICE, Alarm, acked
from domain.finding import CasePolicy, Severity
from domain.notice import Notice

CRITICAL: Final = "alarm_critical"
OVER: Final = "alarm_over"


class Caseless:
    """Nothing grave is told to nobody: what no case tells people of, a word of its own does."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._letters = letters

    def needs_a_word(self, alarm: Alarm) -> bool:
        """Whether it is urgent, and no case comes of it."""
        return _has_no_case(alarm) and is_urgent(alarm, self._site)

    def tell(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """The desk, and the first of the phone tree if there is one; once for each severity of an alarm."""
        word = self.critical(alarm, now_ms)
        if tell_the_desk(tx, self._letters, word, alarm, now_ms):
            tx.append_log(story.line("book", "alarm_told", now_ms, alarm, recipient=word.recipient))

    def over(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """An alarm has ended: the desk, if it was told, is told that, once. No case waits there to be verified."""
        if not _has_no_case(alarm) or not tx.was_told(alarm.id, CRITICAL):
            return
        word = self.ended(alarm, now_ms)
        if tx.add_notice(word):
            tx.append_log(story.line("book", "alarm_over_told", now_ms, alarm, recipient=word.recipient))

    def catch_up(self, tx: BookTransaction, now_ms: int) -> None:
        """Tell of those that were raised when nobody was told of such; those that were told are not told again."""
        for alarm in tx.every_open_alarm():
            audible = alarm.silence_id is None and not alarm.held and not acked(alarm, now_ms)
            if audible and self.needs_a_word(alarm):
                self.tell(tx, alarm, now_ms)

    def critical(self, alarm: Alarm, now_ms: int) -> Notice:
        """The word about it, to the desk."""
        return replace(self._word(CRITICAL, alarm, now_ms, each=alarm.severity.value), urgent=True)

    def ended(self, alarm: Alarm, now_ms: int) -> Notice:
        """The word about its end, to the desk, and not urgent; what held back the one word holds back the other."""
        word = self._word(OVER, alarm, now_ms)
        from_ms = max(now_ms, alarm.silenced_until_ms or 0)
        return replace(word, not_before_ms=from_ms, body=word.body | {"severity": Severity.NOTICE.value})

    def _word(self, text: str, alarm: Alarm, now_ms: int, *, each: str = "") -> Notice:
        def said(language: str) -> dict[str, str]:
            ended_ms = now_ms if alarm.resolved_ms is None else alarm.resolved_ms
            return {"where": self._where(language, alarm), "over": self._letters.time(language, ended_ms)}

        key = (alarm.rule_id, alarm.subject, alarm.raised_ms, "-".join(filter(None, (text, each))), "desk")
        desk = self._site.settings.notices.duty_desk
        return self._letters.word(text, alarm, key, to=desk, step=text, now_ms=now_ms, said=said, alarm_id=alarm.id)

    def _where(self, language: str, alarm: Alarm) -> str:
        """The device and where it stands; a feed stands nowhere."""
        scene = scene_of(alarm, self._site)
        if scene.location is None:
            return scene.name
        facts = {"device": scene.name, "place": self._letters.place(language, scene)}
        return self._site.texts.say(language, "notices.where", facts)


def _has_no_case(alarm: Alarm) -> bool:
    # What is wrong with the product itself is told by who finds it out.
    return alarm.kind != SERVICE and (alarm.policy is CasePolicy.NONE or alarm.matter is None)
