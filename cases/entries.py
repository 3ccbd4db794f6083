"""Findings as entries of the book: a new alarm, the same alarm with newer news, and the end of one."""

from msgspec.structs import replace

from config.texts import LANGUAGES, Texts
from domain.case import OVERFLOW, Alarm
from domain.finding import AlarmState, CasePolicy, Change, Evidence, Finding


def alarm_of(finding: Finding) -> Alarm:
    """A new alarm, without an id."""
    return Alarm(
        id=0,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        title_zh=finding.title_zh,
        title_en=finding.title_en,
        subject=finding.subject,
        kind=finding.kind,
        device_id=finding.device_id,
        state=AlarmState.FLAPPING if finding.change is Change.FLAPPING else AlarmState.FIRING,
        severity=finding.severity,
        since_ms=finding.since_ms,
        raised_ms=finding.at_ms,
        seen_ms=finding.at_ms,
        matter=finding.matter,
        policy=finding.policy,
        port=finding.port,
        zone=finding.zone,
        shop_id=finding.shop_id,
        metric=finding.metric,
        value=finding.value,
        limit=finding.limit,
        limit_source=finding.limit_source,
        evidence=finding.evidence,
        latch=finding.latch,
        text_zh=finding.text_zh,
        text_en=finding.text_en,
    )


def renewed_by(alarm: Alarm, finding: Finding) -> Alarm:
    """The same alarm, firing, with what the finding knows better. One that latches at a worse level stays latched.

    One that comes and goes, and gets worse, goes on coming and going; any other renewal says that it is steady. What it
    leads to stays what it is, but that one which led to nothing may lead to something now.
    """
    leads = alarm.policy is CasePolicy.NONE
    worse = finding.severity.rank > alarm.severity.rank
    return replace(
        alarm,
        state=AlarmState.FLAPPING if worse and alarm.state is AlarmState.FLAPPING else AlarmState.FIRING,
        severity=finding.severity,
        seen_ms=max(alarm.seen_ms, finding.at_ms),
        matter=finding.matter if leads else alarm.matter,
        policy=finding.policy if leads else alarm.policy,
        value=finding.value if finding.value is not None else alarm.value,
        limit=finding.limit if finding.limit is not None else alarm.limit,
        limit_source=finding.limit_source or alarm.limit_source,
        evidence=_to_show(alarm.evidence, finding.evidence),
        latch=alarm.latch or finding.latch,
        text_zh=finding.text_zh or alarm.text_zh,
        text_en=finding.text_en or alarm.text_en,
    )


def worded(finding: Finding, texts: Texts) -> Finding:
    """The finding in the catalogue's words, where the rule's own are about something else: one that stands for many."""
    if finding.kind != OVERFLOW:
        return finding
    zh, en = LANGUAGES
    facts: dict[str, object] = {"title_zh": finding.title_zh, "title_en": finding.title_en}
    facts |= {"n": finding.value or 0, "most": finding.limit or 0}
    return replace(
        finding,
        title_zh=texts.say(zh, "alarms.overflow.title", facts),
        title_en=texts.say(en, "alarms.overflow.title", facts),
        text_zh=texts.say(zh, "alarms.overflow.text", facts),
        text_en=texts.say(en, "alarms.overflow.text", facts),
    )


def resolution_of(alarm: Alarm, now_ms: int) -> Finding:
    """The end of an alarm that no rule knows of, by a person's word."""
    return Finding(
        rule_id=alarm.rule_id,
        rule_version=alarm.rule_version,
        title_zh=alarm.title_zh,
        title_en=alarm.title_en,
        subject=alarm.subject,
        kind=alarm.kind,
        device_id=alarm.device_id,
        change=Change.RESOLVED,
        severity=alarm.severity,
        at_ms=now_ms,
        since_ms=alarm.since_ms,
        matter=alarm.matter,
        policy=alarm.policy,
        latch=alarm.latch,
    )


def _to_show(known: Evidence | None, newer: Evidence | None) -> Evidence | None:
    """The newer look, unless it has no picture and the known one has: people need something to look at.

    What was seen first stays what was seen first, though other things may have come meanwhile.
    """
    if newer is None or known is None:
        return newer or known
    if newer.picture is None and known.picture is not None:
        newer = known
    return replace(newer, onset=known.onset or newer.onset, context=known.context or newer.context)
