"""Observations in, findings out.

Evaluates in event time: what comes out depends on what was heard, in which order, and on ticks; never on when it is
computed. All that is remembered can be taken out, and put back into another engine, at any point.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec

from config.load import Site
from domain.finding import Finding
from domain.reading import DeviceState, Reading, Status, Value
from domain.sighting import Sighting
from rules.memory import Key, restore
from rules.rule import CAMERA, Rule
from rules.subjects import NEVER_MS, Source, Subject, Subjects
from rules.watch import ValueWatch, Watch

log = logging.getLogger(__name__)

Asked = ParamSpec("Asked")
_LOOK = "look"
_SECOND_MS = 1000


class Engine:
    """Every rule over every subject of a site. One rule that fails never stops the others."""

    def __init__(
        self, rules: Sequence[Rule], site: Site, *, saved: Mapping[Key, bytes], listening_since_ms: int
    ) -> None:
        """`saved`: all that `take_dirty` gave so far.

        Of what was never heard at all, silence before `listening_since_ms` does not count.
        """
        self.faults: dict[str, int] = {}
        """How often each rule failed."""
        self.late = 0
        """Values and looks that came after newer ones; they clear nothing, and raise only what is urgent."""
        self._listening_since_ms = listening_since_ms
        self._subjects = Subjects(site)
        self._watches: dict[Key, Watch[Any]] = {}
        for rule in rules:
            for watch in rule.spec.watches(rule, site):
                self._watches[watch.key] = watch
                self._subjects.add(watch)
        self._listened = [subject.source for subject in self._subjects if subject.source.silences]
        self._changed: dict[Watch[Any], None] = {}
        self._touched: dict[Subject, None] = {}
        self._feeds = {name: feed for name, feed in self._subjects.feeds.items() if feed.source.silences}
        everyone = {subject.key: subject for subject in self._subjects}
        self._strangers = restore({**self._watches, **everyone}, saved)

    def observe(self, observation: Reading | Sighting | Status) -> list[Finding]:
        """What one observation leads to. Observed again, it leads to nothing more."""
        if isinstance(observation, Reading):
            return self._reading(observation)
        if isinstance(observation, Sighting):
            return self._sighting(observation)
        return self._status(observation)

    def overheard(self, feed: str, received_ms: int) -> list[Finding]:
        """That a message came from a feed, whatever it says and of whomever; never one that the broker had kept.

        Noted to the second: a feed says much, and its silence is never shorter.
        """
        subject = self._feeds.get(feed)
        if subject is None or received_ms - subject.source.heard_ms < _SECOND_MS:
            return []
        return self._heard(subject, received_ms)

    def tick(self, now_ms: int) -> list[Finding]:
        """What silence leads to. Only to be called when everything received has been observed."""
        for source in self._listened:
            self._listen(source)
            if source.quiet_since_ms > now_ms:
                source.rewind(now_ms)
        findings: list[Finding] = []
        for source in self._listened:
            since_ms, excused_ms = source.quiet_since_ms, source.excused_ms
            for watch in source.silences:
                due_ms = since_ms + excused_ms + watch.allowed_ms
                if now_ms < due_ms or since_ms == NEVER_MS:
                    continue
                if watch.yields and watch.state is None and source.is_explained(now_ms, due_ms):
                    findings += self._stale(source, now_ms)
                elif raised := self._ask(watch, watch.tick, now_ms, since_ms, excused_ms):
                    findings += (raised, *self._stale(source, now_ms))
        return findings

    def deaf(self, from_ms: int, until_ms: int) -> None:
        """From then until then we could not hear, whoever spoke: it counts for nobody's silence.

        To be called before the next tick, of each stretch in the order in which they end; what overlaps counts once.
        """
        for source in self._listened:
            self._listen(source)
            if source.deafen(from_ms, until_ms):
                self._touched[source.whole] = None

    def release(self, rule_id: str, subject: str, at_ms: int) -> list[Finding]:
        """End an alarm by a person's word, the only way for a latched one. Nothing, if it is not firing."""
        watch = self._watches.get((rule_id, subject))
        resolved = self._ask(watch, watch.release, at_ms) if watch else None
        return [resolved] if resolved else []

    def take_dirty(self) -> dict[Key, bytes | None]:
        """What has changed since the last call, to be saved; None: to be forgotten."""
        dirty: dict[Key, bytes | None] = dict.fromkeys(self._strangers)
        dirty |= {watch.key: watch.dump() for watch in self._changed}
        dirty |= {subject.key: subject.dump() for subject in self._touched}
        self._strangers = ()
        self._changed = {}
        self._touched = {}
        return dirty

    def _reading(self, reading: Reading) -> list[Finding]:
        subject = self._subjects.devices.get((reading.device_id, reading.port))
        if subject is None or reading.past:
            return []
        findings = self._heard(subject, reading.received_ms)
        newest_ms, watches, at_ms = subject.heard.newest_ms, subject.watches, reading.at_ms
        for metric, value in reading.metrics.items():
            if (listeners := watches.get(metric)) is None:
                continue
            before_ms = newest_ms.get(metric, NEVER_MS)
            if at_ms < before_ms:
                self.late += 1
                age_ms = min(before_ms, reading.received_ms) - at_ms
                findings += self._late(subject, listeners, value, at_ms, age_ms=age_ms)
                continue
            newest_ms[metric] = at_ms
            for watch in listeners:
                try:
                    if watch.state is None and watch.low < value < watch.high:
                        continue
                    if watch.late_ms is not None and watch.beyond(value):
                        subject.heard.breached_ms[watch.rule.id] = at_ms
                except TypeError as problem:
                    self._fault(watch, problem)
                    continue
                if finding := self._ask(watch, watch.value, value, at_ms, again=at_ms == before_ms):
                    findings.append(finding)
        return findings

    def _late(
        self, subject: Subject, listeners: Sequence[ValueWatch[Any]], value: Value, at_ms: int, *, age_ms: int
    ) -> list[Finding]:
        """An urgent value is not lost for being late: it raises what is idle, once, and never renews or clears."""
        breached_ms = subject.heard.breached_ms
        findings: list[Finding] = []
        for watch in listeners:
            if watch.late_ms is None or at_ms <= breached_ms.get(watch.rule.id, NEVER_MS):
                continue
            try:
                if not watch.beyond(value):
                    continue
            except TypeError as problem:
                self._fault(watch, problem)
                continue
            breached_ms[watch.rule.id] = at_ms
            if watch.state is not None or age_ms > watch.late_ms:
                continue
            if raised := self._ask(watch, watch.value, value, at_ms, again=False):
                findings.append(raised)
        return findings

    def _sighting(self, sighting: Sighting) -> list[Finding]:
        subject = self._subjects.cameras.get(sighting.camera_id)
        if subject is None:
            return []
        findings = self._heard(subject, sighting.received_ms)
        newest_ms = subject.heard.newest_ms
        if sighting.taken_ms <= newest_ms.get(_LOOK, NEVER_MS):
            self.late += sighting.taken_ms < newest_ms[_LOOK]
            return findings
        newest_ms[_LOOK] = sighting.taken_ms
        for watch in subject.source.looks:
            if finding := self._ask(watch, watch.look, sighting):
                findings.append(finding)
        return findings

    def _status(self, status: Status) -> list[Finding]:
        subjects = self._subjects
        camera = status.kind == CAMERA
        subject = subjects.cameras.get(status.device_id) if camera else subjects.devices.get((status.device_id, None))
        if subject is None or status.retain:
            return []
        if status.state is DeviceState.ONLINE:
            return self._heard(subject, status.received_ms)
        source, at_ms = subject.source, status.received_ms
        if at_ms < source.heard_ms:
            return []
        heard_ms = at_ms if source.heard_ms == NEVER_MS else source.heard_ms
        findings: list[Finding] = []
        for watch in source.silences:
            if watch.yields and watch.state is None and source.is_explained(at_ms, NEVER_MS):
                findings += self._stale(source, at_ms)
            elif raised := self._ask(watch, watch.offline, at_ms, heard_ms):
                findings += (raised, *self._stale(source, at_ms))
        return findings

    def _heard(self, subject: Subject, received_ms: int) -> list[Finding]:
        """Note that something came, and end the silence."""
        self._touched[subject] = None
        source, heard = subject.source, subject.heard
        heard.received_ms = max(heard.received_ms, received_ms)
        if received_ms <= source.heard_ms:
            return []
        if source.whole.heard.deaf_ms:
            self._touched[source.whole] = None
        if source.carried and source.has_returned(received_ms):
            self._touched |= dict.fromkeys((source.whole, *(carried.whole for carried in source.carried)))
        source.hear(received_ms)
        asked = [self._ask(watch, watch.heard, received_ms) for watch in source.silences if watch.state is not None]
        return [resolved for resolved in asked if resolved]

    def _listen(self, source: Source) -> None:
        """Remember since when we listen to what was never heard: a restart must not begin its silence anew."""
        if source.quiet_since_ms == NEVER_MS and not source.counts_once_heard:
            source.whole.heard.since_ms = self._listening_since_ms
            self._touched[source.whole] = None

    def _stale(self, source: Source, at_ms: int) -> list[Finding]:
        """What a silent device last said no longer speaks for now: its alarms are neither held nor ended."""
        asked = [self._ask(watch, watch.unheard, at_ms) for watch in source.values if watch.state is not None]
        return [stale for stale in asked if stale]

    def _ask(
        self,
        watch: Watch[Any],
        question: Callable[Asked, Finding | None],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Finding | None:
        """The watch's answer, or None if its rule failed: then it remembers what it did before."""
        before = watch.state
        try:
            finding = question(*args, **kwargs)
        except Exception as problem:  # noqa: BLE001 - whatever a rule does wrong, the other rules must speak
            watch.state = before
            self._fault(watch, problem)
            return None
        if watch.state is not before:
            self._changed[watch] = None
        return finding

    def _fault(self, watch: Watch[Any], problem: Exception) -> None:
        rule_id = watch.rule.id
        self.faults[rule_id] = self.faults.get(rule_id, 0) + 1
        if self.faults[rule_id] == 1:
            log.error("rule %s failed on %s, and counts on in silence", rule_id, watch.subject, exc_info=problem)
