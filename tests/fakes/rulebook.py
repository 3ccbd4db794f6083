"""Devices and rules of a desk in memory: the shipped rules, over what the desk's lists say."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from app.explaining import Explaining
from app.limit_lines import limit_lines
from app.rule_cards import card_of
from app.rules_history.points import Observation
from app.written_rules import written
from config.load import SHARED, Site
from console.desk.devices import LimitLine
from console.desk.rule_tests import RuleTests, RunningTests
from console.desk.rules import ReplayKept, ReplayNote, ReplayRun, RuleCard, RulesInForce
from console.explained import AboutAlarm, AboutSubject
from domain.case import Alarm, Case, LogEntry
from domain.errors import ConfigError, OrderRefused
from domain.firing import DAY_MS, Fired, Firing, Judged, Standing
from domain.reading import Value
from domain.register import Device
from rules.files import load_rules
from rules.rule import Rule

_FILES: Final = tuple(sorted((SHARED / "rules").glob("*.yaml")))
_OFFSET_MS: Final = 8 * 3_600_000
Newest = dict[str, tuple[int, Value]]
_of_folder: dict[str, tuple[Rule, ...]] = {}


def shipped(site: Site) -> tuple[Rule, ...]:
    """The rules that come with the product, read once for each site."""
    key = str(site.folder)
    if key not in _of_folder:
        _of_folder[key] = load_rules(_FILES, site)
    return _of_folder[key]


@dataclass(kw_only=True)
class FakeRulebook:
    """Fits console.desk.rules.RuleDesk."""

    site: Site | None = None
    now_ms: int = 0
    all_alarms: list[Alarm] = field(default_factory=list)
    problem: str = ""
    faults: dict[str, int] = field(default_factory=dict)
    people_found: list[Judged] = field(default_factory=list)
    kept: list[ReplayKept] = field(default_factory=list)
    run: ReplayRun | None = None
    started: list[tuple[str, int, str, str]] = field(default_factory=list)
    cards: tuple[RuleCard, ...] = ()
    tested: RuleTests = field(default_factory=RuleTests)

    def in_force(self) -> RulesInForce:
        """The shipped ones."""
        if self.site is not None and not self.cards:
            self.cards = tuple(card_of(rule, self.site) for rule in shipped(self.site))
        since_ms = self.now_ms - DAY_MS
        return RulesInForce(rules=self.cards, since_ms=since_ms, problem=self.problem, faults=self.faults)

    def written(self, rule_id: str) -> str | None:
        """As the shipped file says it."""
        rules = shipped(self.site) if self.site else ()
        return next((written(rule) for rule in rules if rule.id == rule_id), None)

    def firings(self, *, days: int, rule_id: str | None = None, by_place: bool = False) -> Sequence[Firing]:
        """Counted from the list, one by one."""
        since_ms = self.now_ms - days * DAY_MS
        return [
            Firing(
                rule_id=one.rule_id,
                day_ms=(one.raised_ms + _OFFSET_MS) // DAY_MS * DAY_MS - _OFFSET_MS,
                n=1,
                last_day=int(one.raised_ms > self.now_ms - DAY_MS),
                last_week=int(one.raised_ms > self.now_ms - 7 * DAY_MS),
                device_id=one.device_id if by_place else "",
                shop_id=one.shop_id if by_place else None,
            )
            for one in self.all_alarms
            if one.raised_ms > since_ms and rule_id in {None, one.rule_id}
        ]

    def standing(self, *, by_place: bool = False) -> Sequence[Standing]:
        """Counted from the list."""
        places = Counter(
            (one.rule_id, one.severity, one.state, one.device_id if by_place else "", one.shop_id if by_place else None)
            for one in self.all_alarms
            if one.resolved_ms is None
        )
        return [
            Standing(rule_id=rule, severity=severity, state=state, n=n, device_id=device, shop_id=shop)
            for (rule, severity, state, device, shop), n in places.items()
        ]

    def fired(self, rule_id: str, *, days: int, limit: int) -> Sequence[Fired]:
        """Counted from the list."""
        since_ms = self.now_ms - days * DAY_MS
        found = [one for one in self.all_alarms if one.rule_id == rule_id and one.raised_ms >= since_ms]
        times = Counter((one.subject, one.device_id, one.shop_id) for one in found)
        return [
            Fired(subject=subject, device_id=device, shop_id=shop, n=n, last_ms=max(one.raised_ms for one in found))
            for (subject, device, shop), n in times.most_common(limit)
        ]

    def judged(self, *, days: int) -> Sequence[Judged]:
        """As set."""
        return self.people_found if days else []

    def alarms(self, rule_id: str, *, before_id: int | None = None, limit: int) -> Sequence[Alarm]:
        """From the list."""
        found = [one for one in self.all_alarms if one.rule_id == rule_id and one.id < (before_id or 1 << 60)]
        return sorted(found, key=lambda one: -one.id)[:limit]

    def replays(self) -> Sequence[ReplayNote]:
        """As set."""
        return [one.note for one in self.kept]

    def replay(self, replay_id: str) -> ReplayKept | None:
        """As set."""
        return next((one for one in self.kept if one.note.id == replay_id), None)

    def running(self) -> ReplayRun | None:
        """As started."""
        return self.run

    def start_replay(self, rule_id: str, *, days: int, written: str, who: str) -> ReplayRun:
        """It is noted, and goes on for ever."""
        if self.in_force().rule(rule_id) is None:
            raise OrderRefused(f"there is no rule {rule_id!r}", "missing")
        if self.run is not None and not self.run.ended:
            raise OrderRefused("another replay runs; wait for it, or stop it", "over")
        self.started.append((rule_id, days, written, who))
        self.run = ReplayRun(rule_id=rule_id, days=days, who=who, started_ms=self.now_ms, share=0.25)
        return self.run

    def stop_replay(self) -> None:
        """It ends."""
        if self.run is not None and not self.run.ended:
            self.run = replace(self.run, ended="stopped")

    def tests(self) -> RuleTests:
        """As set, or started."""
        return self.tested

    def start_tests(self, who: str) -> RunningTests:
        """They go on for ever."""
        if self.tested.running is not None and not self.tested.running.ended:
            raise OrderRefused("the tests run already; wait for them, or stop them", "over")
        running = RunningTests(who=who, started_ms=self.now_ms)
        self.tested = replace(self.tested, running=running)
        return running

    def stop_tests(self) -> None:
        """They end."""
        if self.tested.running is not None and not self.tested.running.ended:
            self.tested = replace(self.tested, running=replace(self.tested.running, ended="stopped"))


@dataclass(kw_only=True)
class FakeDevices:
    """Fits console.desk.devices.DeviceDesk."""

    site: Site | None = None
    now_ms: int = 0
    all_alarms: list[Alarm] = field(default_factory=list)
    all_cases: list[Case] = field(default_factory=list)
    lines: list[LogEntry] = field(default_factory=list)
    values: Mapping[tuple[str, str, int | None], Newest] = field(default_factory=dict)
    states: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def newest(self, devices: Sequence[Device]) -> Mapping[str, Newest]:
        """As the desk's values say."""
        found = {one.device_id: self._of(one.kind, one.device_id) for one in devices}
        return {name: newest for name, newest in found.items() if newest}

    def _of(self, kind: str, device_id: str) -> Newest:
        out: Newest = {}
        for (of, name, _port), newest in self.values.items():
            if (of, name) == (kind, device_id):
                out |= newest
        return out

    def alarms_of(
        self, device_id: str, *, from_ms: int | None = None, to_ms: int | None = None, limit: int
    ) -> Sequence[Alarm]:
        """From the list."""
        found = [
            one
            for one in self.all_alarms
            if one.device_id == device_id
            and (to_ms is None or one.since_ms < to_ms)
            and (from_ms is None or one.resolved_ms is None or one.resolved_ms >= from_ms)
        ]
        return sorted(found, key=lambda one: -one.id)[:limit]

    def cases_of(self, device_id: str, *, limit: int) -> Sequence[Case]:
        """From the list."""
        return [one for one in self.all_cases if one.device_id == device_id][:limit]

    def limits(self, device_id: str, port: int | None, metric: str, *, from_ms: int, to_ms: int) -> Sequence[LimitLine]:
        """By the shipped rules."""
        if self.site is None:
            return []
        device = self.site.devices[device_id]
        return limit_lines(shipped(self.site), self.site, (device, port), metric, stretch=(from_ms, to_ms))

    def explain(self, subject: str) -> AboutSubject:
        """By the shipped rules."""
        try:
            return self._explaining().subject(subject)
        except ConfigError as wrong:
            raise OrderRefused(str(wrong), "missing") from None

    def explain_alarm(self, alarm_id: int) -> AboutAlarm:
        """By the shipped rules; nothing is stored to be played again."""
        alarm = next((one for one in self.all_alarms if one.id == alarm_id), None)
        if alarm is None:
            raise OrderRefused(f"there is no alarm {alarm_id}", "missing")
        return self._explaining().alarm((alarm.rule_id, alarm.subject), alarm)

    def _explaining(self) -> Explaining:
        if self.site is None:
            raise OrderRefused("there is nothing here", "missing")
        site = self.site

        def said(_name: str, _start_ms: int, _stop_ms: int) -> Sequence[Observation]:
            return []

        def newest(what: str) -> Newest:
            device_id, _, port = what.partition("/")
            device = site.devices.get(device_id)
            return {} if device is None else self.values.get((device.kind, device_id, int(port) if port else None), {})

        return Explaining(site=site, rules=shipped(site), kept=self, said=said, newest=newest, now_ms=self.now_ms)

    def states_of(self, rule_ids: Collection[str], subjects: Collection[str]) -> Mapping[tuple[str, str], bytes]:
        """As set."""
        return {key: state for key, state in self.states.items() if key[0] in rule_ids and key[1] in subjects}

    def newest_alarm(self, rule_id: str, subject: str) -> Alarm | None:
        """From the list."""
        found = [one for one in self.all_alarms if (one.rule_id, one.subject) == (rule_id, subject)]
        return max(found, key=lambda one: one.id, default=None)

    def story_of(self, alarm: Alarm) -> Sequence[LogEntry]:
        """From the desk's lines."""
        return [line for line in self.lines if line.alarm_id == alarm.id]
