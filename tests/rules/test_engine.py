"""What the engine does around the rules."""

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from pydantic import PrivateAttr

from config.load import Site
from config.schema import Words
from domain.case import Alarm
from domain.finding import AlarmState, Finding, Severity
from domain.reading import DeviceState, Reading, Status
from domain.sighting import Sighting, ViewHealth
from rules.engine import Engine
from rules.files import load_rules
from rules.rule import ForEach, Kind, Rule
from rules.watch import LookWatch
from rules.window import Looks
from tests.rules.city import rules_from, shipped, small_city
from tests.rules.timetable import Timetable, clock_ms, told

HOT = "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 55}"
SMOKE = "id: burning\nkind: threshold\nfor_each: {kind: charger}\nmetric: smoke\nraise: {equals: true}"


def _reading(at: str, metrics: dict[str, float | int | bool], device_id: str = "cs-1") -> Reading:
    at_ms = clock_ms(at)
    return Reading(kind="charger", device_id=device_id, at_ms=at_ms, received_ms=at_ms, metrics=metrics)


def test_a_rule_that_fails_does_not_stop_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A value of the wrong type fails its own rule: counted each time, logged once, everyone else speaks."""
    site = small_city()
    engine = Engine(rules_from(tmp_path, site, HOT, SMOKE), site, saved={}, listening_since_ms=0)
    words = msgspec.convert({"temp_c": "warm", "smoke": True}, dict[str, object])
    for minute in (1, 2):
        wrong = msgspec.structs.replace(_reading(f"08:0{minute}", {}), metrics=words)
        found = engine.observe(wrong)
        assert [told(step) for step in found] == (["raised burning cs-1"] if minute == 1 else ["renewed burning cs-1"])
    assert engine.faults == {"hot": 2}
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "rule hot failed on cs-1, and counts on in silence"
    ]


class _Brittle(Kind):
    """A kind that changes its mind and then breaks, as a new one might."""

    _made: list["_BrittleWatch"] = PrivateAttr(default=[])

    def watches(self, rule: Rule, site: Site) -> Sequence["_BrittleWatch"]:
        self._made.extend(_BrittleWatch(rule, camera_id) for camera_id in site.cameras)
        return self._made

    @property
    def made(self) -> Sequence["_BrittleWatch"]:
        return self._made


class _BrittleWatch(LookWatch[Looks]):
    remembers = Looks

    def look(self, sighting: Sighting) -> Finding | None:
        before = self.state
        self.state = Looks(state=AlarmState.FIRING, since_ms=0, seen_ms=sighting.taken_ms)
        if before is not None:
            raise ZeroDivisionError
        return None

    @property
    def standing(self) -> bool:
        return False

    def release(self, at_ms: int) -> Finding | None:
        raise ZeroDivisionError(at_ms)

    def adopt(self, alarm: Alarm) -> None:
        raise ZeroDivisionError(alarm)


def test_a_rule_that_fails_remembers_what_it_did_before() -> None:
    """A failure halfway leaves no half state behind, neither in memory nor saved."""
    site = small_city()
    spec = _Brittle(
        id="brittle",
        title=Words(zh="脆", en="brittle"),
        kind="brittle",
        for_each=ForEach(kind="camera"),
        severity=Severity.WARN,
    )
    engine = Engine([Rule(spec, Path("x.yaml"), 0, {}, "1")], site, saved={}, listening_since_ms=0)
    look = Sighting(camera_id="cam-1", look_id="a", taken_ms=1, received_ms=1, view=ViewHealth.HEALTHY)
    engine.observe(look)
    first = engine.take_dirty()["brittle", "cam-1"]
    assert first is not None
    engine.observe(msgspec.structs.replace(look, taken_ms=2, received_ms=2))
    assert engine.release("brittle", "cam-1", 3) == []
    assert ("brittle", "cam-1") not in engine.take_dirty()
    assert engine.faults == {"brittle": 2}
    assert spec.made[0].dump() == first


def test_strangers_are_not_heard() -> None:
    """What the registers do not have leads to nothing and leaves nothing behind."""
    site = small_city()
    engine = Engine(load_rules(shipped(), site), site, saved={}, listening_since_ms=0)
    engine.take_dirty()
    assert engine.observe(_reading("08:00", {"temp_c": 90}, "cs-9")) == []
    assert engine.observe(Status(kind="charger", device_id="cs-9", state=DeviceState.OFFLINE, received_ms=1)) == []
    assert engine.observe(Status(kind="camera", device_id="cs-1", state=DeviceState.OFFLINE, received_ms=1)) == []
    look = Sighting(camera_id="cam-9", look_id="x", taken_ms=1, received_ms=1, view=ViewHealth.DARK)
    assert engine.observe(look) == []
    assert engine.release("no-such-rule", "cs-1", 1) == []
    assert engine.take_dirty() == {}


def test_only_what_changed_is_dirty_and_what_ended_is_forgotten(tmp_path: Path) -> None:
    """A quiet reading changes only what was last heard; an alarm is forgotten once it can no longer be flapping."""
    site = small_city()
    engine = Engine(rules_from(tmp_path, site, HOT), site, saved={}, listening_since_ms=0)
    heard = ("@heard", "charger/cs-1")
    engine.observe(_reading("08:00", {"temp_c": 20}))
    assert engine.take_dirty().keys() == {heard}
    assert engine.take_dirty() == {}
    engine.observe(_reading("08:01", {"temp_c": 60}))
    assert engine.take_dirty().keys() == {heard, ("hot", "cs-1"), ("hot", "@overflow")}
    engine.observe(_reading("08:02", {"temp_c": 20}))
    assert engine.take_dirty().keys() == {heard, ("hot", "cs-1")}
    engine.observe(_reading("08:03", {"temp_c": 20}))
    engine.take_dirty()
    engine.observe(_reading("08:04", {"temp_c": 20}))
    assert engine.take_dirty().keys() == {heard}
    engine.observe(_reading("09:03", {"temp_c": 20}))
    engine.observe(_reading("09:04", {"temp_c": 20}))
    engine.tick(clock_ms("09:04"))
    dirty = engine.take_dirty()
    assert dirty["hot", "cs-1"] is dirty["hot", "@overflow"] is None


def test_states_without_a_use_are_forgotten_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A rule or device that was taken away, or a state of another make, is named in the log and never kept."""
    site = small_city()
    saved = {("gone", "cs-1"): b"{}", ("hot", "cs-1"): b"\xff", ("@heard", "tree/felled"): b"{}"}
    engine = Engine(rules_from(tmp_path, site, HOT), site, saved=saved, listening_since_ms=0)
    assert engine.take_dirty() == dict.fromkeys(saved)
    assert "gone of cs-1, hot of cs-1, @heard of tree/felled" in caplog.text


def test_a_rule_given_new_limits_keeps_its_alarms(tmp_path: Path) -> None:
    """A state belongs to a rule's id: after the limit was moved, the next value is judged by the new one."""
    site = small_city()
    old = Timetable(rules_from(tmp_path, site, HOT), site)
    old.play("08:00:00  cs-1 temp_c=60  → raised hot cs-1")
    old.restart()
    new = Timetable(rules_from(tmp_path, site, HOT.replace("55", "70")), site)
    new.saved = old.saved
    new.restart()
    new.play("08:00:30  cs-1 temp_c=60  → resolved hot cs-1")
