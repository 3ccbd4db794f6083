"""Reading YAML so that every complaint can name its line."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from domain.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
Loc = tuple[int | str, ...]
_SECRET = re.compile(r"password|secret|token")
_MUST_BE = {
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "dict_type": "keys and values",
    "model_type": "keys and values",
}
"""By Pydantic's type of error."""
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")


def load(path: Path, model: type[Model], environment: Mapping[str, str] | None = None) -> Model:
    """Read one YAML file into its model.

    `${NAME}` and `${NAME:-default}` are filled from the environment. Raises ConfigError with file and line
    for unreadable YAML, an unset variable, an unknown key, or a value that is not allowed.
    """
    return load_lined(path, model, environment)[0]


def load_lined(
    path: Path, model: type[Model], environment: Mapping[str, str] | None = None
) -> tuple[Model, Mapping[Loc, int]]:
    """As `load`, and the line of every key and item by its location, e.g. `("rules", 0, "raise")` → 12."""
    root = _compose(path)
    lines: dict[Loc, int] = {}
    data = _plain(root, (), lines, path, os.environ if environment is None else environment)
    try:
        return model.model_validate(data), lines
    except ValidationError as wrong:
        raise _explain(wrong, path, lines) from None


def _compose(path: Path) -> yaml.Node:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise ConfigError("there is no such file", path=path) from None
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else None
        raise ConfigError(f"not YAML: {wrong.problem}", path=path, line=line) from None
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"not a text in UTF-8 that YAML can hold: {wrong}", path=path) from None
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError("the file must hold keys and values", path=path, line=1)
    return root


def _plain(node: yaml.Node, loc: Loc, lines: dict[Loc, int], path: Path, env: Mapping[str, str]) -> object:
    """The node as plain Python values; `lines` learns where each of them stands."""
    lines[loc] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, loc, lines, path, env)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*loc, index), lines, path, env) for index, item in enumerate(node.value)]
    text = fill(node.value, path, lines[loc], env)
    if text != node.value:
        return text  # always a string: a token of digits must stay one, and pydantic reads "8080" as a number
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError) as wrong:  # a tag that is not plain YAML, a date that is none
        problem = wrong.problem if isinstance(wrong, yaml.MarkedYAMLError) else str(wrong)
        raise ConfigError(f"{node.value!r} is not a value: {problem}", path=path, line=lines[loc]) from None


def _plain_mapping(
    node: yaml.MappingNode, loc: Loc, lines: dict[Loc, int], path: Path, env: Mapping[str, str]
) -> dict[str, object]:
    out: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in out:
            raise ConfigError(
                f"{key!r} stands here twice; the first is on line {lines[*loc, key]}", path=path, line=line
            )
        out[key] = _plain(value_node, (*loc, key), lines, path, env)
        lines[*loc, key] = line
    return out


def fill(text: str, path: Path, line: int, env: Mapping[str, str]) -> str:
    """`text` with each `${NAME}` and `${NAME:-default}` filled from `env`; ConfigError for one that is not set."""

    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        found = env.get(name) or default
        if found is None:
            raise ConfigError(f"${{{name}}} is not set in the environment and has no default", path=path, line=line)
        return found

    return _VARIABLE.sub(value, text)


def without_login(text: str) -> str:
    """`text` with the user and password of any URL in it left out, and what follows a `?`."""
    return re.sub(r"\?\S*", "?…", re.sub(r"//\S*@", "//…@", text))


def _given(name: str, value: object) -> str:
    """What stood there, unless it is secret or holds things that may be."""
    if isinstance(value, dict | list) or _SECRET.search(name):
        return ""
    return f" is {without_login(repr(value))}"


def line_of(loc: Loc, lines: Mapping[Loc, int]) -> int | None:
    """The line where it stands or, if it does not, that of the innermost thing around it; None if nothing does."""
    while loc and loc not in lines:
        loc = loc[:-1]
    return lines.get(loc) if loc else None


def _explain(wrong: ValidationError, path: Path, lines: Mapping[Loc, int]) -> ConfigError:
    # A misspelt key also makes the right one missing; the misspelling is what helps.
    first = min(wrong.errors(), key=lambda error: error["type"] != "extra_forbidden")
    # Pydantic puts names of union members into the location; only what stands in the file has a line.
    loc: Loc = ()
    for part in first["loc"]:
        if (*loc, part) in lines:
            loc = (*loc, part)
    missing = first["loc"][-1:] if first["type"] == "missing" else ()
    name = ".".join(str(part) for part in (*loc, *missing)) or "the file"
    if first["type"] == "extra_forbidden":
        problem = f"unknown key {name!r}"
    elif first["type"] == "missing":
        problem = f"{name!r} is missing"
    elif first["type"] in _MUST_BE:
        given = _given(name, first["input"])
        problem = f"{name}{given and f'{given}; it'} must be {_MUST_BE[first['type']]}"
    else:
        problem = f"{name}{_given(name, first['input'])}: {first['msg'].removeprefix('Value error, ')}"
    more = f" (and {wrong.error_count() - 1} more)" if wrong.error_count() > 1 else ""
    return ConfigError(problem + more, path=path, line=lines.get(loc))
