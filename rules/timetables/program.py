"""A timetable as it was written, made into what the engine is given and when."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.load import Site
from config.mistakes import near, together
from config.schema import NATIVE, duration_s
from config.source import Loc
from domain.errors import ConfigError
from domain.reading import DeviceState, Reading, Status, Value
from domain.register import Camera, Device
from rules.rule import CAMERA
from rules.timetables.calendar import FIRST_DAY, Calendar, calendar_of
from rules.timetables.file import Timetable
from rules.timetables.looks import Look, looks_of, sightings
from rules.timetables.play import Act, Due, Stage, Turn, looked_up, observed, ticks
from rules.timetables.row import Row
from rules.timetables.values import values_of

_Moment = tuple[str, int | None, int, int]
"""Device, port, and when its reading was taken and received."""
_EVENTS = "cs-1 offline, cs-1 online, restart, deaf 20m, heard FEED, release RULE SUBJECT"


@dataclass(frozen=True, slots=True)
class Program:
    """What is to be done, in any order; `asked_ms` are the times of `expect`, as written there."""

    calendar: Calendar
    dues: Sequence[Due]
    asked_ms: Mapping[str, int]


class Programmer:
    """Reads one timetable of a file; `index` says which."""

    def __init__(self, test: Timetable, site: Site, path: Path, lines: Mapping[Loc, int], index: int) -> None:
        self._test = test
        self._site = site
        self._path = path
        self._lines = lines
        self._at: Loc = ("tests", index)
        self._problems: list[ConfigError] = []
        self._deaf_ms: list[tuple[int, int]] = []
        """When nobody listens: then there is no tick either."""

    def program(self) -> Program:
        """Everything that is done, with a tick in every minute and whenever somebody looks.

        Raises ConfigErrors, with file and line, for all that the site doesn't have and that can't be read.
        """
        calendar = calendar_of(str(FIRST_DAY), self._site.timezone)
        with self._line("start"):
            calendar = calendar_of(self._test.start, self._site.timezone)
        dues = [*self._values(calendar), *self._looks(calendar), *self._events(calendar)]
        asked_ms = {text: calendar.at_ms(text) for text in self._test.expect}
        for text, at_ms in asked_ms.items():
            with self._line("expect", text):
                _not_before(calendar, at_ms)
        if self._problems:
            raise together(self._problems)
        until_ms = max([due.at_ms for due in dues] + list(asked_ms.values()))
        times_ms = {*calendar.minutes(until_ms), *asked_ms.values()}
        dues += ticks(at_ms for at_ms in times_ms if not any(since < at_ms < until for since, until in self._deaf_ms))
        dues += map(looked_up, asked_ms.values())
        return Program(calendar, dues, asked_ms)

    def _values(self, calendar: Calendar) -> Iterator[Due]:
        heard: dict[_Moment, dict[str, Value]] = {}
        for name, text in self._test.values.items():
            with self._line("values", name):
                device, port, metric = self._whose(name)
                every_s = self._test.every or self._site.profiles[device.profile].interval
                kind = self._site.metrics[metric]
                row: Row[Value] = Row(calendar, every_s)
                row.read(text, partial(values_of, metric=kind))
                for step in row.steps:
                    moment = (device.device_id, port, step.at_ms, step.received_ms)
                    heard.setdefault(moment, {})[metric] = step.said
                yield from _restarts(row.restarts_ms)
        for place, ((device_id, port, at_ms, received_ms), metrics) in enumerate(heard.items()):
            reading = Reading(
                kind=self._site.devices[device_id].kind,
                device_id=device_id,
                port=port,
                at_ms=at_ms,
                received_ms=received_ms,
                metrics=metrics,
            )
            yield Due(received_ms, Turn.LATE if received_ms > at_ms else Turn.VALUE, place, observed(reading))

    def _whose(self, name: str) -> tuple[Device, int | None, str]:
        """`cs-1/2 temp_c` → the device, the port, the metric. Raises ValueError if there is none such."""
        subject, _, metric = name.partition(" ")
        device_id, slash, port = subject.partition("/")
        device = self._device(device_id)
        if slash and port not in {str(number) for number in range(1, device.ports + 1)}:
            raise ValueError(f"values has {subject!r}; {device_id} has {device.ports} ports")
        sent = self._site.profiles[device.profile].metrics
        if metric not in sent:
            raise ValueError(
                f"values has {name!r}; write {subject} and one of what a {device.profile} sends: {', '.join(sent)}"
            )
        return device, int(port) if slash else None, metric

    def _device(self, device_id: str) -> Device:
        if (device := self._site.devices.get(device_id)) is None:
            raise ValueError(f"there is no device {device_id!r}{near(device_id, self._site.devices)}")
        return device

    def _camera(self, camera_id: str) -> Camera:
        if (camera := self._site.cameras.get(camera_id)) is None:
            raise ValueError(f"there is no camera {camera_id!r}{near(camera_id, self._site.cameras)}")
        return camera

    def _looks(self, calendar: Calendar) -> Iterator[Due]:
        for name, text in self._test.looks.items():
            with self._line("looks", name):
                camera = self._camera(name)
                row: Row[Look] = Row(calendar, self._test.every or camera.interval_s)
                row.read(text, partial(looks_of, camera=camera))
                for place, look in enumerate(sightings(camera, row.steps)):
                    turn = Turn.LATE if look.received_ms > look.taken_ms else Turn.VALUE
                    yield Due(look.received_ms, turn, place, observed(look))
                yield from _restarts(row.restarts_ms)

    def _events(self, calendar: Calendar) -> Iterator[Due]:
        for time, said in self._test.events.items():
            at_ms = calendar.at_ms(time)
            for place, text in enumerate((said,) if isinstance(said, str) else said):
                with self._line("events", time, place):
                    _not_before(calendar, at_ms)
                    words = text.split()
                    if words[0] == "deaf":
                        yield self._deaf(words, at_ms)
                    else:
                        yield Due(at_ms, Turn.EVENT, place, self._event(words, at_ms))

    def _deaf(self, words: list[str], at_ms: int) -> Due:
        until_ms = at_ms + round(duration_s(words[-1]) * 1000)
        self._deaf_ms.append((at_ms, until_ms))
        return Due(until_ms, Turn.EVENT, 0, lambda stage: stage.engine.deaf(at_ms, until_ms))

    def _event(self, words: list[str], at_ms: int) -> Act:
        match words:
            case ["restart"]:
                return Stage.restart
            case ["heard", feed]:
                feeds = (NATIVE, *self._site.settings.ingest.feeds)
                if feed not in feeds:
                    raise ValueError(f"there is no feed {feed!r}; there is {', '.join(feeds)}")
                return lambda stage: stage.hear(stage.engine.overheard(feed, at_ms))
            case ["release", rule_id, subject]:
                return lambda stage: stage.hear(stage.engine.release(rule_id, subject, at_ms))
            case [name, ("online" | "offline") as state]:
                return observed(self._status(name, DeviceState(state), at_ms))
        raise ValueError(f"{' '.join(words)!r} is no event; write {_EVENTS}")

    def _status(self, name: str, state: DeviceState, at_ms: int) -> Status:
        kind = CAMERA if name in self._site.cameras else self._device(name).kind
        return Status(kind=kind, device_id=name, state=state, received_ms=at_ms)

    @contextmanager
    def _line(self, *keys: int | str) -> Iterator[None]:
        """What goes wrong in here is told with the line of this key, and the rest is read all the same."""
        try:
            yield
        except ValueError as wrong:
            loc = (*self._at, *keys)
            line = self._lines.get(loc) or self._lines.get(loc[:-1]) or self._lines[self._at]
            problem = f"test {self._test.name!r}: {wrong}"
            self._problems.append(ConfigError(problem, path=self._path, line=line))


def _restarts(times_ms: Sequence[int]) -> Iterator[Due]:
    for at_ms in times_ms:
        yield Due(at_ms, Turn.EVENT, 0, Stage.restart)


def _not_before(calendar: Calendar, at_ms: int) -> None:
    if at_ms < calendar.start_ms:
        raise ValueError(f"{calendar.text(at_ms)} is before its start, {calendar.text(calendar.start_ms)}")
