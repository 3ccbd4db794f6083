"""What notices say: to shops, street keepers, the duty desk, and cameras."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote

from msgspec.structs import replace

from cases.calendar import quiet_until
from cases.emergency import is_the_desks, is_urgent
from cases.scene import Scene, matter_of, scene_of
from config.load import Site
from config.notices import PEOPLE
from config.texts import LANGUAGES
from domain.case import Alarm, Case, silenced
from domain.clock import utc
from domain.finding import Evidence, Severity
from domain.ladder import Ladder, LadderStep
from domain.notice import Body, Notice, NoticeState

COMMAND = "command"
DEADLINE = "{deadline}"
"""Where the deadline stands in `unfilled_zh` and `unfilled_en` of a notice that has not gone out yet."""
_SOMETIMES: Final = {"handler": "handled_by", "why": "note", "words": "quoted"}
"""Facts that may be empty, and the part of a sentence that says each: `notices.given`."""


class Letters:
    """Writes notices in both languages, times on the site's clock."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._texts = site.texts
        self._desk = site.settings.notices.duty_desk

    def unit(self, found: Alarm | Case) -> str:
        """Who usually handles a case of this alarm, or this case, in the site's language."""
        location = scene_of(found, self._site).location
        language = self._site.settings.language
        if location is None or is_the_desks(found, self._site):
            return self._texts.say(language, "notices.desk")
        return self._texts.say(language, "notices.team", {"sub_district": location.sub_district})

    def not_before(self, notice: Notice, at_ms: int) -> int:
        """When a notice that is to go out at `at_ms` may do so: shops and keepers are not woken, machines and the
        duty desk need no sleep, and what is critical waits for nobody's."""
        awake = notice.channel == COMMAND or notice.recipient == self._desk or notice.case_id is not None
        if awake or notice.urgent or notice.body.get("severity") == Severity.CRITICAL.value:
            return at_ms
        way = self._site.settings.ladder.way(str(notice.body.get("matter") or ""))
        return quiet_until(at_ms, way.quiet_hours, self._site.timezone)

    def word(
        self,
        text: str,
        alarm: Alarm,
        key: tuple[str | int, ...],
        *,
        to: str,
        step: str,
        now_ms: int,
        deadline_ms: int | None = None,
        not_before_ms: int | None = None,
        ladder_id: int | None = None,
        said: Callable[[str], Mapping[str, str]] | None = None,
        **facts: str | int,
    ) -> Notice:
        """A word to `to` about an alarm. `text` is a key `notices.<text>`, which `facts` fill, and `said` with what it
        says for a language. `key` makes it one of its own; one that is of a ladder is withdrawn when that ends."""
        return Notice(
            id=0,
            key=self.key(*key),
            channel=PEOPLE,
            recipient=to,
            step=step,
            subject=alarm.subject,
            body=self._body(
                text,
                alarm,
                scene_of(alarm, self._site),
                deadline_ms,
                more=facts,
                said=said,
                moves=_moves(step, ladder_id),
            ),
            state=NoticeState.PENDING,
            created_ms=now_ms,
            not_before_ms=now_ms if not_before_ms is None else not_before_ms,
            alarm_id=alarm.id,
            ladder_id=ladder_id,
        )

    def look_now(self, ladder: Ladder, alarm: Alarm, now_ms: int) -> Notice:
        """A camera is asked to look out of turn."""
        return Notice(
            id=0,
            key=self.key(alarm.rule_id, alarm.subject, ladder.started_ms, f"look_now-{now_ms}", "camera"),
            channel=COMMAND,
            recipient=ladder.camera_id,
            step="look_now",
            subject=alarm.subject,
            body={"command": "look_now", "reason": "recheck"},
            state=NoticeState.PENDING,
            created_ms=now_ms,
            not_before_ms=now_ms,
            alarm_id=alarm.id,
            ladder_id=ladder.id,
        )

    def case(self, text: str, case: Case, alarm: Alarm, now_ms: int, *, each: str = "", **facts: str | int) -> Notice:
        """The duty desk learns of a case, or of one more alarm in it, or, `each` time anew, of what it has come to.

        `text` is a key `notices.<text>`.
        """
        filled = {"case_id": case.id, "unit": case.unit, **facts}
        body = self._body(text, alarm, scene_of(alarm, self._site), case.due_ms, more=filled)
        # One word for each rule that joins a case, however often its alarm comes and goes; what is urgent is told each
        # time, for the alarm before it may be the one that somebody has answered.
        urgent = is_urgent(alarm, self._site)
        joins = alarm.id != case.alarm_id
        which = [alarm.rule_id, *([alarm.subject, str(alarm.raised_ms)] if urgent else [])] if joins else []
        step = "-".join(filter(None, (text, *which, each)))
        return Notice(
            id=0,
            key=self.key(case.id, step, "desk"),
            channel=PEOPLE,
            recipient=self._desk,
            step=text,
            subject=alarm.subject,
            body=body | {"case_id": case.id, "handling_unit": case.unit, **_pictures(case.onset, case.context)},
            state=NoticeState.PENDING,
            created_ms=now_ms,
            not_before_ms=(alarm.silenced_until_ms or now_ms) if silenced(alarm, now_ms) else now_ms,
            alarm_id=alarm.id,
            ladder_id=None if joins else case.ladder_id,
            case_id=case.id,
            urgent=urgent,
        )

    def called(self, notice: Notice, alarm: Alarm) -> Notice | None:
        """The same word to the first of the alarm's phone tree, at once; None if there is none, or it is not urgent."""
        first = self._site.settings.notices.called_at_once(alarm.kind, alarm.matter) if notice.urgent else None
        return replace(notice, key=f"{notice.key}/called", recipient=first) if first else None

    def key(self, *parts: str | int) -> str:
        """What makes a notice one of its own, whatever stands in its parts: ASCII, for it travels in an HTTP header."""
        return quote("/".join((self._site.settings.site, *map(str, parts))), safe="/:")

    def _body(
        self,
        text: str,
        alarm: Alarm,
        scene: Scene,
        deadline_ms: int | None,
        *,
        more: Mapping[str, str | int],
        said: Callable[[str], Mapping[str, str]] | None = None,
        moves: bool = False,
    ) -> Body:
        """`moves`: how late it goes out decides what its deadline is."""
        texts, unfilled = {}, {}
        for language in LANGUAGES:
            facts = {**self._told(language, alarm, scene, deadline_ms), **more, **(said(language) if said else {})}
            texts[language] = self._filled(text, language, facts)
            if moves:
                facts["deadline"] = DEADLINE
                unfilled[language] = self._filled(text, language, facts)
        chinese, english = LANGUAGES
        matter = matter_of(alarm.matter or "", self._site)
        body: Body = {
            "text_zh": texts[chinese],
            "text_en": texts[english],
            "advice_zh": matter.advice.zh,
            "advice_en": matter.advice.en,
            "title_zh": alarm.title_zh,
            "title_en": alarm.title_en,
            "matter": alarm.matter,
            "severity": alarm.severity.value,
            "place": self.place(self._site.settings.language, scene),
            "shop": scene.shop.name if scene.shop else None,
            "since_ms": alarm.since_ms,
            "deadline_ms": deadline_ms,
            "rule_id": alarm.rule_id,
            "rule_version": alarm.rule_version,
        }
        if moves:
            body |= {"unfilled_zh": unfilled[chinese], "unfilled_en": unfilled[english]}
        return body | self._grounds(alarm)

    def _grounds(self, alarm: Alarm) -> Body:
        """What was seen, and what was read."""
        body: Body = {}
        if look := alarm.evidence:
            body |= {"camera": alarm.device_id, "look_id": look.look_id, "picture": look.picture}
            body |= _pictures(look.onset, look.context)
        if alarm.value is not None:
            metric = self._site.metrics.get(alarm.metric or "")
            body |= {"metric": alarm.metric, "value": alarm.value, "limit": alarm.limit}
            body |= {"unit": metric.unit if metric else None, "limit_source": alarm.limit_source}
        return body

    def _filled(self, text: str, language: str, facts: Mapping[str, object]) -> str:
        """The text with its facts; without the parts of sentences about what nobody said this time."""
        given = {}
        for name, part in _SOMETIMES.items():
            if name in facts:
                given[part] = self._texts.say(language, f"notices.given.{part}", facts) if facts[name] else ""
        return self._texts.say(language, f"notices.{text}", {**facts, **given}).strip()

    def _facts(self, language: str, alarm: Alarm, scene: Scene, deadline_ms: int | None) -> dict[str, object]:
        chinese = language == LANGUAGES[0]
        matter = matter_of(alarm.matter or "", self._site)
        settings = self._site.settings
        return {
            "city": settings.name.zh if chinese else settings.name.en,
            "frontage": scene.frontage,
            "device": scene.name,
            "place": self.place(language, scene),
            "sub_district": scene.location.sub_district if scene.location else scene.name,
            "title": alarm.title_zh if chinese else alarm.title_en,
            "matter": matter.zh if chinese else matter.en,
            "advice": matter.advice.zh if chinese else matter.advice.en,
            "severity": self._texts.say(language, f"notices.severity.{alarm.severity.value}"),
            "since": self.time(language, alarm.since_ms),
            "seen": self.time(language, alarm.seen_ms),
            "deadline": "" if deadline_ms is None else self.time(language, deadline_ms),
            "basis": self._basis(language, alarm),
        }

    def _told(self, language: str, alarm: Alarm, scene: Scene, deadline_ms: int | None) -> dict[str, object]:
        facts = self._facts(language, alarm, scene, deadline_ms)
        return {**facts, "says": self._says(language, alarm, facts)}

    def _says(self, language: str, alarm: Alarm, facts: dict[str, object]) -> str:
        """What the rule itself says of its alarm; else the title and what was read."""
        text = alarm.text_zh if language == LANGUAGES[0] else alarm.text_en
        if text:
            stop = self._texts.say(language, "notices.stop")
            return text if text.endswith(stop) else f"{text}{stop}"
        key = "notices.says" if facts["advice"] else "notices.says_plainly"
        return self._texts.say(language, key, {**facts, "reading": self._reading(language, alarm)})

    def place(self, language: str, scene: Scene) -> str:
        """The road, sub-district and district; the name where the registers know no place."""
        at = scene.location
        if at is None:
            return scene.name
        facts = {"district": at.district, "sub_district": at.sub_district, "road": at.road}
        return self._texts.say(language, "notices.place", facts)

    def time(self, language: str, at_ms: int) -> str:
        """On the site's clock."""
        at: datetime = utc(at_ms).astimezone(self._site.timezone)
        parts = {"month": at.month, "day": at.day, "hour": at.hour, "minute": at.minute}
        return self._texts.say(language, "notices.time", parts)

    def _reading(self, language: str, alarm: Alarm) -> str:
        metric = self._site.metrics.get(alarm.metric or "")
        if metric is None or alarm.value is None:
            return self._texts.say(language, "notices.reading.none")
        name = metric.zh if language == LANGUAGES[0] else metric.en
        if metric.type == "bool" or alarm.limit is None:
            return self._texts.say(language, "notices.reading.state", {"metric": name})
        facts = {"metric": name, "value": round(alarm.value, 2), "limit": round(alarm.limit, 2), "unit": metric.unit}
        return self._texts.say(language, "notices.reading.value", facts)

    def _basis(self, language: str, alarm: Alarm) -> str:
        look = alarm.evidence
        facts = {
            "rule_id": alarm.rule_id,
            "rule_version": alarm.rule_version,
            "look_id": look.look_id if look else None,
            "taken": self.time(language, look.taken_ms) if look else None,
        }
        return self._texts.say(language, "notices.basis.look" if look else "notices.basis.reading", facts)


def _moves(step: str, ladder_id: int | None) -> bool:
    return ladder_id is not None and step in {LadderStep.NOTICE_1.value, LadderStep.NOTICE_2.value}


def _pictures(onset: Evidence | None, context: Evidence | None) -> Body:
    """The pictures of its coming and of before, and when they were taken; the newest is the body's `picture`."""
    body: Body = {}
    if onset:
        body |= {"onset_look_id": onset.look_id, "onset_picture": onset.picture, "onset_ms": onset.taken_ms}
    if context:
        body |= {"context_look_id": context.look_id, "context_picture": context.picture, "context_ms": context.taken_ms}
    return body
