"""The rules in force as the console needs them: what they say, how often they fire, and what a change would do."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from config.limits import Side
from config.schema import Words
from console.desk.rule_tests import RuleTests, RunningTests
from domain.case import Alarm
from domain.finding import CasePolicy, Severity
from domain.firing import Fired, Firing, Judged, Standing


class RuleLevel(Struct, frozen=True, kw_only=True):
    """What it takes for one severity. `raise_` is None for a kind without limits."""

    severity: Severity
    raise_: Side | None = None
    clear: Side | None = None
    hold_s: float = 0.0
    samples: int = 1
    latch: bool = False


class RuleCard(Struct, frozen=True, kw_only=True):
    """One rule as its file says it."""

    id: str
    title: Words
    kind: str
    of: str
    """A kind of device, `camera` or `feed`."""
    part: str
    """`any`, `device` or `port`; of cameras `zone` where zones are judged."""
    severity: Severity
    levels: tuple[RuleLevel, ...]
    """The most severe first."""
    metric: str | None = None
    unit: str = ""
    facts: Mapping[str, object] = {}
    """What else its kind says, by the file's own keys; durations in seconds."""
    schedule: str = ""
    source: str | None = None
    confidence: str | None = None
    owner: str | None = None
    text: Words | None = None
    first: Words | None = None
    matter: str | None = None
    policy: CasePolicy = CasePolicy.NONE
    case_from: Severity = Severity.NOTICE
    inhibited_by: tuple[str, ...] = ()
    file: str
    line: int
    version: str
    subjects: int
    """How many devices, ports, zones or cameras it judges."""
    others: int = 0
    """How many of these have limits of their own: by an override, a plan or their model."""


class RulesInForce(Struct, frozen=True, kw_only=True):
    """What is judged by now, and what is wrong with the files as they are."""

    rules: tuple[RuleCard, ...]
    since_ms: int
    """When they were taken over."""
    problem: str = ""
    """Why the files as they are now are not in force; empty if they are."""
    faults: Mapping[str, int] = {}
    """By rule: how often it failed instead of answering."""

    def rule(self, rule_id: str) -> RuleCard | None:
        """The one of this id."""
        return next((one for one in self.rules if one.id == rule_id), None)


class ReplayedAlarm(Struct, frozen=True, kw_only=True):
    """One alarm of a replay. Times are epoch ms; None: it stood when the replay ended."""

    rule_id: str
    subject: str
    severity: Severity
    raised_ms: int
    resolved_ms: int | None = None
    value: float | None = None
    limit: float | None = None
    was_raised_ms: int | None = None
    """By the older version; None: it raised none."""
    was_severity: Severity | None = None


class ReplayDay(Struct, frozen=True, kw_only=True):
    """How many alarms of one rule were raised on one day, by the older version and by the newer one."""

    day: str
    """`2026-11-23`, on the site's clock."""
    rule_id: str
    old: int
    new: int


class ReplayNote(Struct, frozen=True, kw_only=True):
    """One replay that was kept: what was played, and what came of it."""

    id: str
    made_ms: int
    from_ms: int
    to_ms: int
    rules: tuple[str, ...]
    """Ids of the rules of which alarms were told."""
    only: tuple[str, ...] = ()
    """Which rules were asked for; empty: all."""
    files: tuple[str, ...] = ()
    """Names of the rule files that were played, where they were not the site's."""
    against: tuple[str, ...] = ()
    """Names of the older files; empty: nothing was compared."""
    raised: int
    new: int = 0
    gone: int = 0
    moved: int = 0
    regraded: int = 0
    same: int = 0
    readings: int = 0
    took_s: float = 0.0
    who: str = ""
    """Who started it on a page; empty: the command line."""


class ReplayKept(Struct, frozen=True, kw_only=True):
    """All that is kept of one replay. The lists of alarms have the first of each only."""

    note: ReplayNote
    days: tuple[ReplayDay, ...] = ()
    alarms: tuple[ReplayedAlarm, ...] = ()
    """Raised by the newer version, without an older one."""
    new: tuple[ReplayedAlarm, ...] = ()
    gone: tuple[ReplayedAlarm, ...] = ()
    changed: tuple[ReplayedAlarm, ...] = ()
    """Raised or ended at another time, or of another severity."""
    notes: tuple[str, ...] = ()


class ReplayRun(Struct, frozen=True, kw_only=True):
    """The replay that was last started from a page. `share` is 0–1; `ended` says how, in words, empty: it runs."""

    rule_id: str
    days: int
    who: str
    started_ms: int
    share: float = 0.0
    ended: str = ""
    """`done`, `failed`, `stopped` or `too_long`."""
    problem: str = ""


class RuleDesk(Protocol):
    """Any thread may ask; what asks the store may raise StoreUnavailable."""

    def in_force(self) -> RulesInForce:
        """What is judged by now."""
        ...

    def written(self, rule_id: str) -> str | None:
        """The rule's own lines of its file; None if the file no longer has it."""
        ...

    def firings(self, *, days: int, rule_id: str | None = None, by_place: bool = False) -> Sequence[Firing]:
        """Alarms that were raised in the last `days` days, by rule and day of the site's clock."""
        ...

    def standing(self, *, by_place: bool = False) -> Sequence[Standing]:
        """Open alarms by rule, severity and state."""
        ...

    def fired(self, rule_id: str, *, days: int, limit: int) -> Sequence[Fired]:
        """Over whom it was raised, the most often first."""
        ...

    def judged(self, *, days: int) -> Sequence[Judged]:
        """By rule, what people found."""
        ...

    def alarms(self, rule_id: str, *, before_id: int | None = None, limit: int) -> Sequence[Alarm]:
        """Its alarms, newest first."""
        ...

    def replays(self) -> Sequence[ReplayNote]:
        """Those that are kept, newest first."""
        ...

    def replay(self, replay_id: str) -> ReplayKept | None:
        """One of them."""
        ...

    def running(self) -> ReplayRun | None:
        """The one that was started from a page last; None: none since the start."""
        ...

    def start_replay(self, rule_id: str, *, days: int, written: str, who: str) -> ReplayRun:
        """Play the last days to a rule as it is now or, with `written`, as it would be with these lines instead.

        It runs beside everything else, at the lowest priority, one at a time, and ends after some minutes in any case.
        Raises OrderRefused: for a rule that is not there, lines that cannot be, or while another runs.
        """
        ...

    def stop_replay(self) -> None:
        """The one that runs is given up; nothing if none does."""
        ...

    def tests(self) -> RuleTests:
        """How many are written for each rule, and what came of them."""
        ...

    def start_tests(self, who: str) -> RunningTests:
        """Run all timetables of the site: beside everything else, at the lowest priority, for some minutes at most.

        Raises OrderRefused while they run, and where there are none.
        """
        ...

    def stop_tests(self) -> None:
        """The run that was begun is given up; nothing if none is."""
        ...
