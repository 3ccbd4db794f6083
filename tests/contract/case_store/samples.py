"""One of each noun that the case store keeps."""

from msgspec.structs import replace

from domain.case import Alarm, Case, CaseState, LogEntry
from domain.finding import AlarmState, CasePolicy, Evidence, Severity
from domain.ladder import Ladder, LadderStep
from domain.notice import Notice, NoticeState
from storage.case_store import CaseStore

LOOK = Evidence(look_id="look-1", taken_ms=2, picture="C1/20261122/look-1", picture_sha256="00", model="m")
ALARM = Alarm(
    id=0,
    rule_id="bike-misparked",
    rule_version="ab12cd34",
    title_zh="门前乱停",
    title_en="Misparked",
    subject="C1/door-1",
    kind="camera",
    device_id="C1",
    state=AlarmState.FIRING,
    severity=Severity.NOTICE,
    since_ms=1,
    raised_ms=1_763_812_800_123,
    seen_ms=2,
    matter="09010",
    policy=CasePolicy.LADDER,
    zone="door-1",
    shop_id="S1",
    value=0.1,
    limit=2,
    evidence=LOOK,
    latch=True,
)
LADDER = Ladder(
    id=0,
    alarm_id=1,
    subject="C1/door-1",
    matter="09010",
    camera_id="C1",
    shop_id="S1",
    step=LadderStep.NOTICE_1,
    started_ms=10,
    recheck_ms=20,
    onset=LOOK,
)
CASE = Case(
    id="202611223204000001",
    alarm_id=1,
    ladder_id=1,
    matter="09010",
    title_zh="门前乱停",
    title_en="Misparked",
    subject="C1/door-1",
    kind="camera",
    device_id="C1",
    shop_id="S1",
    severity=Severity.NOTICE,
    state=CaseState.PENDING_HANDLE,
    unit="城管中队",
    opened_ms=30,
    due_ms=40,
    onset=LOOK,
)
NOTICE = Notice(
    id=0,
    key="k",
    channel="log",
    recipient="shop:S1",
    step="notice_1",
    subject="C1/door-1",
    body={"text_zh": "您好。", "deadline_ms": 20, "share": 0.5, "loud": False, "picture": None},
    state=NoticeState.PENDING,
    created_ms=10,
    not_before_ms=10,
)


def fill(store: CaseStore) -> None:
    """One of each: an alarm, its ladder, its case, a line about each, and a notice."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id))
        tx.add_case(replace(CASE, alarm_id=alarm.id, ladder_id=ladder.id))
        tx.append_log(LogEntry(id=0, at_ms=1, who="rules", what="alarm_seen", facts={"n": 1}, alarm_id=alarm.id))
        tx.append_log(
            LogEntry(id=0, at_ms=2, who="ladder", what="notice_1", facts={}, alarm_id=alarm.id, ladder_id=ladder.id)
        )
        tx.append_log(LogEntry(id=0, at_ms=3, who="book", what="case_filed", facts={}, case_id=CASE.id))
        tx.add_notice(replace(NOTICE, ladder_id=ladder.id))
