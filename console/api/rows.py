"""Our nouns as the API's answers."""

from datetime import datetime

from config.load import Site
from config.schema import Metric
from console.api import shapes as out
from console.api.case_rows import case_out
from console.city import CameraNow, DeviceNow
from console.pages.pictures import address
from console.words import Words
from domain.case import Alarm, Case, LogEntry, acked, shown_state, silenced
from domain.clock import utc
from domain.finding import Evidence
from domain.ladder import Ladder
from domain.message import DeadLetter
from domain.notice import Notice
from domain.order import AlarmOrder
from domain.register import Location
from domain.service import Trouble, TroubleKind
from domain.silence import Silence

_KEPT_BACK = frozenset({"link", "unfilled_zh", "unfilled_en"})


class Rows:
    """Turns nouns into answers, with the site's names and time zone."""

    def __init__(self, site: Site, now_ms: int) -> None:
        self.site, self.now_ms = site, now_ms
        self._zh, self._en = (Words(site, language, now_ms) for language in ("zh-CN", "en"))

    def at(self, at_ms: int) -> datetime:
        """A moment on the site's clock."""
        return utc(at_ms).astimezone(self.site.timezone)

    def maybe_at(self, at_ms: int | None) -> datetime | None:
        """A moment on the site's clock, or None."""
        return None if at_ms is None else self.at(at_ms)

    def evidence(self, evidence: Evidence | None) -> out.EvidenceOut | None:
        """One look."""
        if evidence is None:
            return None
        return out.EvidenceOut(
            look_id=evidence.look_id,
            taken_at=self.at(evidence.taken_ms),
            picture=None if evidence.picture is None else address(evidence.picture),
            picture_sha256=evidence.picture_sha256,
            model=evidence.model,
        )

    def place(self, device_id: str, shop_id: str | None) -> out.PlaceOut | None:
        """The shop's place where one answers for it, else the device's or camera's; None if neither is registered."""
        site = self.site
        known = site.shops.get(shop_id or "") or site.cameras.get(device_id) or site.devices.get(device_id)
        return None if known is None else _place(known.name, known.location)

    def alarm(self, alarm: Alarm) -> out.AlarmOut:
        """One alarm."""
        matter, metric = self.site.matters.get(alarm.matter or ""), self.site.metrics.get(alarm.metric or "")
        return out.AlarmOut(
            id=alarm.id,
            rule_id=alarm.rule_id,
            rule_version=alarm.rule_version,
            title_zh=alarm.title_zh,
            title_en=alarm.title_en,
            severity=alarm.severity,
            state=shown_state(alarm, self.now_ms),
            subject=alarm.subject,
            kind=alarm.kind,
            device_id=alarm.device_id,
            port=alarm.port,
            zone=alarm.zone,
            shop_id=alarm.shop_id,
            place=self.place(alarm.device_id, alarm.shop_id),
            since=self.at(alarm.since_ms),
            raised_at=self.at(alarm.raised_ms),
            seen_at=self.at(alarm.seen_ms),
            resolved_at=self.maybe_at(alarm.resolved_ms),
            metric=alarm.metric,
            unit=_unit(metric, alarm),
            value=alarm.value,
            limit=alarm.limit,
            limit_source=alarm.limit_source,
            latch=alarm.latch,
            matter=alarm.matter,
            policy=alarm.policy,
            advice_zh=matter.advice.zh if matter else self._of_service(alarm, self._zh),
            advice_en=matter.advice.en if matter else self._of_service(alarm, self._en),
            text_zh=alarm.text_zh,
            text_en=alarm.text_en,
            held=alarm.held,
            orphaned=alarm.orphaned,
            acked=self._acked(alarm),
            silenced=self._silenced(alarm),
            evidence=self.evidence(alarm.evidence),
        )

    def _acked(self, alarm: Alarm) -> out.AckedOut | None:
        if alarm.acked_ms is None or not acked(alarm, self.now_ms):
            return None
        until = self.maybe_at(alarm.acked_until_ms)
        return out.AckedOut(at=self.at(alarm.acked_ms), by=alarm.acked_by or "", why=alarm.acked_why or "", until=until)

    def _silenced(self, alarm: Alarm) -> out.SilencedOut | None:
        if alarm.silence_id is None or alarm.silenced_until_ms is None or not silenced(alarm, self.now_ms):
            return None
        return out.SilencedOut(
            silence_id=alarm.silence_id,
            by=alarm.silenced_by or "",
            why=alarm.silenced_why or "",
            until=self.at(alarm.silenced_until_ms),
        )

    def order(self, order: AlarmOrder) -> out.OrderOut:
        """A person's order about an alarm."""
        return out.OrderOut(
            id=order.id,
            kind=order.kind,
            alarm_id=order.alarm_id,
            who=order.who,
            why=order.why,
            given_at=self.at(order.given_ms),
            until=self.maybe_at(order.until_ms),
            done_at=self.maybe_at(order.done_ms),
            outcome=order.outcome,
        )

    def silence(self, silence: Silence) -> out.SilenceOut:
        """One silence."""
        return out.SilenceOut(
            id=silence.id,
            rule=silence.rule_id,
            subject=silence.subject,
            device=silence.device_id,
            kind=silence.kind,
            sub_district=silence.sub_district,
            who=silence.who,
            why=silence.why,
            begins=self.at(silence.from_ms),
            until=self.at(silence.until_ms),
            even_critical=silence.even_critical,
            given_at=self.at(silence.given_ms),
            ended_at=self.maybe_at(silence.ended_ms),
            ended_by=silence.ended_by,
        )

    def _of_service(self, alarm: Alarm, words: Words) -> str | None:
        trouble = TroubleKind.of_rule(alarm.rule_id)
        return None if trouble is None else words.say(f"service.{trouble}.advice")

    def trouble(self, trouble: Trouble) -> out.TroubleOut:
        """One thing that is wrong with the product itself."""
        return out.TroubleOut(
            kind=trouble.kind,
            severity=trouble.severity,
            since=self.at(trouble.since_ms),
            title_zh=self._zh.say(f"service.{trouble.kind}.title"),
            title_en=self._en.say(f"service.{trouble.kind}.title"),
        )

    def case(self, case: Case) -> out.CaseOut:
        """One case."""
        return case_out(self, case)

    def line(self, entry: LogEntry) -> out.StoryLineOut:
        """One line of a story."""
        return out.StoryLineOut(
            id=entry.id,
            at=self.at(entry.at_ms),
            who=entry.who,
            what=entry.what,
            facts=entry.facts,
            text_zh=self._zh.story(entry),
            text_en=self._en.story(entry),
        )

    def ladder(self, ladder: Ladder) -> out.LadderOut:
        """One ladder."""
        return out.LadderOut(
            id=ladder.id,
            alarm_id=ladder.alarm_id,
            subject=ladder.subject,
            matter=ladder.matter,
            camera_id=ladder.camera_id,
            shop_id=ladder.shop_id,
            place=self.place(ladder.camera_id, ladder.shop_id),
            step=ladder.step,
            started_at=self.at(ladder.started_ms),
            recheck_at=self.at(ladder.recheck_ms),
            ended_at=self.maybe_at(ladder.ended_ms),
            context=self.evidence(ladder.context),
            onset=self.evidence(ladder.onset),
            confirmed=self.evidence(ladder.confirmed),
            cleared=self.evidence(ladder.cleared),
            confirmed_by=ladder.confirmed_by,
            confirmed_at=self.maybe_at(ladder.confirmed_ms),
            permit=ladder.permit,
            contested_at=self.maybe_at(ladder.contested_ms),
        )

    def camera(self, now: CameraNow) -> out.CameraOut:
        """One camera."""
        return out.CameraOut(
            camera_id=now.camera.camera_id,
            place=_place(now.camera.name, now.camera.location),
            view=now.view,
            fault=now.fault,
            interval_s=now.camera.interval_s,
            taken_at=self.maybe_at(now.taken_ms),
            healthy_at=self.maybe_at(now.healthy_ms),
        )

    def device(self, now: DeviceNow) -> out.DeviceOut:
        """One device."""
        device = now.device
        return out.DeviceOut(
            device_id=device.device_id,
            kind=device.kind,
            profile=device.profile,
            ports=device.ports,
            place=_place(device.name, device.location),
            reach=now.reach,
            seen_at=self.maybe_at(now.seen_ms),
        )

    def dead_letter(self, letter: DeadLetter) -> out.DeadLetterOut:
        """One dead letter."""
        return out.DeadLetterOut(
            id=letter.id,
            seq=letter.seq,
            topic=letter.topic,
            payload_base64=letter.payload,
            qos=letter.qos,
            retain=letter.retain,
            dup=letter.dup,
            received_at=self.at(letter.received_ms),
            reason=letter.reason,
            part=letter.part,
            detail=letter.detail,
            decoder=letter.decoder,
        )

    def notice(self, notice: Notice) -> out.NoticeOut:
        """One notice."""
        return out.NoticeOut(
            id=notice.id,
            key=notice.key,
            channel=notice.channel,
            recipient=notice.recipient,
            step=notice.step,
            subject=notice.subject,
            # Neither a key to a page, nor what is yet to be filled in.
            body={name: value for name, value in notice.body.items() if name not in _KEPT_BACK},
            state=notice.state,
            created_at=self.at(notice.created_ms),
            not_before=self.at(notice.not_before_ms),
            sent_at=self.maybe_at(notice.sent_ms),
            attempts=notice.attempts,
            last_error=notice.last_error,
            alarm_id=notice.alarm_id,
            ladder_id=notice.ladder_id,
            case_id=notice.case_id,
        )


def _unit(metric: Metric | None, alarm: Alarm) -> str | None:
    """Rules that watch no metric watch a time."""
    return metric.unit if metric else "s" if alarm.metric is None and alarm.value is not None else None


def _place(name: str, location: Location) -> out.PlaceOut:
    return out.PlaceOut(
        name=name,
        district=location.district,
        sub_district=location.sub_district,
        road=location.road,
        lon_deg=location.lon_deg,
        lat_deg=location.lat_deg,
    )
