"""Texts and times of the shop's page, in one language and at one moment."""

from config.load import Site
from domain.clock import utc

_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


class ShopWords:
    """Nothing of it is for people at desks: those have `console.words`."""

    def __init__(self, site: Site, language: str, now_ms: int) -> None:
        self.language = language
        self.now_ms = now_ms
        self._site = site

    def text(self, key: str, **facts: object) -> str:
        """The text `shop.<key>`. Raises KeyError for an unknown key or a missing fact."""
        return self._site.texts.say(self.language, f"shop.{key}", facts)

    def pick(self, zh: str, en: str) -> str:
        """The one of two that is in this language."""
        return en if self.language == "en" else zh

    @property
    def city(self) -> str:
        """Who speaks."""
        name = self._site.settings.name
        return self.pick(name.zh, name.en)

    def time(self, at_ms: int) -> str:
        """`今天 14:05`; of another day than yesterday, today and tomorrow with its date."""
        at, now = (utc(one).astimezone(self._site.timezone) for one in (at_ms, self.now_ms))
        day = _DAYS.get((at.date() - now.date()).days)
        if day:
            return self.text(f"time.{day}", clock=f"{at:%H:%M}")
        parts = {"month": at.month, "day": at.day, "hour": at.hour, "minute": at.minute}
        return self._site.texts.say(self.language, "notices.time", parts)
