"""What editors are told of the files that people write: a JSON schema for each, made of the models that read them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from config.load import SHARED
from config.plans import PlanFile
from config.schema import Matters, Metrics, Profiles
from config.source import load
from config.strict import DURATION
from config.things import THINGS
from rules.files import RuleFile
from rules.rule import CAMERA, FEED
from rules.timetables.file import TimetableFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: Mapping[str, tuple[type[BaseModel], str]] = {
    "rules": (RuleFile, "Longcheng: rules"),
    "timetables": (TimetableFile, "Longcheng: timetables, the tests of rules"),
    "plan": (PlanFile, "Longcheng: a plan, limits of named devices (一树一策)"),
}
"""By the word for each kind of file: its model and its title."""
_UNITS = (("d", 86400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0))
_NO_NUMBER = ("exclusiveMinimum", "minimum", "exclusiveMaximum", "maximum")
Node = dict[str, Any]


def schema_of(kind: str) -> Node:
    """The schema of a kind of file, one of `FILES`. Words that a site may add to are offered, never demanded."""
    model, title = FILES[kind]
    schema = model.model_json_schema(by_alias=True)
    _walk(schema, _tidy)
    _walk(schema, _offer(_words()))
    schema.pop("title", None)
    return {"$schema": DIALECT, "title": title, **schema}


def text_of(kind: str) -> str:
    """The same as the text of a file."""
    return json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n"


def path_of(kind: str) -> Path:
    """Where the shipped copy lies."""
    return SHARED / "schemas" / f"{kind}.schema.json"


def _walk(node: object, change: Callable[[Node], None]) -> None:
    if isinstance(node, dict):
        change(node)
        for inner in node.values():
            _walk(inner, change)
    elif isinstance(node, list):
        for inner in node:
            _walk(inner, change)


def _tidy(node: Node) -> None:
    """Leave out what helps nobody: names made of keys, and that a key may be empty; say durations as people do."""
    if isinstance(node.get("title"), str):
        del node["title"]
    members = node.get("anyOf")
    if isinstance(members, list) and {"type": "null"} in members:
        left = [member for member in members if member != {"type": "null"}]
        del node["anyOf"]
        if len(left) == 1:
            description = node.get("description")
            node.update(left[0])
            if description is not None:
                node["description"] = description
        else:
            node["anyOf"] = left
    if node.get("default", ...) is None:
        del node["default"]
    if node.get("pattern") == DURATION:
        for key in _NO_NUMBER:
            node.pop(key, None)
    if _has_durations(node) and isinstance(node.get("default"), int | float):
        node["default"] = _duration(node["default"])


def _has_durations(node: Node) -> bool:
    """Whether it is a duration, or may be."""
    members = [node, *node.get("anyOf", ()), *node.get("oneOf", ())]
    return any(member.get("pattern") == DURATION for member in members)


def _duration(seconds: float) -> str:
    """In the largest unit that divides it: 86400 → `1d`."""
    if seconds == 0:
        return "0s"
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds % size == 0), ("ms", 0.001))
    return f"{seconds / size:g}{unit}"


def _words() -> Mapping[str, list[str]]:
    """By key, the words that are shipped for it."""
    metrics = load(SHARED / "metrics.yaml", Metrics).metrics
    profiles = load(SHARED / "profiles.yaml", Profiles).profiles
    matters = load(SHARED / "matters.yaml", Matters)
    return {
        "metric": sorted(metrics),
        "matter": sorted(matters.matters),
        "catalogue": [matters.catalogue],
        "profile": sorted(profiles),
        "classes": list(THINGS),
        "kind": sorted({CAMERA, FEED, *(profile.kind for profile in profiles.values())}),
    }


def _offer(words: Mapping[str, list[str]]) -> Callable[[Node], None]:
    """Put the words beside each key whose value may be any text."""

    def change(node: Node) -> None:
        properties = node.get("properties")
        if not isinstance(properties, dict):
            return
        for key, known in words.items():
            place = properties.get(key, {})
            place = place.get("items", place) if key == "classes" else place
            if place.get("type") == "string" and "const" not in place and "enum" not in place:
                del place["type"]
                place["anyOf"] = [{"enum": known}, {"type": "string"}]

    return change
