"""Rules over HTTP: what they say, how often they fire, and replays of what a change of one would do."""

from collections.abc import Sequence
from typing import Annotated, Any

from aiohttp import web
from msgspec import Meta

from console.api import asks
from console.api.bodies import Order, Who
from console.api.reads import Read, Room
from console.api.rows import Rows
from console.api.rule_shapes import (
    LevelOut,
    OftenOut,
    ReplayDayOut,
    ReplayedAlarmOut,
    ReplayOut,
    ReplayRunOut,
    ReplaysOut,
    ReplayStoryOut,
    RuleListOut,
    RuleOut,
    RuleStoryOut,
)
from console.api.rule_tests import tests_of
from console.api.writes import Write
from console.desk.rule_tests import RuleTests
from console.desk.rules import ReplayDay, ReplayedAlarm, ReplayKept, ReplayNote, ReplayRun, RuleLevel
from console.fired import Tallied, tallied

_LISTED = 50


class AskRule(asks.Ask, frozen=True, kw_only=True):
    """One rule, or one replay."""

    id: asks.Name


class OrderReplay(Order, frozen=True, kw_only=True):
    """Play the last days to a rule as it is, or with other lines instead; for the whole city."""

    who: Who
    rule: asks.Name
    days: Annotated[int, Meta(ge=1, le=90)] = 7
    written: Annotated[
        str, Meta(max_length=20_000, description="the rule's lines as they would be; empty: as they are")
    ] = ""


class OrderStop(Order, frozen=True, kw_only=True):
    """Give up the replay that runs."""

    who: Who


def rules(room: Room, _ask: asks.Ask) -> RuleListOut:
    """Every rule in force, in the order of the files: its limits, and how often it fired."""
    force, tests = room.desk.rulebook.in_force(), room.desk.rulebook.tests()
    return RuleListOut(
        since=room.rows.at(force.since_ms),
        problem=force.problem,
        items=[_rule(one, room.rows, tests) for one in tallied(room.desk.rulebook, force)],
    )


def rule(room: Room, ask: AskRule) -> RuleStoryOut:
    """One rule: as its file says it, over whom it fires most often, and its last alarms."""
    desk, rows = room.desk.rulebook, room.rows
    found = next((one for one in tallied(desk, desk.in_force()) if one.card.id == ask.id), None)
    if found is None:
        raise web.HTTPNotFound(text=f"there is no rule {ask.id!r}")
    return RuleStoryOut(
        rule=_rule(found, rows, desk.tests()),
        written=desk.written(ask.id),
        often=[
            OftenOut(subject=one.subject, device_id=one.device_id, n=one.n, last_at=rows.at(one.last_ms))
            for one in desk.fired(ask.id, days=30, limit=_LISTED)
        ],
        alarms=[rows.alarm(one) for one in desk.alarms(ask.id, limit=_LISTED)],
    )


def replays(room: Room, _ask: asks.Ask) -> ReplaysOut:
    """Replays that were kept, and how far the one is that runs."""
    desk, running = room.desk.rulebook, room.desk.rulebook.running()
    return ReplaysOut(
        items=[_note(one, room.rows) for one in desk.replays()],
        running=None if running is None else _run(running, room.rows),
    )


def replay(room: Room, ask: AskRule) -> ReplayStoryOut:
    """All that is kept of one replay."""
    found, rows = room.desk.rulebook.replay(ask.id), room.rows
    if found is None:
        raise web.HTTPNotFound(text=f"there is no replay {ask.id!r}")
    return _kept(found, rows)


def start_replay(room: Room, order: OrderReplay, _about: int) -> ReplayRunOut:
    """Begin a replay: beside everything else, at the lowest priority, one at a time, a quarter of an hour at most."""
    desk = room.desk.rulebook
    return _run(desk.start_replay(order.rule, days=order.days, written=order.written, who=order.who), room.rows)


def stop_replay(room: Room, _order: OrderStop, _about: int) -> ReplaysOut:
    """Give up the replay that runs; nothing if none does."""
    room.desk.rulebook.stop_replay()
    return replays(room, asks.Ask())


