"""What `longcheng rules explain` tells programs."""

from typing import Any

import msgspec

from console.explained import AboutAlarm, AboutSubject, Judged
from console.explaining import Say


def subject_data(about: AboutSubject, say: Say) -> dict[str, Any]:
    """The same for programs."""
    return {
        "subject": about.subject,
        "name": about.name,
        "newest": {
            name: {"value": value, "at": say.words.local(at_ms).isoformat()}
            for name, (at_ms, value) in about.newest.items()
        },
        "rules": [_judged_data(judged, say) for judged in about.judged],
    }


def alarm_data(about: AboutAlarm, say: Say) -> dict[str, Any]:
    """The same for programs."""
    return {
        "alarm": msgspec.to_builtins(about.alarm) if about.alarm else None,
        "rule_id": about.key[0],
        "subject": about.key[1],
        "version_then": about.alarm.rule_version if about.alarm else None,
        "version_now": about.rule.version if about.rule else None,
        "rule": _judged_data(about.judged, say) if about.judged else None,
        "observations": about.said,
        "story": [
            {
                "at": say.words.local(step.at_ms).isoformat(),
                "before": step.before,
                "after": step.after,
                "value": step.value,
                "values": step.values,
                "least": step.least,
                "most": step.most,
                "told": [
                    {"change": one.change, "severity": one.severity, "value": one.value, "limit": one.limit}
                    for one in step.findings
                ],
            }
            for step in about.steps
        ],
        "log": [
            {"at": say.words.local(entry.at_ms).isoformat(), "who": entry.who, "text": say.words.story(entry)}
            for entry in about.log
        ],
    }


def _judged_data(judged: Judged, say: Say) -> dict[str, Any]:
    return {
        "rule_id": judged.rule_id,
        "subject": judged.subject,
        "title": say.words.pick(judged.title.zh, judged.title.en),
        "kind": judged.kind,
        "metric": judged.metric,
        "version": judged.version,
        "where": judged.where,
        "unit": judged.unit,
        "source": judged.source and say.source(judged.source),
        "confidence": judged.confidence,
        "state": judged.state,
        "since": None if judged.since_ms is None else say.words.local(judged.since_ms).isoformat(),
        "limits": [
            {
                "severity": one.severity,
                "step": one.step,
                "raise": one.raise_.text,
                "clear": None if one.clear is None else one.clear.text,
                "hold_s": one.hold_s,
                "samples": one.samples,
                "latch": one.severity in judged.latched,
                "where": one.where,
                "source": one.source and say.source(one.source),
                "confidence": one.confidence,
                "wins": one.wins,
                "why": say.told_why(one),
            }
            for one in judged.limits
        ],
        "missing": [
            {
                "severity": one.severity,
                "figure": one.figure,
                "short": one.short,
                "held_s": one.held_s,
                "count": one.count,
                "text": say.missing(one, judged),
            }
            for one in judged.gathering
        ],
    }
