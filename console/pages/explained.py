"""Why a subject is judged as it is, as rows of a page; the words are those of `longcheng rules explain`."""

from collections.abc import Sequence

from msgspec import Struct

from console.explained import AboutAlarm, Judged
from console.explaining import Say, facts_of
from domain.finding import AlarmState, Severity


class LevelRow(Struct, frozen=True, kw_only=True):
    """One severity: the limit that holds, what is missing for it, and what gives way."""

    severity: Severity
    holds: str
    missing: str
    beaten: tuple[str, ...]


class JudgedRow(Struct, frozen=True, kw_only=True):
    """One rule over one subject."""

    rule_id: str
    subject: str
    title: str
    state: str
    stands: bool
    gathers: bool
    levels: tuple[LevelRow, ...]
    sources: tuple[tuple[str, bool], ...]
    """Each with whether its limit holds."""
    near: str
    """What is missing, of the severity that is nearest, for the closed row."""
    severity: Severity | None = None
    """Of its open alarm."""


class StepRow(Struct, frozen=True, kw_only=True):
    """A moment of an alarm's story."""

    at_ms: int
    when: str
    state: str
    value: str
    between: str
    told: tuple[str, ...]


class HowRow(Struct, frozen=True, kw_only=True):
    """How an alarm came about."""

    facts: tuple[tuple[str, str], ...]
    """Names and values."""
    judged: JudgedRow | None
    steps: tuple[StepRow, ...]
    nothing: str
    """Why there is no story; empty if there is one."""


def judged_rows(judged: Sequence[Judged], tell: Say) -> list[JudgedRow]:
    """What stands first, then what gathers, then in the order of the files."""
    rows = [judged_row(one, tell) for one in judged]
    return sorted(rows, key=lambda row: (not row.stands, not row.gathers))


def judged_row(judged: Judged, tell: Say) -> JudgedRow:
    """One rule in words."""
    missing = {one.severity: tell.missing(one, judged) for one in judged.gathering}
    levels = []
    for severity in dict.fromkeys(one.severity for one in judged.limits):
        alike = [one for one in judged.limits if one.severity is severity]
        holds = next((tell.limit(one, judged) for one in alike if one.wins), "")
        beaten = tuple(tell.limit(one, judged) for one in alike if not one.wins)
        levels.append(LevelRow(severity=severity, holds=holds, missing=missing.get(severity, ""), beaten=beaten))
    if not levels:
        levels = [LevelRow(severity=judged.severity, holds=tell.without_limits(judged), missing="", beaten=())]
    return JudgedRow(
        rule_id=judged.rule_id,
        subject=judged.subject,
        title=tell.words.pick(judged.title.zh, judged.title.en),
        state=tell.state(judged.state, judged.since_ms),
        stands=judged.state not in {None, AlarmState.PENDING, AlarmState.RESOLVED},
        gathers=judged.state is AlarmState.PENDING,
        levels=tuple(levels),
        sources=tuple(tell.sources(judged)),
        near=next((level.missing for level in reversed(levels) if level.missing), ""),
    )


def how_row(about: AboutAlarm, tell: Say) -> HowRow:
    """An alarm's story in words."""
    metric = about.judged.metric if about.judged else None
    steps = tuple(
        StepRow(
            at_ms=step.at_ms,
            when=tell.when(step.at_ms),
            state=f"{tell.state(step.before)} → {tell.state(step.after)}",
            value=tell.words.measured(metric, step.value) or "",
            between=tell.between(step, metric),
            told=tuple(tell("told", text=text) for text in tell.told(step)),
        )
        for step in about.steps
    )
    between = {"start": tell.when(about.start_ms), "end": tell.when(about.stop_ms)}
    nothing = "" if about.said and steps else tell("still" if about.said else "nothing", **between)
    return HowRow(
        facts=tuple((tell(f"facts.{name}"), value) for name, value in facts_of(about, tell).items()),
        judged=judged_row(about.judged, tell) if about.judged else None,
        steps=steps,
        nothing=nothing,
    )
