"""The series stores of a story: the settings that lead there, and everything that is in them, read past the product."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from config.schema import Series
from domain.clock import SystemClock
from domain.point import Point
from domain.reading import Value
from storage.series.open import open_store
from tests.fakes.influx import FakeInflux
from tests.fakes.victoria import Victoria
from tests.scenario.readings import Key

_DAY_MS = 86_400_000
_BATCH_WAIT = "200ms"

Held = list[tuple[Key, Value]]
"""Whatever is stored; a key that is stored twice is there twice."""


class Store(Protocol):
    """Where the readings of a story end."""

    def section(self) -> dict[str, object]:
        """`series` of site.yaml."""
        ...

    def held(self) -> Held:
        """Everything that is stored."""
        ...


class Embedded:
    """The file in the data folder."""

    def __init__(self, data: Path) -> None:
        self._path = data / "series.db"

    def section(self) -> dict[str, object]:
        """Nothing says: embedded."""
        return {"batch_wait": _BATCH_WAIT}

    def held(self) -> Held:
        """Read beside the product, from the same file."""
        return _held(Series(), self._path) if self._path.exists() else []


class OfVictoria:
    """A real VictoriaMetrics."""

    def __init__(self, server: Victoria) -> None:
        self._server = server

    def section(self) -> dict[str, object]:
        """By its url."""
        return {"batch_wait": _BATCH_WAIT, "victoria_url": self._server.url}

    def held(self) -> Held:
        """By the server's export, and by its own count of values."""
        self._server.flush()
        return _held(self._server.settings(), Path("/nowhere"))


class OfInflux:
    """The fake that keeps to InfluxDB's contract."""

    def __init__(self, influx: FakeInflux, *, url: str = "") -> None:
        """`url` is where the product finds it, if not at its own."""
        self._influx = influx
        self._url = url or influx.url

    def section(self) -> dict[str, object]:
        """By its url, with its token."""
        said = self._influx.settings()
        named = {f"influx_{name}": getattr(said, f"influx_{name}") for name in ("token", "org", "bucket")}
        return {"batch_wait": _BATCH_WAIT, "influx_url": self._url, **named}

    def held(self) -> Held:
        """What the fake has in its hands."""
        points = {key: dict(rows) for key, rows in list(self._influx.points.items())}
        return [
            ((*_subject(dict(tags)), field, at_ms), value)
            for (_, tags, field), rows in points.items()
            for at_ms, value in rows.items()
        ]


def _held(settings: Series, path: Path) -> Held:
    now_ms = SystemClock().now_ms()
    with closing(open_store(settings, path)) as store:
        held = list(_values(store.export(now_ms - 40 * _DAY_MS, now_ms + 2 * _DAY_MS)))
        twice = store.count() - len(held)
    return held + [(("stored twice, or far away in time", None, "", number), 0) for number in range(twice)]


def _values(points: Iterable[Point]) -> Iterator[tuple[Key, Value]]:
    for point in points:
        for field, value in point.fields.items():
            yield (*_subject(dict(point.tags)), field, point.at_ms), value


def _subject(tags: dict[str, str]) -> tuple[str, int | None]:
    return tags.get("device_id", ""), int(tags["port"]) if "port" in tags else None
