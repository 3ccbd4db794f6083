"""What `longcheng rules explain --json` tells, as answers of the API; its words are in the language of who asks."""

from datetime import datetime

from msgspec import field

from console.api.rows import Rows
from console.api.shapes import AlarmOut, Out
from console.explained import AboutAlarm, AboutSubject, GivenLimit, Judged, Step
from console.explaining import Say
from domain.finding import AlarmState, Severity


class NewestOut(Out, frozen=True, kw_only=True):
    """The newest value of one metric."""

    value: bool | int | float
    at: datetime


class GivenLimitOut(Out, frozen=True, kw_only=True):
    """The limits of one severity that one place gives; of all that are given one `wins`. `step` says who gives it:
    subject, plan, model or default; `where`, in which file and line."""

    severity: Severity
    step: str
    raise_: str = field(name="raise")
    clear: str | None
    hold_s: float
    samples: int
    latch: bool
    where: str
    source: str | None
    confidence: str | None
    wins: bool
    why: str


class MissingOut(Out, frozen=True, kw_only=True):
    """How far it is from an alarm of this severity: what is measured, what it lacks, how long it has been beyond the
    limit, and how often in a row."""

    severity: Severity
    figure: float | None
    short: float | None
    held_s: float | None
    count: int
    text: str


class JudgedOut(Out, frozen=True, kw_only=True):
    """One rule over one subject. Without `state` it is quiet."""

    rule_id: str
    subject: str
    title: str
    kind: str
    metric: str | None
    version: str
    where: str
    unit: str
    source: str | None
    confidence: str | None
    state: AlarmState | None
    since: datetime | None
    limits: list[GivenLimitOut]
    missing: list[MissingOut]


class ExplainedSubjectOut(Out, frozen=True, kw_only=True):
    """Every rule that watches a device or port, and how it stands."""

    subject: str
    name: str
    newest: dict[str, NewestOut]
    rules: list[JudgedOut]


class ToldOut(Out, frozen=True, kw_only=True):
    """What people were told at a step."""

    change: str
    severity: Severity
    value: float | None
    limit: float | None


class StepOut(Out, frozen=True, kw_only=True):
    """A moment at which the alarm's state changed, and what lay between it and the step before."""

    at: datetime
    before: AlarmState | None
    after: AlarmState | None
    value: bool | int | float | None
    values: int
    least: float | None
    most: float | None
    told: list[ToldOut]


class LineOut(Out, frozen=True, kw_only=True):
    """A line that was written down."""

    at: datetime
    who: str
    text: str


class ExplainedAlarmOut(Out, frozen=True, kw_only=True):
    """How an alarm came about. `observations` were played again; the rules are those of now."""

    alarm: AlarmOut | None
    rule_id: str
    subject: str
    version_then: str | None
    version_now: str | None
    rule: JudgedOut | None
    observations: int
    story: list[StepOut]
    log: list[LineOut]


def explained_subject(about: AboutSubject, say: Say) -> ExplainedSubjectOut:
    """As `rules explain SUBJECT --json`."""
    rows = Rows(say.site, say.words.now_ms)
    return ExplainedSubjectOut(
        subject=about.subject,
        name=about.name,
        newest={name: NewestOut(value=value, at=rows.at(at_ms)) for name, (at_ms, value) in about.newest.items()},
        rules=[_judged(one, say, rows) for one in about.judged],
    )


def explained_alarm(about: AboutAlarm, say: Say) -> ExplainedAlarmOut:
    """As `rules explain ALARM --json`."""
    rows = Rows(say.site, say.words.now_ms)
    return ExplainedAlarmOut(
        alarm=rows.alarm(about.alarm) if about.alarm else None,
        rule_id=about.key[0],
        subject=about.key[1],
        version_then=about.alarm.rule_version if about.alarm else None,
        version_now=about.rule.version if about.rule else None,
        rule=_judged(about.judged, say, rows) if about.judged else None,
        observations=about.said,
        story=[_step(step, rows) for step in about.steps],
        log=[LineOut(at=rows.at(line.at_ms), who=line.who, text=say.words.story(line)) for line in about.log],
    )


def _judged(judged: Judged, say: Say, rows: Rows) -> JudgedOut:
    return JudgedOut(
        rule_id=judged.rule_id,
        subject=judged.subject,
        title=say.words.pick(judged.title.zh, judged.title.en),
        kind=judged.kind,
        metric=judged.metric,
        version=judged.version,
        where=judged.where,
        unit=judged.unit,
        source=judged.source and say.source(judged.source),
        confidence=judged.confidence,
        state=judged.state,
        since=rows.maybe_at(judged.since_ms),
        limits=[_limit(one, judged, say) for one in judged.limits],
        missing=[
            MissingOut(
                severity=one.severity,
                figure=one.figure,
                short=one.short,
                held_s=one.held_s,
                count=one.count,
                text=say.missing(one, judged),
            )
            for one in judged.gathering
        ],
    )


def _limit(one: GivenLimit, judged: Judged, say: Say) -> GivenLimitOut:
    return GivenLimitOut(
        severity=one.severity,
        step=str(one.step),
        raise_=one.raise_.text,
        clear=None if one.clear is None else one.clear.text,
        hold_s=one.hold_s,
        samples=one.samples,
        latch=one.severity in judged.latched,
        where=one.where,
        source=one.source and say.source(one.source),
        confidence=one.confidence,
        wins=one.wins,
        why=say.told_why(one),
    )


def _step(step: Step, rows: Rows) -> StepOut:
    return StepOut(
        at=rows.at(step.at_ms),
        before=step.before,
        after=step.after,
        value=step.value,
        values=step.values,
        least=step.least,
        most=step.most,
        told=[
            ToldOut(change=one.change, severity=one.severity, value=one.value, limit=one.limit) for one in step.findings
        ],
    )
