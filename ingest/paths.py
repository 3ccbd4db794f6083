"""Places in a payload, written `a.b.0.c`: keys of objects and numbers of list items, from 0."""

from collections.abc import Mapping
from typing import Final

from domain.message import RejectReason
from ingest.decoded import Unfit, shown

MISSING: Final = object()
"""What stands where nothing stands; null is something."""
_MOST_VALUES: Final = 2000
"""In one object. More are a picture or a log, not what a sensor measures."""
_LONGEST: Final = 500
"""Characters of a path."""


class Path:
    """One place."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for what is no path."""
        self.text = text
        self._steps = text.split(".")
        if not all(step and step == step.strip() for step in self._steps):
            raise ValueError(f"{text!r} is no path; write keys and list places with dots between them: data.0.value")

    def find(self, content: object) -> object:
        """What stands there, or MISSING."""
        for step in self._steps:
            if isinstance(content, dict):
                content = content.get(step, MISSING)
            elif isinstance(content, list) and step.isdecimal() and step.isascii() and len(step) < 10:
                place = int(step)
                content = content[place] if place < len(content) else MISSING
            else:
                return MISSING
        return content


def flat(content: Mapping[str, object]) -> dict[str, object]:
    """Every single value by its path. A null says nothing and is left out. Raises Unfit(SCHEMA) for too many."""
    found: dict[str, object] = {}
    # A stack of our own: a payload may nest as deep as Python's goes.
    pending = _below("", content)
    while pending:
        name, value = pending.pop()
        if isinstance(value, dict | list):
            pending += _below(f"{name}.", value)
        elif name in found:
            raise Unfit(RejectReason.SCHEMA, f"two values have the path {shown(name)}; a key has a dot in it")
        elif value is not None:
            found[name] = value
        if len(found) + len(pending) > _MOST_VALUES:
            raise Unfit(RejectReason.SCHEMA, f"more than {_MOST_VALUES} values in one reading")
    return found


def _below(prefix: str, content: Mapping[str, object] | list[object]) -> list[tuple[str, object]]:
    """What stands directly in it, the first one last."""
    # Both are looked at before any name is made of them: a long key over many values would not fit in memory.
    if len(content) > _MOST_VALUES:
        raise Unfit(RejectReason.SCHEMA, f"more than {_MOST_VALUES} values in one reading")
    if len(prefix) > _LONGEST:
        raise Unfit(RejectReason.SCHEMA, f"a path of more than {_LONGEST} characters begins {shown(prefix)}")
    items = enumerate(content) if isinstance(content, list) else content.items()
    return [(f"{prefix}{key}", value) for key, value in items][::-1]
