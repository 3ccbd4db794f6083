"""Devices and rules of those who are held to sub-districts: they see theirs, what is for the city is refused."""

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from console.desk.devices import DeviceDesk, LimitLine
from console.desk.rule_tests import RuleTests, RunningTests
from console.desk.rules import ReplayKept, ReplayNote, ReplayRun, RuleDesk, RulesInForce
from console.explained import AboutAlarm, AboutSubject
from domain.case import Alarm, Case
from domain.errors import OrderRefused
from domain.firing import Fired, Firing, Judged, Standing
from domain.reading import Value
from domain.register import Device

At = Callable[[str, str | None], bool]
"""Whether a device, or the shop that answers for it, is theirs."""
_EVERY = 10_000


class ScopedDevices:
    """Fits `console.desk.devices.DeviceDesk`."""

    def __init__(self, devices: DeviceDesk, at: At, has_alarm: Callable[[Alarm], bool]) -> None:
        self._devices, self._at, self._has_alarm = devices, at, has_alarm

    def newest(self, devices: Sequence[Device]) -> Mapping[str, Mapping[str, tuple[int, Value]]]:
        """Of theirs."""
        return self._devices.newest([one for one in devices if self._at(one.device_id, None)])

    def alarms_of(
        self, device_id: str, *, from_ms: int | None = None, to_ms: int | None = None, limit: int
    ) -> Sequence[Alarm]:
        """Of one of theirs; of any other none."""
        if not self._at(device_id, None):
            return []
        return self._devices.alarms_of(device_id, from_ms=from_ms, to_ms=to_ms, limit=limit)

    def cases_of(self, device_id: str, *, limit: int) -> Sequence[Case]:
        """Of one of theirs; of any other none."""
        return self._devices.cases_of(device_id, limit=limit) if self._at(device_id, None) else []

    def limits(self, device_id: str, port: int | None, metric: str, *, from_ms: int, to_ms: int) -> Sequence[LimitLine]:
        """Of one of theirs; of any other none."""
        if not self._at(device_id, None):
            return []
        return self._devices.limits(device_id, port, metric, from_ms=from_ms, to_ms=to_ms)

    def explain(self, subject: str) -> AboutSubject:
        """One of theirs."""
        if not self._at(subject.partition("/")[0], None):
            raise OrderRefused(f"there is no {subject!r}", "missing")
        return self._devices.explain(subject)

    def explain_alarm(self, alarm_id: int) -> AboutAlarm:
        """One of theirs."""
        found = self._devices.explain_alarm(alarm_id)
        if found.alarm is None or not self._has_alarm(found.alarm):
            raise OrderRefused(f"there is no alarm {alarm_id}", "missing")
        return found


class ScopedRules:
    """Fits `console.desk.rules.RuleDesk`. Rules are the city's; what they led to is counted of their places alone."""

    def __init__(self, rules: RuleDesk, at: At, has_alarm: Callable[[Alarm], bool]) -> None:
        self._rules, self._at, self._has_alarm = rules, at, has_alarm

    def in_force(self) -> RulesInForce:
        """The city's."""
        return self._rules.in_force()

    def written(self, rule_id: str) -> str | None:
        """The city's; its overrides name devices, so it is not for them."""
        del rule_id
        return None

    def firings(self, *, days: int, rule_id: str | None = None, by_place: bool = False) -> Sequence[Firing]:
        """Over theirs, always by place: whoever adds them up need not know."""
        del by_place
        found = self._rules.firings(days=days, rule_id=rule_id, by_place=True)
        return [one for one in found if self._at(one.device_id, one.shop_id)]

    def standing(self, *, by_place: bool = False) -> Sequence[Standing]:
        """Over theirs, always by place."""
        del by_place
        return [one for one in self._rules.standing(by_place=True) if self._at(one.device_id, one.shop_id)]

    def fired(self, rule_id: str, *, days: int, limit: int) -> Sequence[Fired]:
        """Theirs."""
        found = self._rules.fired(rule_id, days=days, limit=_EVERY)
        return [one for one in found if self._at(one.device_id, one.shop_id)][:limit]

    def judged(self, *, days: int) -> Sequence[Judged]:
        """The city's: a rule is as right everywhere."""
        return self._rules.judged(days=days)

    def alarms(self, rule_id: str, *, before_id: int | None = None, limit: int) -> Sequence[Alarm]:
        """Theirs."""
        found = self._rules.alarms(rule_id, before_id=before_id, limit=_EVERY)
        return [one for one in found if self._has_alarm(one)][:limit]

    def replays(self) -> Sequence[ReplayNote]:
        """None: they tell of the whole city."""
        return []

    def replay(self, replay_id: str) -> ReplayKept | None:
        """None."""
        del replay_id
        return None

    def running(self) -> ReplayRun | None:
        """None."""
        return None

    def start_replay(self, rule_id: str, *, days: int, written: str, who: str) -> ReplayRun:  # noqa: ARG002
        """Refused."""
        raise OrderRefused(_CITY, key="whole_city")

    def stop_replay(self) -> None:
        """Refused."""
        raise OrderRefused(_CITY, key="whole_city")

    def tests(self) -> RuleTests:
        """Whether a rule does what its author meant is the city's; what a test says may name devices of others."""
        found = self._rules.tests()
        last = found.last and replace(found.last, failures=())
        running = found.running and replace(found.running, problem="")
        return replace(found, last=last, running=running, problem="")

    def start_tests(self, who: str) -> RunningTests:  # noqa: ARG002
        """Refused."""
        raise OrderRefused(_CITY, key="whole_city")

    def stop_tests(self) -> None:
        """Refused."""
        raise OrderRefused(_CITY, key="whole_city")


_CITY = "this is for the whole city, and who asks is held to some of its sub-districts"