def _rule(one: Tallied, rows: Rows, tests: RuleTests) -> RuleOut:
    card = one.card
    return RuleOut(
        id=card.id,
        title_zh=card.title.zh,
        title_en=card.title.en,
        kind=card.kind,
        of=card.of,
        part=card.part,
        metric=card.metric,
        unit=card.unit,
        severity=card.severity,
        levels=[_level(level) for level in card.levels],
        source=card.source,
        confidence=card.confidence,
        owner=card.owner,
        matter=card.matter,
        policy=card.policy,
        file=card.file,
        line=card.line,
        version=card.version,
        subjects=card.subjects,
        others=card.others,
        open={severity.value: n for severity, n in one.standing.items()},
        flapping=one.flapping,
        last_24h=one.last_day,
        last_7d=one.last_week,
        last_30d=one.last_month,
        days={f"{rows.at(day_ms):%Y-%m-%d}": n for day_ms, n in sorted(one.days.items())},
        judged=one.judged.n if one.judged else 0,
        wrong=one.judged.wrong if one.judged else 0,
        faults=one.faults,
        tests=tests_of(card, tests),
    )


def _level(level: RuleLevel) -> LevelOut:
    return LevelOut(
        severity=level.severity,
        raise_=None if level.raise_ is None else level.raise_.text,
        clear=None if level.clear is None else level.clear.text,
        hold_s=level.hold_s,
        samples=level.samples,
        latch=level.latch,
    )


def _note(one: ReplayNote, rows: Rows) -> ReplayOut:
    return ReplayOut(
        id=one.id,
        made_at=rows.at(one.made_ms),
        from_=rows.at(one.from_ms),
        to=rows.at(one.to_ms),
        rules=list(one.rules),
        only=list(one.only),
        files=list(one.files),
        against=list(one.against),
        raised=one.raised,
        new=one.new,
        gone=one.gone,
        moved=one.moved,
        regraded=one.regraded,
        same=one.same,
        readings=one.readings,
        took_s=one.took_s,
        who=one.who,
    )


def _run(one: ReplayRun, rows: Rows) -> ReplayRunOut:
    return ReplayRunOut(
        rule_id=one.rule_id,
        days=one.days,
        who=one.who,
        started_at=rows.at(one.started_ms),
        share=one.share,
        ended=one.ended,
        problem=one.problem,
    )


def _kept(found: ReplayKept, rows: Rows) -> ReplayStoryOut:
    def alarms(some: Sequence[ReplayedAlarm]) -> list[ReplayedAlarmOut]:
        return [_replayed(one, rows) for one in some]

    return ReplayStoryOut(
        replay=_note(found.note, rows),
        days=[_day(one) for one in found.days],
        alarms=alarms(found.alarms),
        new=alarms(found.new),
        gone=alarms(found.gone),
        changed=alarms(found.changed),
        notes=list(found.notes),
    )


def _day(one: ReplayDay) -> ReplayDayOut:
    return ReplayDayOut(day=one.day, rule_id=one.rule_id, old=one.old, new=one.new)


def _replayed(one: ReplayedAlarm, rows: Rows) -> ReplayedAlarmOut:
    return ReplayedAlarmOut(
        rule_id=one.rule_id,
        subject=one.subject,
        severity=one.severity,
        raised_at=rows.at(one.raised_ms),
        resolved_at=rows.maybe_at(one.resolved_ms),
        value=one.value,
        limit=one.limit,
        was_raised_at=rows.maybe_at(one.was_raised_ms),
        was_severity=one.was_severity,
    )


READS: Sequence[Read[Any]] = (
    Read(path="/api/v1/rules", ask=asks.Ask, answer=rules, shape=RuleListOut),
    Read(path="/api/v1/rules/{id}", ask=AskRule, answer=rule, shape=RuleStoryOut),
    Read(path="/api/v1/replays", ask=asks.Ask, answer=replays, shape=ReplaysOut),
    Read(path="/api/v1/replays/{id}", ask=AskRule, answer=replay, shape=ReplayStoryOut),
)
WRITES: Sequence[Write[Any]] = (
    Write(path="/api/v1/replays", order=OrderReplay, carry_out=start_replay, shape=ReplayRunOut, status=202),
    Write(path="/api/v1/replays/running", order=OrderStop, carry_out=stop_replay, shape=ReplaysOut, method="delete"),
)
