"""Line protocol, read as strictly as the real servers read it."""

import re

Value = float | int | bool
ParsedLine = tuple[str, tuple[tuple[str, str], ...], dict[str, Value], int]
"""Measurement, tags, fields, time in ms."""

# As in the real parser, a delimiter is part of a name if the character before it is a backslash.
_NAME = r"(?:[^,= \n]|(?<=\\)[,= ])+"
_MEASUREMENT = r"(?!#)(?:[^, \n]|(?<=\\)[, ])+"
_PAIR = re.compile(rf"({_NAME})=({_NAME})")
_LINE = re.compile(rf"({_MEASUREMENT})((?:,{_NAME}={_NAME})*) ({_NAME}=[^, ]+(?:,{_NAME}=[^, ]+)*) (-?\d+)")
_FLOAT = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)


class Malformed(Exception):
    """A line that is none."""


def parsed(line: str) -> ParsedLine:
    """One line. Its tags must be sorted by key, as the makers recommend. Raises Malformed."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise Malformed(f"unable to parse '{line}': invalid line")
    measurement, tags, fields, at = match.groups()
    pairs = tuple((_plain(key), _plain(value)) for key, value in _PAIR.findall(tags))
    if list(pairs) != sorted(pairs):
        raise Malformed(f"unable to parse '{line}': its tags are not sorted")
    values = {_plain(key): _field_value(value, line) for key, value in _PAIR.findall(fields)}
    return _plain(measurement), pairs, values, int(at)


def _plain(text: str) -> str:
    return re.sub(r"\\([,= ])", r"\1", text)


def _field_value(text: str, line: str) -> Value:
    if text in {"true", "false"}:
        return text == "true"
    if re.fullmatch(r"-?\d+i", text) and -(1 << 63) <= int(text[:-1]) < 1 << 63:
        return int(text[:-1])
    if _FLOAT.fullmatch(text):
        return float(text)
    raise Malformed(f"unable to parse '{line}': invalid number")
