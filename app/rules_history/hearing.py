"""What some sets of rules listen to, and what they remember: all that decides which readings can be left out."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.load import Site
from domain.reading import Value
from rules.memory import Key
from rules.replay import Replay
from rules.rule import Rule
from rules.subjects import HEARD
from rules.watch import DerivedWatch, LookWatch, SilenceWatch, ValueWatch, Watch

Part = tuple[int | None, str]
"""A port of a device (None: the device itself), and a metric of it."""
_OTHER: Final[Part] = (None, "")
"""Stands for whatever else is remembered of a device."""
_ALWAYS: Final = (math.inf, -math.inf)
"""The quiet values of what is asked for every one."""


@dataclass(slots=True)
class _OfDevice:
    quiet: dict[Part, tuple[float, float]] = field(default_factory=dict)
    """Between which values nothing comes of a metric, as long as nothing is remembered of it."""
    silence_ms: int | None = None
    """The shortest silence that means something."""
    whole: bool = False
    """Whether every reading counts, whatever it says."""


class Hearing:
    """What every watch of these rules hears.

    Rests on what a watch promises: without a state, a value strictly between its `low` and `high` leads to nothing; and
    on what the engine promises: all that it remembers comes out of `take_dirty`.
    """

    def __init__(self, site: Site, versions: Sequence[Sequence[Rule]]) -> None:
        self._devices: dict[str, _OfDevice] = {name: _OfDevice() for name in site.devices}
        self._parts: dict[Key, Part] = {}
        self._heard: set[tuple[str, Part]] = set()
        self._remembered: dict[str, dict[tuple[int, Key], Part]] = defaultdict(dict)
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
            part = self._parts[watch.key] = (watch.port, watch.metric)
            low, high = _ALWAYS if watch.lateness_ms else (watch.low, watch.high)
            known = device.quiet.get(part, (-math.inf, math.inf))
            device.quiet[part] = max(low, known[0]), min(high, known[1])
        elif isinstance(watch, SilenceWatch):
            shortest_ms = device.silence_ms
            device.silence_ms = watch.allowed_ms if shortest_ms is None else min(shortest_ms, watch.allowed_ms)
        elif isinstance(watch, DerivedWatch):
            device.quiet |= dict.fromkeys(((watch.port, metric) for metric in watch.metrics), _ALWAYS)
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
                    self._remembered[device_id][number, key] = self._parts.get(key, _OTHER)

    def silence_ms(self, device_id: str) -> int | None:
        """How long a silence of a device must at least be to mean something; None: none does."""
        return self._devices[device_id].silence_ms

    def is_whole(self, device_id: str) -> bool:
        """Whether every reading of it counts, for what is said or for what is remembered."""
        remembered = self._remembered.get(device_id)
        return self._devices[device_id].whole or (remembered is not None and _OTHER in remembered.values())

    def live(self, device_id: str, port: int | None, ranges: Iterable[tuple[str, tuple[Value, Value]]]) -> set[str]:
        """Of the metrics that have values in these ranges, those that something can come of.

        What is heard of for the first time counts: a rule that concludes from others knows the difference.
        """
        quiet, remembered = self._devices[device_id].quiet, self._remembered.get(device_id)
        parts = frozenset(remembered.values()) if remembered else ()
        found = set()
        for metric, (least, most) in ranges:
            part = (port, metric)
            if (limits := quiet.get(part)) is None:
                continue
            if not limits[0] < least <= most < limits[1] or part in parts or (device_id, part) not in self._heard:
                found.add(metric)
                self._heard.add((device_id, part))
        return found
