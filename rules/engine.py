"""Observations in, findings out.

Evaluates in event time: what comes out depends on what was heard, in which order, and on ticks; never on when it is
computed. All that is remembered can be taken out, and put back into another engine, at any point.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from config.load import Site
from domain.case import Alarm
from domain.finding import AlarmState, Change, Finding
from domain.reading import DeviceState, Reading, Status
from domain.sighting import Sighting
from rules.derived import LOOK, Derivations
from rules.gate import gates_of
from rules.listening import Listening
from rules.memory import adopt, restore
from rules.overflow import Flood
from rules.round import Round
from rules.rule import CAMERA, Rule
from rules.subjects import NEVER_MS, Subjects
from rules.values import Values
from rules.watch import Key
from rules.watches import Watches


def _as_it_is(finding: Finding, _rule: Rule) -> Finding:
    return finding


class Engine:
    """Every rule over every subject of a site. One rule that fails never stops the others."""

    def __init__(
        self,
        rules: Sequence[Rule],
        site: Site,
        *,
        saved: Mapping[Key, bytes],
        listening_since_ms: int,
        tell: Callable[[Finding, Rule], Finding] = _as_it_is,
        standing: Mapping[Key, Alarm] | None = None,
    ) -> None:
        """`saved`: all that `take_dirty` gave so far. `tell` gives findings their words.

        `standing`: the alarms that people know to be open. One that nothing is remembered of, because its rule was gone
        or was another kind of rule, is taken up as the rule's own.

        Of what was never heard at all, silence before `listening_since_ms` does not count. Raises ConfigError for rules
        that conclude from each other in a circle.
        """
        self._subjects = Subjects(site)
        self._watches = Watches()
        for rule in rules:
            for watch in rule.spec.watches(rule, site):
                self._watches.add(watch)
                self._subjects.add(watch)
        gates = gates_of(rules, site, self._watches.values())
        self._floods: dict[Key, Flood] = {gate.flood.key: gate.flood for gate in gates.values() if gate.flood}
        self._derivations = Derivations(self._watches, self._subjects)
        self._round = Round(gates, self._derivations, tell)
        self._listening = Listening(self._subjects, self._round, self._derivations, since_ms=listening_since_ms)
        self._values = Values(self._round, self._derivations, self._listening.touched)
        self._orders = [source.order for source in self._subjects.sources if source.order]
        self._late_looks = 0
        everyone = {subject.key: subject for subject in self._subjects}
        standing = standing or {}
        self._strangers = restore({**self._watches, **everyone, **self._floods}, saved, standing)
        self._kept = saved.keys() & standing.keys()
        self._round.changed |= dict.fromkeys(adopt(self._watches, self._floods, standing))
        self._round.take_up(self._watches.values())
        self._derivations.take_up()
        for order in self._orders:
            order.take_up()

    @property
    def late(self) -> int:
        """Values and looks that came after newer ones; they clear nothing, and raise only what is urgent."""
        return self._values.late + self._late_looks

    @property
    def faults(self) -> Mapping[str, int]:
        """How often each rule failed."""
        return self._round.faults

    def observe(self, observation: Reading | Sighting | Status) -> list[Finding]:
        """What one observation leads to. Observed again, it leads to nothing more."""
        if isinstance(observation, Reading):
            return self._reading(observation)
        if isinstance(observation, Sighting):
            return self._sighting(observation)
        return self._status(observation)

    def overheard(self, feed: str, received_ms: int) -> list[Finding]:
        """That a message came from a feed, whatever it says and of whomever; never one that the broker had kept."""
        self._listening.overheard(feed, received_ms)
        return self._round.settle()

    def tick(self, now_ms: int) -> list[Finding]:
        """What silence and waiting lead to. Only to be called when everything received has been observed."""
        findings: list[Finding] = []
        for order in self._orders:
            findings += self._values.give_out(order.expired(now_ms))
        self._listening.tick(now_ms)
        self._derivations.tick(now_ms)
        findings += self._round.settle()
        return findings + self._round.let_out(now_ms)

    def deaf(self, from_ms: int, until_ms: int) -> None:
        """From then until then we could not hear, whoever spoke: it counts for nobody's silence.

        To be called before the next tick, of each stretch in the order in which they end; what overlaps counts once.
        """
        self._listening.deaf(from_ms, until_ms)

    def release(self, rule_id: str, subject: str, at_ms: int) -> list[Finding]:
        """End an alarm by a person's word, the only way for a latched one. Nothing, if it is not firing."""
        self._listening.look_again()
        if flood := self._floods.get((rule_id, subject)):
            return self._round.release_flood(flood, at_ms)
        watch = self._watches.get((rule_id, subject))
        if watch is None:
            if (rule_id, subject) in self._kept:  # it is not to stand again when its rule comes back
                self._strangers = (*self._strangers, (rule_id, subject))
            return []
        return self._round.release(watch, at_ms)

    def knows(self, rule_id: str, subject: str) -> bool:
        """Whether a rule holds this alarm for open, so that it can end by itself."""
        flood, watch = self._floods.get((rule_id, subject)), self._watches.get((rule_id, subject))
        if flood is not None:
            return flood.since_ms is not None
        return watch is not None and (watch.standing or self._round.flaps(watch))

    def states(self) -> Iterator[tuple[str, str, AlarmState, int]]:
        """Rule, subject, where the alarm is in its life and since when, of everything that is not quiet."""
        for watch in self._watches.values():
            told = None if watch.memory is None else watch.memory.told
            if told is not None and told.flapping is not None:
                shown = AlarmState.STALE if told.flapping.change is Change.STALE else AlarmState.FLAPPING
                yield *watch.key, shown, told.turns[0] if told.turns else told.flapping.since_ms
            elif (state := watch.alarm) is not None and (since_ms := watch.since_ms) is not None:
                yield *watch.key, AlarmState.PENDING if told is not None and told.held else state, since_ms
        for key, flood in self._floods.items():
            if flood.since_ms is not None:
                yield *key, AlarmState.FIRING, flood.since_ms

    def take_dirty(self) -> dict[Key, bytes | None]:
        """What has changed since the last call, to be saved; None: to be forgotten."""
        dirty: dict[Key, bytes | None] = dict.fromkeys(self._strangers)
        dirty |= {watch.key: watch.dump() for watch in self._round.changed}
        dirty |= {subject.key: subject.dump() for subject in self._listening.touched}
        self._strangers = ()
        self._round.changed.clear()
        self._listening.touched.clear()
        return dirty

    def _reading(self, reading: Reading) -> list[Finding]:
        subject = self._subjects.devices.get((reading.device_id, reading.port))
        if subject is None or reading.past:
            return []
        self._listening.heard(subject, reading.received_ms)
        return self._values.hear(subject, reading)

    def _sighting(self, sighting: Sighting) -> list[Finding]:
        subject = self._subjects.cameras.get(sighting.camera_id)
        if subject is None:
            return []
        self._listening.heard(subject, sighting.received_ms)
        newest_ms, taken_ms = subject.heard.newest_ms, sighting.taken_ms
        before_ms = newest_ms.get(LOOK, NEVER_MS)
        if taken_ms > before_ms:
            newest_ms[LOOK] = taken_ms
            for watch in subject.source.looks:
                self._round.ask(watch, taken_ms, watch.look, sighting)
        else:
            self._late_looks += taken_ms < before_ms
        return self._round.settle()

    def _status(self, status: Status) -> list[Finding]:
        subjects = self._subjects
        camera = status.kind == CAMERA
        subject = subjects.cameras.get(status.device_id) if camera else subjects.devices.get((status.device_id, None))
        if subject is None or status.retain:
            return []
        if status.state is DeviceState.ONLINE:
            self._listening.heard(subject, status.received_ms)
        else:
            self._listening.gone(subject, status.received_ms)
        return self._round.settle()
