"""What goes on in the invented city on a bad night."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from config.load import Site
from domain.case import Alarm, Case, CaseState, ClosedReason, LogEntry
from domain.finding import AlarmState, CasePolicy, Evidence, Severity
from domain.ladder import Ladder, LadderStep
from domain.message import DeadLetter, RejectReason
from domain.notice import Notice, NoticeState
from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState
from domain.sighting import ViewHealth

MINUTE_MS = 60_000
HOSTILE = '<script>alert("x")</script>'


class Invention:
    """The nouns of one night, ending at `now_ms`. Pictures are drawn into `folder`."""

    def __init__(self, site: Site, now_ms: int, folder: Path) -> None:
        self.site, self.now_ms, self.folder = site, now_ms, folder
        self.pictures: dict[str, Path] = {}

    def ago(self, minutes: float) -> int:
        """Epoch ms so many minutes before the end."""
        return self.now_ms - round(minutes * MINUTE_MS)

    def evidence(self, camera: int, minutes: float, *, bikes: int) -> Evidence:
        """A look with a drawn picture of so many bicycles."""
        look_id = f"look-{camera}-{round(minutes * 10)}"
        name = f"cam-{camera:03}/20260822/{look_id}"
        if name not in self.pictures:
            path = self.folder / f"{look_id}.jpg"
            path.write_bytes(street(bikes=bikes, seed=camera))
            self.pictures[name] = path
        return Evidence(look_id=look_id, taken_ms=self.ago(minutes), picture=name, picture_sha256="0" * 64)

    def alarms(self) -> list[Alarm]:
        """Two critical, some warnings, a flood of notices, one stale, one long resolved."""
        return [*self._sensor_alarms(), *self._camera_alarms()]

    def _sensor_alarms(self) -> list[Alarm]:
        return [
            self._alarm(
                1, "charger-residual", "漏电流过大", "Residual current too high", "charger-01", minutes=14, port=3,
                severity=Severity.CRITICAL, matter="01054", metric="residual_ma", value=31.2, limit=30.0,
                limit_source="chargers.yaml:12 charger-residual",
            ),
            self._alarm(
                2, "tree-tilt", "倾角变化过大", "Tilt has changed too much", "tree-2", minutes=47, latch=True,
                severity=Severity.CRITICAL, matter="04001", metric="tilt_deg", value=1.63, limit=1.5,
                limit_source="trees.yaml:9 tree-tilt tree-2",
            ),
            self._alarm(
                3, "charger-temp", "温度偏高", "Temperature high", "charger-05", minutes=6, port=7,
                severity=Severity.WARN, metric="temp_c", value=57.4, limit=55.0,
                limit_source="chargers.yaml:31 charger-temp",
            ),
            self._alarm(
                4, "charger-temp", "温度偏高", "Temperature high", "charger-09", minutes=190, port=1,
                severity=Severity.WARN, metric="temp_c", value=56.0, limit=55.0, state=AlarmState.STALE,
            ),
            self._alarm(
                5, "charger-silent", "充电站无消息", "Charging station is silent", "charger-09", minutes=188,
                severity=Severity.WARN, value=90.0, limit=90.0,
                limit_source="chargers.yaml:58 charger-silent",
            ),
            self._alarm(
                6, "tree-dry", "土壤偏干", "Soil is dry", "tree-1", minutes=2100,
                severity=Severity.NOTICE, metric="soil_vwc_pct", value=11.2, limit=12.0,
            ),
            self._alarm(
                7, "charger-smoke", "充电站冒烟", "Smoke at a charging station", "charger-03", minutes=3000,
                severity=Severity.CRITICAL, metric="smoke", value=1.0, limit=1.0, resolved_ms=self.ago(2900),
            ),
        ]  # fmt: skip

    def _camera_alarms(self) -> list[Alarm]:
        bikes = [
            self._alarm(
                20 + n, "bike-misparked", "非机动车乱停放", "Bicycles parked out of place", f"cam-{n:03}",
                minutes=9 + 4 * n, severity=Severity.NOTICE, matter="09010", policy=CasePolicy.LADDER,
                value=720.0 + 60 * n, limit=600.0, zone="front", shop_id=f"shop-{n:03}",
                evidence=self.evidence(n, 3 + n, bikes=2 + n),
            )
            for n in (1, 2, 3, 4)
        ]  # fmt: skip
        views = [
            self._alarm(
                40 + n, "camera-view", "摄像头画面异常", "Camera cannot see", camera_id,
                minutes=30 + 11 * n, severity=Severity.NOTICE,
            )
            for n, camera_id in enumerate(self.faulty_cameras())
        ]  # fmt: skip
        return [*bikes, *views]

    def _alarm(
        self, number: int, rule: str, zh: str, en: str, device_id: str, *, minutes: float, **facts: Any
    ) -> Alarm:
        kind = "camera" if device_id.startswith("cam-") else device_id.partition("-")[0]
        tail = facts.get("port") or facts.get("zone")
        defaults: dict[str, Any] = {
            "state": AlarmState.FIRING,
            "raised_ms": self.ago(minutes),
            "seen_ms": self.ago(0.2),
            "subject": f"{device_id}/{tail}" if tail else device_id,
        }
        return Alarm(
            id=number, rule_id=rule, rule_version="3f9a1c0b7d2e", title_zh=zh, title_en=en, kind=kind,
            device_id=device_id, since_ms=self.ago(minutes), **(defaults | facts),
        )  # fmt: skip

    def cases(self) -> list[Case]:
        """One of each kind open, one overdue, one closed."""
        return [
            self._case(
                1, "01054", "漏电流过大", "Residual current too high", "charger-01/3", CaseState.PENDING_HANDLE,
                opened=13, due=17, severity=Severity.CRITICAL, unit="值守台", alarm_id=1,
            ),
            self._case(
                2, "04001", "倾角变化过大", "Tilt has changed too much", "tree-2", CaseState.HANDLING,
                opened=46, due=434, severity=Severity.CRITICAL, unit="南大街街道城管队", alarm_id=2,
            ),
            self._case(
                3, "09010", "非机动车乱停放", "Bicycles parked out of place", "cam-009/front", CaseState.PENDING_VERIFY,
                opened=131, due=-11, severity=Severity.NOTICE, overdue_ms=self.ago(11),
                unit="红梅街道城管队", alarm_id=29, ladder_id=9,
                shop_id="shop-009", context=self.evidence(9, 171, bikes=0), onset=self.evidence(9, 165, bikes=5),
                confirmed=self.evidence(9, 131, bikes=7), cleared=self.evidence(9, 20, bikes=0),
            ),
            self._case(
                4, "09010", "非机动车乱停放", "Bicycles parked out of place", "cam-010/front", CaseState.CLOSED,
                opened=1500, due=-1380, severity=Severity.NOTICE, unit="红梅街道城管队", alarm_id=30,
                closed_ms=self.ago(1400), closed_reason=ClosedReason.FIXED,
            ),
        ]  # fmt: skip

    def _case(
        self, number: int, matter: str, zh: str, en: str, subject: str, state: CaseState, *,
        opened: float, due: float, **facts: Any,
    ) -> Case:  # fmt: skip
        device_id = subject.partition("/")[0]
        kind = "camera" if device_id.startswith("cam-") else device_id.partition("-")[0]
        defaults: dict[str, Any] = {"ladder_id": None, "shop_id": None, "state_ms": self.ago(opened)}
        return Case(
            id=f"20260822320400{number:04}", matter=matter, title_zh=zh, title_en=en, subject=subject, kind=kind,
            device_id=device_id, state=state, opened_ms=self.ago(opened), due_ms=self.ago(-due), **(defaults | facts),
        )  # fmt: skip

    def ladders(self) -> list[Ladder]:
        """Four being asked, two that corrected, one that became a case."""
        running = [
            Ladder(
                id=n, alarm_id=20 + n, subject=f"cam-{n:03}/front", matter="09010", camera_id=f"cam-{n:03}",
                shop_id=f"shop-{n:03}", step=LadderStep.NOTICE_2 if n == 4 else LadderStep.NOTICE_1,
                started_ms=self.ago(9 + 4 * n), recheck_ms=self.ago(4 - 3 * n),
                onset=self.evidence(n, 3 + n, bikes=2 + n),
            )
            for n in (1, 2, 3, 4)
        ]  # fmt: skip
        ended = [
            Ladder(
                id=n, alarm_id=20 + n, subject=f"cam-{n:03}/front", matter="09010", camera_id=f"cam-{n:03}",
                shop_id=f"shop-{n:03}", step=step, started_ms=self.ago(20 * n), recheck_ms=self.ago(20 * n - 15),
                ended_ms=self.ago(20 * n - 17), onset=self.evidence(n, 20 * n, bikes=4),
                cleared=self.evidence(n, 20 * n - 17, bikes=0) if step is LadderStep.SELF_CORRECTED else None,
            )
            for n, step in ((6, LadderStep.SELF_CORRECTED), (7, LadderStep.SELF_CORRECTED), (9, LadderStep.CASE))
        ]  # fmt: skip
        return running + ended

    def lines(self) -> list[LogEntry]:
        """The story of each case; its last line is one that the catalogue has no words for."""
        out: list[LogEntry] = []
        for case in self.cases():
            facts: dict[str, str | float | int | None] = {
                "title_zh": case.title_zh, "title_en": case.title_en, "since_ms": case.opened_ms - 4 * MINUTE_MS,
                "rule_id": "charger-residual", "rule_version": "3f9a1c0b7d2e", "case_id": case.id,
                "matter": case.matter, "matter_zh": "充电桩异常", "matter_en": "Charging station in trouble",
                "unit": case.unit, "due_ms": case.due_ms,
            }  # fmt: skip
            told = (
                ("rules", "alarm_raised"),
                ("book", "case_filed"),
                ("book", "case_dispatched"),
                ("book", "unheard_of"),
            )
            out += [
                LogEntry(
                    id=len(out) + n, at_ms=case.opened_ms + n * 900, who=who, what=what, facts=facts, case_id=case.id
                )
                for n, (who, what) in enumerate(told, 1)
            ]
        return out

    def notices(self) -> list[Notice]:
        """One sent, one waiting, one given up."""
        return [
            Notice(
                id=n, key=f"desk:case-{n}", channel="log", recipient="duty-desk", step="dispatched",
                subject="charger-01/3",
                body={"text_zh": "漏电流过大", "text_en": "Residual current too high"}, state=state,
                created_ms=self.ago(13), not_before_ms=self.ago(13), attempts=n,
                sent_ms=self.ago(12.9) if state is NoticeState.SENT else None, case_id="202608223204000001",
            )
            for n, state in enumerate((NoticeState.SENT, NoticeState.PENDING, NoticeState.DEAD), 1)
        ]  # fmt: skip

    def letters(self) -> list[DeadLetter]:
        """Text, a hostile text, and bytes that are none."""
        found = [
            (RejectReason.UNKNOWN_METRIC, "tree/tree-1", b'{"metrics": {"tilt_degrees": 0.3}}', "tilt_degrees"),
            (RejectReason.SCHEMA, f"charger/{HOSTILE}", f'{{"metrics": "{HOSTILE}"}}'.encode(), ""),
            (RejectReason.DECODE, "charger/charger-07", bytes(range(128, 224)), ""),
        ]  # fmt: skip
        return [
            DeadLetter(
                id=n, seq=1000 + n, topic=f"longcheng/v1/{topic}/telemetry", payload=payload, qos=1, retain=False,
                dup=False, received_ms=self.ago(90 / n), reason=reason, part=part,
                detail=f"{reason}: see the registry", decoder="native/1",
            )
            for n, (reason, topic, payload, part) in enumerate(found, 1)
        ]  # fmt: skip

    def faulty_cameras(self) -> dict[str, CameraPresence]:
        """One camera in forty, and at least six, each with another fault; one that nobody has looked through."""
        names = list(self.site.cameras)[10 :: max(2, len(self.site.cameras) // 16)]
        faults = [view for view in ViewHealth if view is not ViewHealth.HEALTHY]
        out = {
            name: CameraPresence(
                camera_id=name, view=faults[n * 3 % len(faults)], fault="timeout" if n % 3 == 0 else None,
                taken_ms=self.ago(0.5), healthy_ms=self.ago(30 + 37 * n) if n else None,
            )
            for n, name in enumerate(names)
        }  # fmt: skip
        out[names[-1]] = CameraPresence(camera_id=names[-1])
        return out

    def silent_devices(self) -> dict[str, DevicePresence]:
        """One offline, one silent, one never heard of."""
        offline = DeviceState.OFFLINE
        found = (
            DevicePresence(device_id="charger-09", kind="charger", seen_ms=self.ago(190), state=offline),
            DevicePresence(device_id="charger-11", kind="charger", seen_ms=self.ago(7)),
            DevicePresence(device_id="charger-12", kind="charger"),
        )
        return {presence.device_id: presence for presence in found}


def street(*, bikes: int, seed: int) -> bytes:
    """A drawn shopfront with so many bicycles before it, as JPEG."""
    shade = np.random.default_rng(seed)
    picture = np.full((360, 640, 3), (214, 206, 196), np.uint8)
    wall = tuple(int(value) for value in shade.integers(120, 200, 3))
    cv2.rectangle(picture, (0, 40), (640, 230), wall, -1)
    cv2.rectangle(picture, (60, 60), (580, 100), (60, 80, 150), -1)
    cv2.rectangle(picture, (90, 115), (420, 230), (96, 84, 72), -1)
    cv2.rectangle(picture, (0, 230), (640, 360), (150, 152, 154), -1)
    for n in range(bikes):
        x, y = 70 + n * 78, 285 + n % 2 * 14
        cv2.circle(picture, (x, y), 21, (40, 40, 40), 4, cv2.LINE_AA)
        cv2.circle(picture, (x + 52, y), 21, (40, 40, 40), 4, cv2.LINE_AA)
        cv2.line(picture, (x, y), (x + 30, y - 34), (30, 60, 170), 5, cv2.LINE_AA)
        cv2.line(picture, (x + 52, y), (x + 30, y - 34), (30, 60, 170), 5, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", picture)[1])
