"""What the duty desk is told of the product itself."""

from typing import Final

from config.load import Site
from config.notices import PEOPLE
from config.texts import LANGUAGES
from console.desk.health import Health
from console.pages.troubles import facts_of
from console.words import Words
from domain.case import Alarm
from domain.finding import Severity
from domain.notice import Notice, NoticeState
from domain.service import TroubleKind

BEGINS: Final = "system_begins"
ENDS: Final = "system_ends"


class ServiceLetters:
    """One word when something critical begins, one when it is over. In both languages, on the site's clock."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def begins(self, kind: TroubleKind, alarm: Alarm, health: Health, now_ms: int) -> Notice:
        """What is wrong, since when, and what to do."""
        texts = {}
        for language in LANGUAGES:
            words = self._words(language, now_ms)
            texts[language] = words.say(
                "service.begins",
                city=self._city(language),
                since=words.clock(alarm.since_ms),
                title=words.say(f"service.{kind}.title"),
                detail=words.say(f"service.{kind}.detail", **facts_of(health, self._site, words)),
                advice=words.say(f"service.{kind}.advice"),
            )
        return self._notice(BEGINS, kind, alarm, texts, now_ms)

    def ends(self, kind: TroubleKind, alarm: Alarm, now_ms: int) -> Notice:
        """That it is over, and how long it lasted."""
        texts = {}
        for language in LANGUAGES:
            words = self._words(language, now_ms)
            texts[language] = words.say(
                "service.ends",
                city=self._city(language),
                title=words.say(f"service.{kind}.title"),
                since=words.clock(alarm.since_ms),
                lasting=words.lasting((now_ms - alarm.since_ms) / 1000),
            )
        return self._notice(ENDS, kind, alarm, texts, now_ms)

    def _notice(self, step: str, kind: TroubleKind, alarm: Alarm, texts: dict[str, str], now_ms: int) -> Notice:
        chinese, english = LANGUAGES
        return Notice(
            id=0,
            key=f"{self._site.settings.site}/{alarm.rule_id}/{alarm.since_ms}/{step}/desk",
            channel=PEOPLE,
            recipient=self._site.settings.notices.duty_desk,
            step=step,
            subject=alarm.subject,
            body={
                "text_zh": texts[chinese],
                "text_en": texts[english],
                "advice_zh": self._site.texts.say(chinese, f"console.service.{kind}.advice"),
                "advice_en": self._site.texts.say(english, f"console.service.{kind}.advice"),
                "severity": Severity.CRITICAL.value,
                "since_ms": alarm.since_ms,
                "ended_ms": now_ms if step == ENDS else None,
                "rule_id": alarm.rule_id,
                "rule_version": alarm.rule_version,
            },
            state=NoticeState.PENDING,
            created_ms=now_ms,
            not_before_ms=now_ms,
            alarm_id=alarm.id,
        )

    def _words(self, language: str, now_ms: int) -> Words:
        return Words(self._site, language, now_ms)

    def _city(self, language: str) -> str:
        name = self._site.settings.name
        return name.zh if language == LANGUAGES[0] else name.en
