"""Answers what the console asks about devices: from the case store, the series store and the rules in force."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from app.explaining import Explaining
from app.limit_lines import limit_lines
from app.rules_history.one_device import observations_of
from app.rules_history.points import Observation
from config.load import Site
from console.desk.devices import LimitLine
from console.explained import AboutAlarm, AboutSubject
from domain.case import Alarm, Case, LogEntry
from domain.clock import Clock
from domain.errors import ConfigError, OrderRefused, StoreRefused, StoreUnavailable
from domain.reading import Value
from domain.register import Device
from rules.rule import Rule
from storage.case_store import CaseStore
from storage.series.store import SeriesStore

Newest = Mapping[str, tuple[int, Value]]
_FRESH_S: Final = 5.0
"""So long the newest values of a device are not asked for again."""
_AT_ONCE: Final = 8
"""Questions to a series server under way at the same time."""
_MOST_KEPT: Final = 5000
_DAY_MS: Final = 86_400_000


class Devices:
    """Fits `console.desk.devices.DeviceDesk`."""

    def __init__(
        self,
        *,
        store: CaseStore,
        series: SeriesStore,
        in_force: Callable[[], tuple[Sequence[Rule], Site]],
        clock: Clock,
    ) -> None:
        """`in_force` says by which rules, and by what of the site, is judged now."""
        self._store, self._series, self._in_force, self._clock = store, series, in_force, clock
        self._known: dict[str, tuple[float, Newest]] = {}
        self._asking = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="newest")

    def newest(self, devices: Sequence[Device]) -> Mapping[str, Newest]:
        """Remembered for some seconds; several at once."""
        stale_s = time.monotonic() - _FRESH_S
        due = [one for one in devices if self._known.get(one.device_id, (0.0,))[0] < stale_s]
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        for device, found in zip(due, self._asking.map(self._ask, due), strict=True):
            if found is not None:
                self._known[device.device_id] = (time.monotonic(), found)
        return {one.device_id: self._known[one.device_id][1] for one in devices if one.device_id in self._known}

    def _ask(self, device: Device) -> Newest | None:
        try:
            return self._series.latest(device.kind, {"device_id": device.device_id})
        except (StoreUnavailable, StoreRefused):
            return None

    def alarms_of(
        self, device_id: str, *, from_ms: int | None = None, to_ms: int | None = None, limit: int
    ) -> Sequence[Alarm]:
        """From the case store."""
        return self._store.alarms_of(device_id=device_id, from_ms=from_ms, to_ms=to_ms, limit=limit)

    def cases_of(self, device_id: str, *, limit: int) -> Sequence[Case]:
        """From the case store."""
        return self._store.cases_of(device_id, limit=limit)

    def limits(self, device_id: str, port: int | None, metric: str, *, from_ms: int, to_ms: int) -> Sequence[LimitLine]:
        """By the rules in force."""
        rules, site = self._in_force()
        device = site.devices.get(device_id)
        return limit_lines(rules, site, (device, port), metric, stretch=(from_ms, to_ms)) if device else []

    def explain(self, subject: str) -> AboutSubject:
        """As `longcheng rules explain` does. Raises OrderRefused."""
        try:
            return self._explaining().subject(subject)
        except ConfigError as wrong:
            raise OrderRefused(str(wrong), "missing") from None

    def explain_alarm(self, alarm_id: int) -> AboutAlarm:
        """As `longcheng rules explain` does. Raises OrderRefused."""
        alarm = self._store.alarm(alarm_id)
        if alarm is None:
            raise OrderRefused(f"there is no alarm {alarm_id}", "missing")
        return self._explaining().alarm((alarm.rule_id, alarm.subject), alarm)

    def _explaining(self) -> Explaining:
        rules, site = self._in_force()
        now_ms = self._clock.now_ms()

        def said(name: str, start_ms: int, stop_ms: int) -> Sequence[Observation]:
            return observations_of(self._series, site, name, start_ms, stop_ms)

        def newest(what: str) -> Newest:
            device_id, _, port = what.partition("/")
            device = site.devices.get(device_id)
            return {} if device is None else self._of_part(device, port, now_ms)

        return Explaining(site=site, rules=rules, kept=_Kept(self._store), said=said, newest=newest, now_ms=now_ms)

    def _of_part(self, device: Device, port: str, now_ms: int) -> Newest:
        """The newest values of a port, or of the device itself, of the last day: what its ports said is not its own."""
        tags = {"device_id": device.device_id, **({"port": port} if port else {})}
        found = self._series.latest(device.kind, tags)
        if not port and device.ports:
            of_ports = [
                self._series.latest(device.kind, {"device_id": device.device_id, "port": str(number)})
                for number in range(1, device.ports + 1)
            ]
            found = {name: told for name, told in found.items() if not any(one.get(name) == told for one in of_ports)}
        return {name: told for name, told in found.items() if told[0] > now_ms - _DAY_MS}


class _Kept:
    """The case store, as explanations ask it."""

    def __init__(self, store: CaseStore) -> None:
        self._store = store
        self.states_of = store.states_of
        self.newest_alarm = store.newest_alarm

    def story_of(self, alarm: Alarm) -> Sequence[LogEntry]:
        """As it was written."""
        return self._store.log(alarm_id=alarm.id)
