"""Scenarios that read as timetables.

    08:00            tree-1 tilt_deg=3.4
    08:10            tree-1 tilt_deg=3.5                → raised tree-tilt tree-1
    08:20  at 08:05  tree-1 tilt_deg=1.8
    08:30            cs-1/2 temp_c=70 smoke=true
    08:40            cs-1 offline                       → raised charger-silent cs-1
    08:50            cam-1 healthy front: bicycle 12m, car 3m; kerb:
    08:51            cam-1 dark
    1d 09:00         tick
    1d 09:00         restart
    1d 09:10         deaf since 1d 09:00
    1d 09:10         cs-1 online retained
    1d 09:20         cs-1 temp_c=70 past
    1d 09:30         heard from longcheng

The first column is when we receive it, `at` when the device says it was. After the arrow stand all findings
of that line; without an arrow there must be none. `restart` saves what is dirty and goes on in a new engine.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from config.load import Site
from config.schema import duration_s
from domain.clock import epoch_ms
from domain.finding import Finding
from domain.reading import DeviceState, Reading, Status, Value
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.engine import Engine
from rules.files import Rule

_MIDNIGHT_MS = epoch_ms(datetime(2026, 11, 21, 16, tzinfo=UTC))  # in Asia/Shanghai
_TIME = r"(?:\d+d )?\d\d:\d\d(?::\d\d)?"
_LINE = re.compile(rf"^\s*({_TIME})\s+(?:at ({_TIME})\s+)?(.+?)\s*(?:→\s*(.+?)\s*)?$")
_BOX = (0.1, 0.1, 0.2, 0.2)


def clock_ms(text: str) -> int:
    """`1d 08:30` → epoch ms of half past eight on the second day, in Asia/Shanghai."""
    day, _, clock = text.rpartition("d ")
    hour, minute, second = [*map(int, clock.split(":")), 0][:3]
    return _MIDNIGHT_MS + ((int(day or 0) * 24 + hour) * 3600 + minute * 60 + second) * 1000


def told(finding: Finding) -> str:
    """A finding as a timetable has it: `raised tree-silent tree-1`."""
    return f"{finding.change} {finding.rule_id} {finding.subject}"


class Timetable:
    """Plays timetables to an engine, one after the other."""

    def __init__(self, rules: Sequence[Rule], site: Site, *, listening_since: str = "00:00") -> None:
        self._rules = rules
        self._site = site
        self._since_ms = clock_ms(listening_since)
        self._looks = 0
        self.saved: dict[tuple[str, str], bytes] = {}
        self.engine = self._engine()

    def play(self, table: str) -> list[Finding]:
        """Play and check it line by line; returns all findings."""
        findings: list[Finding] = []
        for line in filter(str.strip, table.splitlines()):
            found, then = self.hear(line), line.partition("→")[2]
            wanted = [part.strip() for part in then.split(";")] if then else []
            assert sorted(map(told, found)) == sorted(wanted), line
            assert not self.engine.faults, line
            findings += found
        return findings

    def hear(self, line: str) -> list[Finding]:
        """Play one line, whatever stands after its arrow; returns its findings."""
        match = _LINE.match(line)
        assert match, f"not a line of a timetable: {line!r}"
        received, at, what, _ = match.groups()
        return self._play(clock_ms(received), clock_ms(at or received), what)

    def restart(self) -> None:
        """As after a crash: only what was saved is known."""
        for key, state in self.engine.take_dirty().items():
            if state is None:
                self.saved.pop(key, None)
            else:
                self.saved[key] = state
        self.engine = self._engine()

    def _engine(self) -> Engine:
        return Engine(self._rules, self._site, saved=self.saved, listening_since_ms=self._since_ms)

    def _play(self, received_ms: int, at_ms: int, what: str) -> list[Finding]:
        if what == "restart":
            self.restart()
            return []
        if what == "tick":
            return self.engine.tick(received_ms)
        if what.startswith("deaf since "):
            self.engine.deaf(clock_ms(what.removeprefix("deaf since ")), received_ms)
            return []
        if what.startswith("heard from "):
            return self.engine.overheard(what.removeprefix("heard from "), received_ms)
        subject, _, said = what.partition(" ")
        if subject in self._site.cameras:
            return self.engine.observe(self._sighting(subject, said, received_ms, at_ms))
        return self.engine.observe(self._word(subject, said, received_ms, at_ms))

    def _word(self, subject: str, said: str, received_ms: int, at_ms: int) -> Reading | Status:
        """What a device, or one of its ports, says."""
        device_id, _, port = subject.partition("/")
        kind = self._site.devices[device_id].kind
        words = said.split()
        told = words[-1] if words[-1] in ("past", "retained") else ""
        if words[0] in list(DeviceState):
            return Status(
                kind=kind,
                device_id=device_id,
                state=DeviceState(words[0]),
                received_ms=received_ms,
                retain=told == "retained",
            )
        return Reading(
            kind=kind,
            device_id=device_id,
            port=int(port) if port else None,
            at_ms=at_ms,
            received_ms=received_ms,
            metrics={name: _value(text) for name, _, text in (word.partition("=") for word in words if "=" in word)},
            past=told == "past",
        )

    def _sighting(self, camera_id: str, said: str, received_ms: int, taken_ms: int) -> Sighting:
        self._looks += 1
        view, _, zones = said.partition(" ")
        return Sighting(
            camera_id=camera_id,
            look_id=f"look-{self._looks}",
            taken_ms=taken_ms,
            received_ms=received_ms,
            view=ViewHealth(view),
            zones=tuple(_zone(part) for part in zones.split(";") if part),
            picture=f"{camera_id}/look-{self._looks}",
        )


def _value(text: str) -> Value:
    return text == "true" if text in {"true", "false"} else float(text)


def _zone(text: str) -> ZoneSighting:
    """`front: bicycle 12m, car 3m` → a zone with two things in it; `front:` → a clear zone."""
    zone, _, things = text.strip().partition(":")
    pairs = [thing.split() for thing in things.split(",") if thing.strip()]
    return ZoneSighting(
        zone=zone,
        objects=tuple(
            SeenObject(label=label, score=0.8, box=_BOX, overlap=1.0, stay_s=duration_s(stay), looks=3)
            for label, stay in pairs
        ),
    )
