"""How much memory an engine takes for one subject."""

import gc
import sys
from collections import Counter
from collections.abc import Iterator
from statistics import median
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final

from config.load import Site
from rules.engine import Engine
from rules.rule import Kind, Rule
from rules.subjects import Source, Subject

_SHARED: Final = (type, ModuleType, FunctionType, BuiltinFunctionType, Rule, Kind, Site)
"""Whatever stands behind these is everybody's."""


def sizes(engine: Engine) -> dict[str, int]:
    """Median bytes of each kind of subject (`tree`, `charger`, `port`, `camera`): watches, what they remember, and what
    was heard. What several subjects share is not counted.
    """
    subjects = [subject for subject in engine._subjects if not subject.key[1].startswith("@")]
    reached = [_reached(subject) for subject in subjects]
    times = Counter(address for found in reached for address in found)
    by_kind: dict[str, list[int]] = {}
    for subject, found in zip(subjects, reached, strict=True):
        own = sum(size for address, size in found.items() if times[address] == 1)
        kind, _, name = subject.key[1].partition("/")
        by_kind.setdefault("port" if "/" in name else kind, []).append(own)
    return {kind: round(median(found)) for kind, found in by_kind.items()}


def _reached(subject: Subject) -> dict[int, int]:
    """Bytes by address of all that can be reached from a subject, but not over others."""
    found: dict[int, int] = {}
    waiting: list[Any] = [subject]
    while waiting:
        one = waiting.pop()
        if id(one) in found or isinstance(one, _SHARED) or (isinstance(one, Subject) and one is not subject):
            continue
        found[id(one)] = sys.getsizeof(one)
        waiting += _behind(one, subject)
    return found


def _behind(one: object, subject: Subject) -> Iterator[object]:
    if isinstance(one, Source):
        # a device's ports are of its source, and so is what carries it
        yield from (*one.silences, *one.looks, *one.derived) if one.whole is subject else ()
        return
    yield from gc.get_referents(one)
    # a frozen Struct that is not tracked tells no referents
    yield from (getattr(one, name) for name in getattr(one, "__struct_fields__", ()))
