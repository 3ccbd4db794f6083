"""The schemas for editors: as the models are, and good for every file that is shipped."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.load import SHARED, Site
from config.source import read
from domain.errors import ConfigError
from rules.files import load_rules
from rules.kinds import KINDS
from rules.schema import FILES, path_of, schema_of, text_of
from tests.rules.city import small_city

SHIPPED = [
    *(("rules", path) for path in sorted(SHARED.glob("rules/*.yaml"))),
    *(("timetables", path) for path in sorted(SHARED.glob("rules/tests/*.yaml"))),
    *(("plan", path) for path in sorted(SHARED.glob("sites/*/plans/*.yaml"))),
]
FAULTS = sorted((Path(__file__).parent / "faults").glob("*.yaml"))
_BEYOND = {"strange-tag", "not-yaml"}
"""What is no file of keys and values at all."""


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind))


@cache
def _city() -> Site:
    return small_city()


def problems(kind: str, path: Path) -> list[str]:
    """What an editor would underline. It knows no dates: to it they are texts."""
    data, _lines = read(path, {})
    plain = json.loads(json.dumps(data, default=str))
    return [f"{error.json_path}: {error.message}" for error in _validator(kind).iter_errors(plain)]


@pytest.mark.parametrize("kind", FILES)
def test_the_shipped_schema_is_what_the_models_say(kind: str) -> None:
    """After a change of a model: `make schemas`."""
    Draft202012Validator.check_schema(schema_of(kind))
    assert path_of(kind).read_text(encoding="utf-8") == text_of(kind)


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=lambda value: getattr(value, "stem", value))
def test_no_shipped_file_is_underlined(kind: str, path: Path) -> None:
    """And each names its schema in its first line, where an editor looks for it."""
    assert problems(kind, path) == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    place = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / place).resolve() == path_of(kind)


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_what_an_editor_underlines_is_refused(path: Path) -> None:
    """The schema is never stricter than the models; it is looser where only a site can tell."""
    if path.stem in _BEYOND or not problems("rules", path):
        return
    with pytest.raises(ConfigError):
        load_rules([path], _city())


@pytest.mark.parametrize(
    "fault",
    ["unknown-key", "bare-duration", "unknown-severity", "two-limits", "unknown-kind", "limit-as-text", "bad-id"],
)
def test_an_editor_underlines_what_any_site_would_refuse(fault: str) -> None:
    """Keys, kinds, durations and words of ours."""
    assert problems("rules", Path(__file__).parent / "faults" / f"{fault}.yaml") != []


def test_every_kind_is_offered() -> None:
    """By the word that chooses its keys."""
    offered = schema_of("rules")["properties"]["rules"]["items"]["discriminator"]["mapping"]
    assert sorted(offered) == sorted(KINDS)


@pytest.mark.parametrize("kind", FILES)
def test_every_key_is_explained(kind: str) -> None:
    """What an editor shows beside a key, or its type does where a key speaks for itself."""
    schema = schema_of(kind)
    bare = {
        f"{name}.{key}"
        for name, place in schema["$defs"].items()
        for key, said in place.get("properties", {}).items()
        if not {"description", "$ref", "const", "enum"} & said.keys()
    }
    assert bare == set()


def _numbers(node: Any, at: str = "$") -> Iterator[str]:
    if isinstance(node, dict):
        if "pattern" in node and isinstance(node.get("default"), int | float):
            yield at
        for key, inner in node.items():
            yield from _numbers(inner, f"{at}.{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _numbers(inner, f"{at}[{index}]")


@pytest.mark.parametrize("kind", FILES)
def test_defaults_are_written_as_people_write_them(kind: str) -> None:
    """A duration with its unit, not the seconds that it is kept as."""
    assert list(_numbers(json.loads(text_of(kind)))) == []
