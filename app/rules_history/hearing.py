"""What some sets of rules listen to, and what they remember: all that decides which readings can be left out."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.load import Site
from rules.conditions import AGE, Condition
from rules.kinds.compound import Compound
from rules.memory import Key
from rules.replay import Replay
from rules.rule import Rule
from rules.subjects import HEARD
from rules.watch import DerivedWatch, LookWatch, SilenceWatch, ValueWatch, Watch
from storage.series.hours import HourOfSeries

Part = tuple[int | None, str]
"""A port of a device (None: the device itself), and a metric of it."""
_WHOLE: Final[tuple[Part, ...]] = ((None, ""),)
"""Stands for the parts of what is remembered of a device as a whole."""
_ALWAYS: Final = (math.inf, -math.inf)
"""The quiet values of what is asked for every one."""


@dataclass(slots=True)
class _OfDevice:
    quiet: dict[Part, tuple[float, float]] = field(default_factory=dict)
    """Between which values nothing comes of a metric, as long as nothing is remembered of it."""
    silence_ms: int | None = None
    """The shortest silence that means something."""
    conditions: dict[int | None, list[Condition]] = field(default_factory=lambda: defaultdict(list))
    """By port, those of rules that conclude from nothing else."""
    whole: bool = False
    """Whether every reading counts, whatever it says."""


class Hearing:
    """What every watch of these rules hears.

    Rests on what a watch promises: without a state, a value strictly between its `low` and `high` leads to nothing; and
    on what the engine promises: all that it remembers comes out of `take_dirty`.
    """

    def __init__(self, site: Site, versions: Sequence[Sequence[Rule]]) -> None:
        self._devices: dict[str, _OfDevice] = {name: _OfDevice() for name in site.devices}
        self._site = site
        self._conditions: dict[str, Condition | None] = {}
        self._parts: dict[Key, tuple[Part, ...]] = {}
        self._heard: set[tuple[str, Part]] = set()
        self._remembered: dict[str, dict[tuple[int, Key], tuple[Part, ...]]] = defaultdict(dict)
        self._rule_ids = [rule.id for rules in versions for rule in rules]
        for gateway in {device.gateway for device in site.devices.values() if device.gateway is not None}:
            self._devices[gateway].whole = True
        for watch in (watch for rules in versions for rule in rules for watch in rule.spec.watches(rule, site)):
            if (device := self._devices.get(watch.device_id)) is not None:
                self._add(device, watch)

    @property
    def metrics(self) -> frozenset[str]:
        """Every metric that somebody listens to."""
        return frozenset(metric for device in self._devices.values() for _, metric in device.quiet)

    def _add(self, device: _OfDevice, watch: Watch[Any]) -> None:
        if isinstance(watch, ValueWatch):
            part = (watch.port, watch.metric)
            self._parts[watch.key] = (part,)
            low, high = _ALWAYS if watch.lateness_ms else (watch.low, watch.high)
            known = device.quiet.get(part, (-math.inf, math.inf))
            device.quiet[part] = max(low, known[0]), min(high, known[1])
        elif isinstance(watch, SilenceWatch):
            shortest_ms = device.silence_ms
            device.silence_ms = watch.allowed_ms if shortest_ms is None else min(shortest_ms, watch.allowed_ms)
        elif isinstance(watch, DerivedWatch):
            # what its port never said, it takes from the whole device
            ports = dict.fromkeys((watch.port, None))
            self._parts[watch.key] = tuple((port, metric) for port in ports for metric in watch.metrics)
            condition = self._condition_of(watch.rule)
            if condition is not None:
                device.conditions[watch.port].append(condition)
            for part in self._parts[watch.key]:
                device.quiet.setdefault(part, (-math.inf, math.inf))
                if condition is None:
                    device.quiet[part] = _ALWAYS
        elif not isinstance(watch, LookWatch):
            device.whole = True

    def take(self, replays: Sequence[Replay]) -> None:
        """Note what they remember now. To be called after each piece, with the same ones in the same order."""
        for number, replay in enumerate(replays):
            for key, state in replay.engine.take_dirty().items():
                if key[0] == HEARD:
                    continue
                device_id = key[1].partition("/")[0]
                if state is None:
                    self._remembered[device_id].pop((number, key), None)
                else:
                    self._remembered[device_id][number, key] = self._parts.get(key, _WHOLE)

    def silence_ms(self, device_id: str) -> int | None:
        """How long a silence of a device must at least be to mean something; None: none does."""
        return self._devices[device_id].silence_ms

    def is_whole(self, device_id: str) -> bool:
        """Whether every reading of it counts, for what is said or for what is remembered."""
        remembered = self._remembered.get(device_id)
        return self._devices[device_id].whole or (remembered is not None and _WHOLE in remembered.values())

    def heard_in_full(self, device_id: str, port: int | None, hour: HourOfSeries) -> None:
        """Note what a device or port tells in an hour that is read in full."""
        self._heard.update((device_id, (port, metric)) for metric in hour.ranges)

    def live(
        self, device_id: str, port: int | None, hour: HourOfSeries, stirred: set[str]
    ) -> tuple[set[str], set[str]]:
        """Of the metrics that a device or port told in an hour, those that something can come of; and those of which
        only the last value counts, for what comes in another hour.

        What is heard of for the first time counts: a rule that concludes from others knows the difference. `stirred`:
        metrics that count of the whole device, too, because of a port; so a device's ports are to be asked for first.
        """
        device, remembered = self._devices[device_id], self._remembered.get(device_id)
        parts = {part for parts in remembered.values() for part in parts} if remembered else ()
        found: set[str] = set()
        last: set[str] = set()
        for metric, (least, most) in hour.ranges.items():
            part = (port, metric)
            if (limits := device.quiet.get(part)) is None:
                continue
            if not limits[0] < least <= most < limits[1] or part in parts or (device_id, part) not in self._heard:
                found.add(metric)
                self._heard.add((device_id, part))
        for condition in device.conditions.get(port, ()):
            told = hour.ranges.keys() & set(condition.metrics)
            if _never_holds(condition, hour) and not any((port, metric) in parts for metric in told):
                last |= told
            else:
                found |= told
                stirred.update(condition.metrics)
        if port is None:
            found |= hour.ranges.keys() & stirred
        return found, last - found

    def _condition_of(self, rule: Rule) -> Condition | None:
        """What a rule concludes from its subject's values, if from nothing else."""
        if rule.version not in self._conditions:
            spec = rule.spec
            condition = None
            if isinstance(spec, Compound) and spec.when is not None and not any(names for _, names in spec.groups()):
                found = spec.condition(self._site, self._rule_ids)
                condition = None if found.rules or AGE in found.expression.names else found
            self._conditions[rule.version] = condition
        return self._conditions[rule.version]


def _never_holds(condition: Condition, hour: HourOfSeries) -> bool:
    """Whether every word of the hour tells all that it reads, and one metric settles throughout that it cannot hold.

    Then it did not hold before either, or something would be remembered; and with what was told before it never will.
    """
    if any(hour.counts.get(metric) != len(hour.times_ms) for metric in condition.metrics):
        return False
    return any(settled.throughout(*hour.ranges[metric]) for metric, settled in condition.settled.items())
