"""A notice in the words of the way it goes: a subject and a text for mails and chats, one short line for an SMS."""

from typing import Final

from config.load import Site
from config.texts import LANGUAGES
from domain.clock import utc
from domain.finding import Severity
from domain.ladder import LadderStep
from domain.notice import Notice

SINGLE_SMS: Final = 70
"""Characters (UTF-16 units) of an SMS in Chinese; of several that belong together, 67 each."""
_PART_SMS: Final = 67
_CUT: Final = "…"
_SPOKEN: Final = 200
"""Characters that a voice reads in less than a minute."""
_LINKS: Final = {step.value: "shop.link" for step in (LadderStep.NOTICE_1, LadderStep.NOTICE_2)} | {
    LadderStep.CONFIRM.value: "shop.question.link"
}
"""What a link opens; of others `messages.link`."""
_REMINDERS: Final = frozenset({LadderStep.NOTICE_1.value, LadderStep.NOTICE_2.value})
KEEPER: Final = "street-keeper:"
_PLAIN: Final = frozenset({"system_begins", "system_ends", "test"})


class Wording:
    """What people read of a notice. All of it comes from the catalogue, the registers and the notice: a repeat reads
    as the first did."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._texts = site.texts

    @property
    def language(self) -> str:
        """The site's own."""
        return self._site.settings.language

    def subject(self, notice: Notice, language: str) -> str:
        """One line that says what it is about."""
        facts = self.facts(notice, language)
        what = self._texts.say(language, f"messages.what.{self._kind(notice)}", facts)
        return self._texts.say(language, "messages.subject", {**facts, "what": what})

    def text(self, notice: Notice, language: str) -> str:
        """All of it, with the link that it has."""
        said = str(notice.body.get(_in(language, "text")) or "")
        link = notice.body.get("link")
        if not link or str(link) in said:
            return said
        return f"{said}\n{self._texts.say(language, _LINKS.get(notice.step, 'messages.link'), {'link': link})}"

    def both(self, notice: Notice) -> str:
        """All of it in both languages, the site's own first."""
        own_first = sorted(LANGUAGES, key=lambda language: language != self.language)
        return "\n\n— — —\n\n".join(self.text(notice, language) for language in own_first)

    def short(self, notice: Notice, language: str, max_segments: int) -> str:
        """One line that fits into so many SMS. What is too long is cut before the link, which stays whole."""
        most = SINGLE_SMS if max_segments == 1 else _PART_SMS * max_segments
        kind = self._kind(notice)
        key = f"messages.short.{kind}"
        facts = self.facts(notice, language)
        template = key if key in self._texts else "messages.short.plain"
        link = str(notice.body.get("link") or "")
        said = self._texts.say(language, template, {**facts, "link": link}).strip()
        if length(said) <= most:
            return said
        rest = self._texts.say(language, template, {**facts, "link": ""}).strip()
        tail = f"{_CUT}{link}" if link else _CUT
        return _cut(rest, most - length(tail)) + tail

    def spoken(self, notice: Notice, language: str) -> str:
        """What a voice reads aloud on the telephone: a sentence or two, without numbers of cases and links."""
        key = f"messages.spoken.{self._kind(notice)}"
        if key not in self._texts:
            key = f"messages.spoken.{'case' if notice.urgent else 'plain'}"
        said = self._texts.say(language, key, self.facts(notice, language)).strip()
        return said if length(said) <= _SPOKEN else _cut(said, _SPOKEN - length(_CUT)) + _CUT

    def matter(self, notice: Notice, language: str) -> str:
        """What it is about: of what a camera saw the matter's name; of what a sensor told the alarm's own, as smoke and
        a loose plug are the same matter."""
        title = notice.body.get(_in(language, "title"))
        if title and notice.body.get("look_id") is None:
            return str(title)
        code = str(notice.body.get("matter") or "")
        if code in self._site.matters:
            matter = self._site.matters[code]
            return matter.zh if language == LANGUAGES[0] else matter.en
        if not code and notice.step in _PLAIN:
            return self._texts.say(language, f"messages.what.{notice.step}")
        return code or self._texts.say(language, "messages.other")

    def road(self, notice: Notice) -> str:
        """The road where it is; empty where the registers know none."""
        device = notice.subject.partition("/")[0]
        found = self._site.devices.get(device) or self._site.cameras.get(device)
        return found.location.road if found else ""

    def place(self, notice: Notice, language: str) -> str:
        """The shop and road, or the device and road."""
        device = notice.subject.partition("/")[0]
        found = self._site.devices.get(device) or self._site.cameras.get(device)
        name = str(notice.body.get("shop") or (found.name if found else notice.subject))
        road = self.road(notice)
        if not road or road in name:
            return name
        return f"{road}{name}" if language == LANGUAGES[0] else f"{name}, {road}"

    def time(self, language: str, at_ms: int) -> str:
        """On the site's clock."""
        at = utc(at_ms).astimezone(self._site.timezone)
        parts = {"month": at.month, "day": at.day, "hour": at.hour, "minute": at.minute}
        return self._texts.say(language, "notices.time", parts)

    def severity(self, notice: Notice, language: str) -> str:
        """In words."""
        return self._texts.say(language, f"notices.severity.{notice.body.get('severity') or Severity.NOTICE.value}")

    def facts(self, notice: Notice, language: str) -> dict[str, object]:
        """What may fill a text: the notice's own fields, and these."""
        name = self._site.settings.name
        deadline = notice.body.get("deadline_ms")
        return {
            "minutes": "",
            "n": "",
            "matters": notice.body.get(_in(language, "matters")) or "",
            "first": notice.body.get(_in(language, "first")) or "",
            "case_id": notice.case_id or "",
            "link": "",
            **notice.body,
            "city": name.zh if language == LANGUAGES[0] else name.en,
            "text": notice.body.get(_in(language, "text")) or "",
            "matter": self.matter(notice, language),
            "place": self.place(notice, language),
            "severity": self.severity(notice, language),
            "deadline": self.time(language, int(deadline)) if deadline else "",
        }

    def _kind(self, notice: Notice) -> str:
        """Which texts of `messages.what` and `messages.short` it takes."""
        goes_there = notice.recipient.startswith(KEEPER) or notice.recipient == self._site.settings.notices.duty_desk
        if notice.step in _REMINDERS and goes_there:
            return "keeper"
        if f"messages.what.{notice.step}" in self._texts:
            return notice.step
        return "case" if notice.case_id else "alarm"


def length(text: str) -> int:
    """Of an SMS that is not in plain ASCII: in UTF-16 units, as providers count."""
    return len(text.encode("utf-16-le")) // 2


def segments(text: str) -> int:
    """How many SMS it takes."""
    units = length(text)
    return 1 if units <= SINGLE_SMS else -(-units // _PART_SMS)


def _cut(text: str, most: int) -> str:
    while length(text) > most:
        text = text[:-1]
    return text


def _in(language: str, name: str) -> str:
    return f"{name}_zh" if language == LANGUAGES[0] else f"{name}_en"
