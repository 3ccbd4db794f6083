"""Files of line protocol, read and written line by line; a name that ends in .gz is compressed."""

import gzip
import io
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from domain.point import Point
from domain.reading import Value
from storage.series import line_protocol

_UNITS_A_SECOND = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}
_TRUE, _FALSE = {"t", "T", "true", "True", "TRUE"}, {"f", "F", "false", "False", "FALSE"}


class MalformedLine(ValueError):
    """A line that is not line protocol, or has a value that no reading can have. The text says what is wrong."""


class LineFile:
    """Points of one file. `share` of it, 0 to 1, has been read so far."""

    def __init__(self, path: Path, *, precision: str = "ms") -> None:
        """`precision` is the unit of the times: s, ms, us or ns."""
        self._path = path
        self._unit = _UNITS_A_SECOND[precision]
        self._size = max(path.stat().st_size, 1)
        self.share = 0.0

    def read(self) -> Iterator[tuple[str, Point | str]]:
        """Each line, with its point or with what is wrong with it. Empty lines and comments are left out."""
        with self._path.open("rb") as raw:
            file: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if _packed(self._path) else raw
            for bytes_ in file:
                self.share = raw.tell() / self._size
                try:
                    text = bytes_.decode().rstrip("\r\n")
                except UnicodeDecodeError:
                    yield ascii(bytes_.rstrip(b"\r\n"))[2:-1], "the line is not UTF-8"
                    continue
                if not text.strip() or text.lstrip().startswith("#"):
                    continue
                try:
                    yield text, parsed(text, units_a_second=self._unit)
                except MalformedLine as wrong:
                    yield text, str(wrong)


class LineWriter:
    """Writes points as lines, with times in milliseconds."""

    def __init__(self, path: Path, *, named: Path) -> None:
        """Write to `path`, compressed if the name the file will have, `named`, ends in .gz."""
        self._file: TextIO
        if _packed(named):
            # It stays open until `close`.
            self._file = gzip.open(path, "wt", encoding="utf-8", newline="\n", compresslevel=5)  # noqa: SIM115
        else:
            self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, points: list[Point]) -> None:
        """Add points."""
        self._file.writelines([f"{line_protocol.line(point)}\n" for point in points])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def parsed(text: str, *, units_a_second: int = 1000) -> Point:
    """One line as a point; a time finer than milliseconds is cut. Raises MalformedLine."""
    simple = "\\" not in text and '"' not in text
    identity, fields, at = _three(text.strip(" "), simple=simple)
    measurement, tags = _identity(identity)
    values: dict[str, Value] = {}
    if simple:
        for field in fields.split(","):
            key, equals, value = field.partition("=")
            if not key or not equals or not value or "=" in value:
                raise MalformedLine(f"{field!r} is not key=value")
            values[key] = _value(key, value)
    else:
        for key, value in map(_pair, _split(fields, ",", quotes=True)):
            values[_plain(key)] = _value(_plain(key), value)
    try:
        at_ms = int(at) * 1000 // units_a_second
    except ValueError:
        raise MalformedLine(f"the time is {at!r}; it must be a whole number") from None
    return Point(measurement=measurement, tags=tags, fields=values, at_ms=at_ms)


@lru_cache(maxsize=65536)
def _identity(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    measurement, *pairs = _split(text, ",")
    tags = {_plain(key): _plain(value) for key, value in map(_pair, pairs)}
    if len(tags) != len(pairs):
        raise MalformedLine("a tag is named twice")
    return re.sub(r"\\([, ])", r"\1", measurement), tuple(sorted(tags.items()))


def _three(text: str, *, simple: bool) -> tuple[str, str, str]:
    if simple and len(parts := text.split(" ")) == 3:
        return parts[0], parts[1], parts[2]
    identity = _split(text, " ")[0]
    rest = _split(text[len(identity) + 1 :].lstrip(" "), " ", quotes=True)
    match [part for part in rest if part]:
        case [fields, at]:
            return identity, fields, at
        case [_] if rest:
            raise MalformedLine("the line has no time")
        case parts:
            raise MalformedLine(f"the line has {len(parts) + 1} parts; it must have tags, fields and a time")


def _split(text: str, by: str, *, quotes: bool = False) -> list[str]:
    """Parts between separators without a backslash before them; with `quotes`, none in a quoted value separates."""
    parts, start, quoted, index, equals = [], 0, False, 0, -2
    while index < len(text):
        character = text[index]
        if character == "\\" and text[index + 1 : index + 2] in ('"', "\\") if quoted else _escapes(text, index):
            index += 1
        elif character == '"' and quotes and (quoted or index - 1 == equals):
            quoted = not quoted
        elif not quoted:
            if character == "=":
                equals = index
            if character == by:
                parts.append(text[start:index])
                start = index + 1
        index += 1
    return [*parts, text[start:]]


def _escapes(text: str, index: int) -> bool:
    """A backslash before anything else is only itself."""
    return text[index] == "\\" and text[index + 1 : index + 2] in {",", "=", " "}


def _pair(text: str) -> tuple[str, str]:
    parts = _split(text, "=", quotes=True)
    if len(parts) != 2 or not parts[0] or not parts[1]:
        raise MalformedLine(f"{text!r} is not key=value")
    return parts[0], parts[1]


def _plain(text: str) -> str:
    return re.sub(r"\\([,= ])", r"\1", text) if "\\" in text else text


def _value(name: str, text: str) -> Value:
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text.startswith('"'):
        raise MalformedLine(f"field {name!r} is a text; values are numbers, true and false")
    try:
        if text[-1] in "iu":
            return int(text[:-1])
        value = float(text)
    except ValueError:
        raise MalformedLine(f"field {name!r} is {text!r}, which is no value") from None
    if not math.isfinite(value):
        raise MalformedLine(f"field {name!r} is {text!r}; it must be a finite number")
    return value


def _packed(path: Path) -> bool:
    return path.suffix == ".gz"
