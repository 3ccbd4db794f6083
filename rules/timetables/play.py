"""Plays one timetable to the engine and says what stood when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import NamedTuple

from config.load import Site
from config.schema import NATIVE
from domain.finding import AlarmState, Change, Finding
from domain.reading import Reading, Status
from domain.sighting import Sighting
from rules.engine import Engine
from rules.memory import Key
from rules.rule import Rule
from rules.telling import told

Observation = Reading | Sighting | Status


class Turn(IntEnum):
    """What comes first of what is received at one time."""

    VALUE = 0
    LATE = 1
    EVENT = 2
    TICK = 3
    LOOK_UP = 4


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as it stands, or as it begins to (`pending`: then there is no finding yet)."""

    state: AlarmState
    since_ms: int
    finding: Finding | None = None


class Due(NamedTuple):
    """Something that is done to the engine at a time."""

    at_ms: int
    turn: Turn
    place: int
    act: "Act"


@dataclass(slots=True)
class Played:
    """What came of a timetable."""

    findings: list[Finding] = field(default_factory=list)
    standing: dict[int, dict[Key, Alarm]] = field(default_factory=dict)
    """By the times that were asked about, in epoch ms: all alarms that stood, or were pending, then."""
    faults: Mapping[str, int] = field(default_factory=dict)
    """How often each rule failed."""


class Stage:
    """An engine, what it has saved, and the alarms that it has told."""

    def __init__(self, rules: Sequence[Rule], site: Site, since_ms: int) -> None:
        self._rules = rules
        self._site = site
        self._since_ms = since_ms
        self._saved: dict[Key, bytes] = {}
        self._open: dict[Key, Finding] = {}
        self._faults: dict[str, int] = {}
        self.played = Played()
        self.engine = self._made()

    def play(self, program: Sequence[Due]) -> Played:
        """Everything in its turn."""
        for due in sorted(program, key=lambda due: due[:3]):
            due.act(self)
        self._note_faults()
        self.played.faults = self._faults
        return self.played

    def hear(self, findings: Sequence[Finding]) -> None:
        """Note what the engine told."""
        for finding in findings:
            self.played.findings.append(finding)
            if finding.change is Change.RESOLVED:
                self._open.pop(finding.key, None)
            else:
                self._open[finding.key] = finding

    def restart(self) -> None:
        """As after a crash: only what was saved is known."""
        for key, state in self.engine.take_dirty().items():
            if state is None:
                self._saved.pop(key, None)
            else:
                self._saved[key] = state
        self._note_faults()
        self.engine = self._made()

    def look_up(self, at_ms: int) -> None:
        """Note all alarms as they are now."""
        states = {(rule_id, subject): (state, since) for rule_id, subject, state, since in self.engine.states()}
        alarms = {
            key: Alarm(states.get(key, (AlarmState.FIRING, 0))[0], last.since_ms, last)
            for key, last in self._open.items()
        }
        pending = {
            key: Alarm(state, since_ms)
            for key, (state, since_ms) in states.items()
            if key not in alarms and state is AlarmState.PENDING
        }
        self.played.standing[at_ms] = alarms | pending

    def _made(self) -> Engine:
        tell = partial(told, site=self._site)
        return Engine(self._rules, self._site, saved=self._saved, listening_since_ms=self._since_ms, tell=tell)

    def _note_faults(self) -> None:
        for rule_id, times in self.engine.faults.items():
            self._faults[rule_id] = self._faults.get(rule_id, 0) + times


Act = Callable[[Stage], None]
"""Something to be done to the engine."""


def observed(observation: Observation) -> Act:
    """To give it to the engine, as a message of our own topics."""

    def act(stage: Stage) -> None:
        stage.hear(stage.engine.overheard(NATIVE, observation.received_ms))
        stage.hear(stage.engine.observe(observation))

    return act


def ticks(times_ms: Iterator[int]) -> Iterator[Due]:
    """To let time pass."""
    for at_ms in times_ms:
        yield Due(at_ms, Turn.TICK, 0, _tick(at_ms))


def _tick(at_ms: int) -> Act:
    return lambda stage: stage.hear(stage.engine.tick(at_ms))


def looked_up(at_ms: int) -> Due:
    """To note what stands then."""
    return Due(at_ms, Turn.LOOK_UP, 0, lambda stage: stage.look_up(at_ms))
