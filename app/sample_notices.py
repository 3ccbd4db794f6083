"""Notices as this site would write them, about invented events on its own streets: nothing is stored, nothing sent."""

from collections.abc import Mapping
from dataclasses import replace as replaced
from typing import Final

from msgspec.structs import replace

from app.sample_reminders import LadderSamples
from cases.caseless import Caseless
from cases.notices.deadlines import Deadlines
from cases.notices.digest import Digest
from cases.notices.escalation import Escalation
from cases.notices.letters import Letters
from config.load import Site
from config.notices import Call
from config.texts import LANGUAGES
from domain.case import Alarm, Case, CaseState
from domain.errors import ConfigError
from domain.finding import AlarmState, CasePolicy, Evidence, Severity
from domain.ladder import Ladder, LadderStep
from domain.notice import Notice, NoticeState
from domain.register import Camera, Device

_HOUR_MS: Final = 3_600_000
_MANY: Final = 24
_TREE: Final = "phone tree, "
_NO_ANSWER: Final = {"escalated": "nobody answers", "repeated": "still nobody answers"}


class Samples:
    """Needs a camera with a frontage, and a charger or another sensor; leaves out what the site has nothing for."""

    def __init__(self, site: Site, now_ms: int) -> None:
        self._site = site
        self._now_ms = now_ms
        self._letters = Letters(site)

    def all(self) -> dict[str, Notice]:
        """By what each is about, in the order in which things happen."""
        found: dict[str, Notice] = {}
        if matter := self._street():
            ladder, samples = self._ladder(matter, LadderStep.NOTICE_1), LadderSamples(self._site, self._now_ms)
            found |= samples.reminders(ladder, matter) | samples.questions(ladder, matter, self._case(matter).id)
            deadlines = Deadlines(self._site)
            found = {name: deadlines.as_told(notice, self._now_ms) for name, notice in found.items()}
            found |= self._shop_cases(matter)
        if sensor := self._sensor():
            found |= self._sensor_cases(sensor)
        if not found:
            raise ConfigError("the site has neither a camera with a frontage nor a sensor to invent an event at")
        found |= self._digests(list(found.values()))
        return found | {"test": sample_test(self._site, self._site.settings.notices.duty_desk, "log", self._now_ms)}

    def _shop_cases(self, alarm: Alarm) -> dict[str, Notice]:
        case = self._case(alarm)
        return {
            f"case, {text}": self._letters.case(text, case, alarm, self._now_ms, n=2)
            for text in ("case_shop", "case_shop_untold", "case_shop_again")
        } | {
            "case, case_shop_urgent": self._letters.case("case_shop_urgent", case, _critical(alarm), self._now_ms, n=1)
        }

    def _sensor_cases(self, alarm: Alarm) -> dict[str, Notice]:
        case = self._case(alarm)
        found = {
            f"case, {text}": self._letters.case(text, case, alarm, self._now_ms)
            for text in ("case_sensor", "case_joined", "case_worse")
        }
        notices = self._site.settings.notices
        order: dict[str, object] = {"escalation": notices.escalation or (notices.duty_desk, "chief"), "phone_trees": {}}
        found |= self._no_answer(alarm, found["case, case_sensor"], order, "")
        tree = {alarm.kind: (Call(tell="warden"), Call(tell="chief"))}
        found |= self._no_answer(alarm, found["case, case_sensor"], {"phone_trees": notices.phone_trees or tree}, _TREE)
        caseless = Caseless(self._site, self._letters)
        alone = replace(alarm, matter=None, policy=CasePolicy.NONE)
        over = replace(alone, resolved_ms=self._now_ms)
        found["alarm without a case"] = caseless.critical(alone, self._now_ms)
        return found | {"alarm without a case, over": caseless.ended(over, self._now_ms)}

    def _no_answer(self, alarm: Alarm, first: Notice, order: Mapping[str, object], whose: str) -> dict[str, Notice]:
        """Whom a phone tree calls at once, and what is said when nobody answers; at a site with this order."""
        notices = self._site.settings.notices.model_copy(update=order)
        site = replaced(self._site, settings=self._site.settings.model_copy(update={"notices": notices}))
        told, later_ms, found = [replace(first, urgent=True)], self._now_ms, {}
        if called := Letters(site).called(told[0], alarm):
            told.append(called)
            found[f"{whose}called at once"] = called
        escalation = Escalation(site)
        while told[-1].step != "repeated":
            later_ms += _HOUR_MS
            told += escalation.due(alarm, told, later_ms)
            if told[-1].step in _NO_ANSWER:
                found[f"{whose}{_NO_ANSWER[told[-1].step]}"] = told[-1]
        return found

    def _digests(self, some: list[Notice]) -> dict[str, Notice]:
        mild = [one for one in some if one.body.get("severity") != Severity.CRITICAL.value] or some
        many = [replace(mild[number % len(mild)], id=number, urgent=False) for number in range(_MANY)]
        urgent = [
            replace(notice, id=number, urgent=True)
            for number, notice in enumerate(some)
            if notice.body.get("severity") == Severity.CRITICAL.value
        ]
        write = Digest(self._site).write
        found = {"many in one": write(f"{self._site.settings.site}/digest/1-{self._now_ms}", many)}
        if urgent:
            found["many urgent in one"] = write(f"{self._site.settings.site}/digest/2-{self._now_ms}", urgent)
        return found

    def _street(self) -> Alarm | None:
        """Something in front of a shop that can be told."""
        shops = self._site.shops
        for camera in self._site.cameras.values():
            for zone in camera.zones:
                if zone.shop_id and zone.shop_id in shops and shops[zone.shop_id].contact:
                    look = Evidence(look_id="sample", taken_ms=self._now_ms, picture=None, picture_sha256=None)
                    alarm = self._alarm(camera, f"{camera.camera_id}/{zone.zone}", "09010", Severity.NOTICE)
                    return replace(alarm, zone=zone.zone, shop_id=zone.shop_id, evidence=look)
        return None

    def _sensor(self) -> Alarm | None:
        """Smoke at a charger; where there is none, something grave at any sensor."""
        devices = sorted(self._site.devices.values(), key=lambda device: (device.kind != "charger", device.device_id))
        if not devices:
            return None
        device = devices[0]
        subject = f"{device.device_id}/1" if device.ports else device.device_id
        return self._alarm(device, subject, "01054" if device.kind == "charger" else "04001", Severity.CRITICAL)

    def _alarm(self, at: Camera | Device, subject: str, code: str, severity: Severity) -> Alarm:
        matter = self._site.matters[code if code in self._site.matters else next(iter(self._site.matters))]
        camera = isinstance(at, Camera)
        return Alarm(
            id=1,
            rule_id="sample",
            rule_version="00000000",
            title_zh=matter.zh,
            title_en=matter.en,
            subject=subject,
            kind="camera" if isinstance(at, Camera) else at.kind,
            device_id=at.camera_id if isinstance(at, Camera) else at.device_id,
            state=AlarmState.FIRING,
            severity=severity,
            since_ms=self._now_ms - 600_000,
            raised_ms=self._now_ms,
            seen_ms=self._now_ms,
            matter=code,
            policy=CasePolicy.LADDER if camera else CasePolicy.OPEN,
        )

    def _ladder(self, alarm: Alarm, step: LadderStep) -> Ladder:
        return Ladder(
            id=1,
            alarm_id=alarm.id,
            subject=alarm.subject,
            matter=alarm.matter or "",
            camera_id=alarm.device_id,
            shop_id=alarm.shop_id,
            step=step,
            started_ms=self._now_ms,
            recheck_ms=self._now_ms + _HOUR_MS // 2,
        )

    def _case(self, alarm: Alarm) -> Case:
        return Case(
            id=f"20260101{self._site.settings.division}0001",
            alarm_id=alarm.id,
            ladder_id=None,
            matter=alarm.matter or "",
            title_zh=alarm.title_zh,
            title_en=alarm.title_en,
            subject=alarm.subject,
            kind=alarm.kind,
            device_id=alarm.device_id,
            shop_id=alarm.shop_id,
            severity=alarm.severity,
            state=CaseState.PENDING_HANDLE,
            unit=self._letters.unit(alarm),
            opened_ms=self._now_ms,
            due_ms=self._now_ms + 4 * _HOUR_MS,
        )


def _critical(alarm: Alarm) -> Alarm:
    return replace(alarm, severity=Severity.CRITICAL)


def sample_test(site: Site, recipient: str, channel: str, now_ms: int) -> Notice:
    """One that says of itself that it is a test."""
    name = site.settings.name
    texts = {
        language: site.texts.say(
            language,
            "messages.test",
            {"city": name.zh if language == LANGUAGES[0] else name.en, "recipient": recipient, "channel": channel},
        )
        for language in LANGUAGES
    }
    return Notice(
        id=0,
        key=f"{site.settings.site}/test/{now_ms}",
        channel=channel,
        recipient=recipient,
        step="test",
        subject="test",
        body={"text_zh": texts[LANGUAGES[0]], "text_en": texts[LANGUAGES[1]], "severity": None},
        state=NoticeState.PENDING,
        created_ms=now_ms,
        not_before_ms=now_ms,
    )
