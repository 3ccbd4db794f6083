"""Files of timetables: what may stand in them."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from config.schema import Duration, Hours, Strict, Words
from domain.finding import AlarmState, Severity
from domain.register import ZoneRole
from rules.timetables.calendar import FIRST_DAY, TIME

NONE = "none"


def _text(value: object) -> object:
    """What YAML takes for a number, a switch or a day, as it was written."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, int | float | date):
        return str(value)
    return value


def _minutes(value: object) -> object:
    """YAML 1.1 reads 10:30 as 630, the minutes or seconds that it makes."""
    if isinstance(value, int) and not isinstance(value, bool):
        hours, rest = divmod(value, 60)
        return f"{hours:02d}:{rest:02d}" if value < 1440 else f"{hours // 60:02d}:{hours % 60:02d}:{rest:02d}"
    return value


def _time(text: str) -> str:
    if not re.fullmatch(TIME, text):
        raise ValueError("write 08:30, or 1d 08:30 for the day after the first")
    return text


def _alarm(text: str) -> str:
    if len(text.split()) != 2:
        raise ValueError("write the rule and whom it is about: tree-tilt tree-1")
    return text


def _compact(text: str) -> str:
    words = text.split()
    known = {*map(str, Severity), *STATES}
    if text != NONE and (len(words) not in {2, 3, 4} or not known.issuperset(words[2:])):
        raise ValueError(
            "write none, or the rule, whom it is about and, if it matters, severity and state: "
            "tree-tilt tree-1 warn firing"
        )
    return text


Row = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Time = Annotated[
    str, BeforeValidator(_minutes), AfterValidator(_time), WithJsonSchema({"type": "string", "pattern": rf"^{TIME}$"})
]
STATES: tuple[str, ...] = ("pending", "firing", "recovering", "stale", "flapping")
"""Where an alarm can be without a person's word."""


def _engine_state(state: AlarmState) -> AlarmState:
    if state not in STATES:
        raise ValueError(f"there is {', '.join(STATES)}")
    return state


_State = Annotated[AlarmState, AfterValidator(_engine_state), WithJsonSchema({"enum": list(STATES)})]


class DeviceOf(Strict):
    """A device of the tests."""

    profile: str = Field(description="its model, by its name in profiles.yaml")
    baseline: dict[str, float] = Field(default={}, description="what was measured at its installation, by metric")
    ports: int = Field(default=0, ge=0, description="sockets or channels")
    gateway: str | None = Field(default=None, description="the device it is heard through")


class ZoneOf(Strict):
    """A zone of a camera of the tests."""

    role: ZoneRole
    hours: Hours | None = Field(default=None, description="outside them it is not spoken of")


def _zone_shape(value: object) -> str:
    return "whole" if isinstance(value, dict | ZoneOf) else "role"


_AnyZone = Annotated[
    Annotated[ZoneRole, Tag("role")] | Annotated[ZoneOf, Tag("whole")],
    Discriminator(_zone_shape),
]


class CameraOf(Strict):
    """A camera of the tests."""

    interval: Duration = Field(default=60.0, description="how often it is looked through")
    zones: dict[str, _AnyZone] = Field(default={}, description="by name: a role, or {role: …, hours: …}")
    duty: Hours | None = Field(default=None, description="outside them nobody looks")


class Expected(Strict):
    """An alarm that must stand, and what must be said of it. What is left out may be anything."""

    alarm: Annotated[str, AfterValidator(_alarm)] = Field(description="rule and subject: tree-tilt tree-1")
    severity: Severity | None = None
    state: _State | None = None
    since: Time | None = Field(default=None, description="when it began to hold")
    value: float | None = Field(default=None, description="the last value that was told")
    limit: float | None = Field(default=None, description="the limit that it is beyond")
    text: Words | None = Field(default=None, description="what people read, word by word")
    contains: tuple[str, ...] = Field(default=(), description="what must stand in its title or its text")

    @property
    def key(self) -> tuple[str, str]:
        """The alarm's rule and subject."""
        rule_id, subject = self.alarm.split()
        return rule_id, subject

    def __str__(self) -> str:
        """As the short form has it."""
        return " ".join(filter(None, (self.alarm, self.severity, self.state)))


def _shape(value: object) -> str:
    return "several" if isinstance(value, list | tuple) else "long" if isinstance(value, dict | Expected) else "short"


_Short = Annotated[str, AfterValidator(_compact)]
_One = Annotated[Annotated[_Short, Tag("short")] | Annotated[Expected, Tag("long")], Discriminator(_shape)]
Expectation = Annotated[
    Annotated[_Short, Tag("short")] | Annotated[Expected, Tag("long")] | Annotated[tuple[_One, ...], Tag("several")],
    Discriminator(_shape),
]
"""What is wrong with one form is not told of the others."""


class Timetable(Strict):
    """One test: what is received, and which alarms must stand at which times, and no others."""

    name: str = Field(description="what it shows, in words")
    of: tuple[str, ...] = Field(default=(), description="only these rules are judged, though all run; empty: all")
    start: Annotated[str, BeforeValidator(_text)] = Field(
        default=str(FIRST_DAY), description="when it begins: 2026-11-22 08:00, in the site's time zone"
    )
    every: Duration | None = Field(default=None, description="between two values; empty: what the profile says")
    values: dict[str, Row] = Field(default={}, description="by device or port, and metric: tree-1 tilt_deg: 1.8x5 3.4")
    looks: dict[str, Row] = Field(default={}, description="by camera: clearx3 front=bicyclex12 dark")
    events: dict[Time, str | tuple[str, ...]] = Field(
        default={},
        description="by time: cs-1 offline, cs-1 online, restart, deaf 20m, heard FEED, release RULE SUBJECT",
    )
    expect: dict[Time, Expectation] = Field(
        min_length=1, description="by time: all alarms that stand then, or none; no other may be raised in between"
    )


class Surroundings(Strict):
    """What all tests of a file have in common."""

    version: Literal[1]
    rules: tuple[Path, ...] = Field(default=(), description="rule files, relative to this one; empty: the site's")
    site: str | None = Field(
        default=None, description="a site folder relative to this file, or a shipped site; empty: none, only these"
    )
    devices: dict[str, DeviceOf] = Field(default={}, description="by device_id")
    cameras: dict[str, CameraOf] = Field(default={}, description="by camera_id")


class Items(Surroundings):
    """A file before anything is known of its tests: each of them is judged by itself."""

    tests: tuple[dict[str, object], ...] = Field(min_length=1)


class TimetableFile(Surroundings):
    """A file of tests of rules."""

    tests: tuple[Timetable, ...] = Field(min_length=1)
