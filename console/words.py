"""Texts, times and numbers as people read them, in one language and at one moment."""

from collections.abc import Mapping
from datetime import datetime

from config.load import Site
from config.retold import retold
from domain.case import LogEntry
from domain.clock import utc
from domain.reading import Value

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86400
_SHOP = "shop:"
_KEEPER = "street-keeper:"
_TERMS = {
    "severity": "severity",
    "state": "case_state",
    "was": "case_state",
    "reason": "closed_reason",
    "act": "case.act",
}
"""Facts of a story that are words of a closed list, and which."""
_AROUND = ("（{}）", " ({})", "；{}", "; {}", "{}，", "{}, ")
"""How a rule stands in a line of a story: in brackets of its own, or beside something else."""
_SOMETIMES = ("words", "why", "handler")
"""Facts of a story that there are not always: whoever wrote nothing, or a case that is no person's yet."""
_UNSAID = (None, "", "–")
"""What they are then; the dash in stores of before."""


class Words:
    """One language, one time zone, one `now`. Durations are seconds, times epoch ms."""

    def __init__(self, site: Site, language: str, now_ms: int) -> None:
        self.language = language
        self.now_ms = now_ms
        self._site = site

    def say(self, key: str, **facts: object) -> str:
        """The text `console.<key>`. Raises KeyError for an unknown key or a missing fact."""
        return self._site.texts.say(self.language, f"console.{key}", facts)

    def count(self, key: str, n: int, **facts: object) -> str:
        """The text `console.<key>.one` or `.many`, with `{n}`."""
        return self.say(f"{key}.{'one' if n == 1 else 'many'}", n=self.number(n), **facts)

    def term(self, group: str, value: str) -> str:
        """The word for one of a closed list, e.g. a view's health; a value without a word stands for itself."""
        try:
            return self.say(f"{group}.{value}")
        except KeyError:
            return self._own_kind(value) if group == "kind" else value

    def _own_kind(self, kind: str) -> str:
        """The word for a kind of a site's own: what its first profile is called."""
        profile = next((profile for profile in self._site.profiles.values() if profile.kind == kind), None)
        return self.pick(profile.zh, profile.en) if profile else kind

    def recipient(self, told: str) -> str:
        """Whoever was told: a shop by its name, a keeper by the streets, the duty desk as people call it."""
        shop = self._site.shops.get(told.removeprefix(_SHOP)) if told.startswith(_SHOP) else None
        if shop is not None:
            return shop.name
        if told.startswith(_KEEPER):
            return self.say("events.keeper", streets=told.removeprefix(_KEEPER))
        return self.say("events.duty_desk") if told == self._site.settings.notices.duty_desk else told

    def retold(self, sentence: str) -> str | None:
        """What the product worded for engineers, in this language; None where it stands as it is."""
        return retold(self._site.texts, self.language, sentence)

    def pick(self, zh: str, en: str) -> str:
        """The one of two that is in this language."""
        return en if self.language == "en" else zh

    def number(self, value: float) -> str:
        """At most two decimals, thousands apart: `31.2`, `12,480`."""
        return f"{value:,.2f}".rstrip("0").rstrip(".")

    def measured(self, metric: str | None, value: Value | None) -> str | None:
        """A value with its unit. A metric the registry does not know is shown bare; None stays None."""
        if value is None:
            return None
        known = self._site.metrics.get(metric or "")
        if known is None:
            return self.number(float(value))
        if known.type == "bool":
            return self.say("value.true" if value else "value.false")
        gap = "" if known.unit in {"", "%", "°"} else " "
        return f"{self.number(float(value))}{gap}{self.unit(known.unit)}"

    def unit(self, unit: str) -> str:
        """A unit as people read it: of its parts, as in `°/h`, those that are words."""
        return self._site.texts.unit(self.language, unit)

    def limit(self, metric: str | None, limit: Value | None) -> str | None:
        """From where on it alarms, with its unit; of a switch, that it does as soon as it is seen. None stays None."""
        if limit is not None and self.is_switch(metric):
            return self.say(f"alarms.switch.{str(bool(limit)).lower()}")
        return self.measured(metric, limit)

    def limit_said(self, metric: str | None, limit: Value | None) -> str | None:
        """The same where nothing beside it says that it is a limit: `限值 30 mA`."""
        said = self.limit(metric, limit)
        return said if said is None or self.is_switch(metric) else self.say("alarms.limit", limit=said)

    def is_switch(self, metric: str | None) -> bool:
        """Whether it is yes or no, such as smoke."""
        known = self._site.metrics.get(metric or "")
        return known is not None and known.type == "bool"

    def metric(self, metric: str | None) -> str | None:
        """A metric's name in words."""
        known = self._site.metrics.get(metric or "")
        return None if known is None else self.pick(known.zh, known.en)

    def lasting(self, seconds: float) -> str:
        """A duration by its two largest units: `1 小时 12 分`."""
        whole = max(0, int(seconds))
        if whole < _MINUTE_S:
            return self.count("time.seconds", whole)
        if whole < _HOUR_S:
            return self.count("time.minutes", whole // _MINUTE_S)
        if whole < _DAY_S:
            return self._two("hours", whole // _HOUR_S, "minutes", whole % _HOUR_S // _MINUTE_S)
        return self._two("days", whole // _DAY_S, "hours", whole % _DAY_S // _HOUR_S)

    def exactly(self, seconds: float) -> str:
        """A duration of a rule or a limit: seconds are not left away below an hour, `1 分钟 30 秒`."""
        whole = max(0, round(seconds))
        if _MINUTE_S <= whole < _HOUR_S:
            return self._two("minutes", whole // _MINUTE_S, "seconds", whole % _MINUTE_S)
        return self.lasting(whole)

    def _two(self, large: str, n: int, small: str, rest: int) -> str:
        first = self.count(f"time.{large}", n)
        return f"{first} {self.count(f'time.{small}', rest)}" if rest else first

    def ago(self, at_ms: int) -> str:
        """How long ago, coarse enough not to flicker: a clock a little ahead of ours is `just now`."""
        seconds = (self.now_ms - at_ms) // 1000
        if seconds < 15:
            return self.say("time.just_now")
        if seconds < _MINUTE_S:
            return self.say("time.ago", lasting=self.lasting(seconds // 10 * 10))
        return self.say("time.ago", lasting=self.lasting(seconds if seconds < _HOUR_S else self._coarse(seconds)))

    def _coarse(self, seconds: int) -> int:
        """Hours only from six hours on, days only from two days on: minutes matter no more."""
        if seconds >= 2 * _DAY_S:
            return seconds // _DAY_S * _DAY_S
        return seconds // _HOUR_S * _HOUR_S if seconds >= 6 * _HOUR_S else seconds

    def local(self, at_ms: int) -> datetime:
        """The moment on the site's clock."""
        return utc(at_ms).astimezone(self._site.timezone)

    def clock(self, at_ms: int) -> str:
        """Short local time: `03:12` today, `08-21 03:12` on another day."""
        at = self.local(at_ms)
        return at.strftime("%H:%M" if at.date() == self.local(self.now_ms).date() else "%m-%d %H:%M")

    def stretch(self, from_ms: int, to_ms: int) -> str:
        """From when to when in short local times, both with their days if one is another than today."""
        first, last = self.local(from_ms), self.local(to_ms)
        days = {first.date(), last.date(), self.local(self.now_ms).date()}
        return " – ".join(at.strftime("%H:%M" if len(days) == 1 else "%m-%d %H:%M") for at in (first, last))

    def exact(self, at_ms: int) -> str:
        """Full local time with its offset: `2026-08-22 03:12:05 +08:00`."""
        at = self.local(at_ms).isoformat(sep=" ", timespec="seconds")
        return f"{at[:19]} {at[19:]}"

    def story(self, entry: LogEntry, *, by_rule: bool = True) -> str:
        """One line of a story; the bare key where the catalogue has no text for it or a fact is missing.

        Without `by_rule` it leaves out by which version of which rule: many lines of one story have the same.
        """
        facts = {name: self._fact(name, value) for name, value in entry.facts.items()}
        try:
            said = self._site.texts.template(self.language, self._key_of(entry))
            return (said if by_rule else self._without_rule(said)).format_map(facts)
        except (KeyError, ValueError, IndexError, TypeError, AttributeError):
            return entry.what

    def by_rule(self, entry: LogEntry) -> str:
        """By which version of which rule a line of a story was written; empty if by none."""
        facts = {name: entry.facts.get(name) for name in ("rule_id", "rule_version")}
        return self.say("cases.by_rule", **facts) if all(facts.values()) else ""

    def _without_rule(self, said: str) -> str:
        rule = self._site.texts.template(self.language, "console.cases.by_rule")
        for around in _AROUND:
            said = said.replace(around.format(rule), "")
        return said

    def _key_of(self, entry: LogEntry) -> str:
        key, wordless = f"story.{entry.what}", f"story.wordless.{entry.what}"
        if wordless not in self._site.texts:
            return key
        told = self._site.texts.template(self.language, key)
        unsaid = [name for name in _SOMETIMES if f"{{{name}}}" in told and entry.facts.get(name) in _UNSAID]
        return wordless if unsaid else key

    def refusal(self, key: str, facts: Mapping[str, object]) -> str:
        """Why something was not done, `console.refused.<key>`; of `title_zh` and `title_en` the text has `{title}`.

        Raises KeyError for an unknown key.
        """
        told = {
            name: self._fact(name, value) if isinstance(value, str | int | float | None) else value
            for name, value in facts.items()
        }
        own = f"_{'en' if self.language == 'en' else 'zh'}"
        told |= {name.removesuffix(own): value for name, value in told.items() if name.endswith(own)}
        return self.say(f"refused.{key}", **told)

    def _fact(self, name: str, value: str | float | None) -> str | float:
        if value is None:
            return "–"
        if group := _TERMS.get(name):
            return self.term(group, str(value))
        if name == "unit":
            return self.unit(str(value))
        if name.endswith("_ms") and isinstance(value, int):
            return self.clock(value)
        return round(value, 3) if isinstance(value, float) else value
