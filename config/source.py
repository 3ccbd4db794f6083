"""Reading YAML so that every complaint can name its line."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from config.mistakes import Loc, explained, without_login
from domain.errors import ConfigError

__all__ = ["Loc", "fill", "line_of", "load", "load_lined", "read", "validate", "variables", "without_login"]

Model = TypeVar("Model", bound=BaseModel)
_DEEPEST = 40
"""So many keys and items may lie in each other: YAML's `&a [*a]` has no end."""
_MOST = 200_000
"""So many values may come of a file: nine aliases of nine aliases, ten times over, have no end either."""
_LONGEST_SECRET = 65_536
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")


def load(path: Path, model: type[Model], environment: Mapping[str, str] | None = None) -> Model:
    """Read one YAML file into its model.

    `${NAME}` and `${NAME:-default}` are filled as `fill` says. Raises ConfigError with file and line
    for unreadable YAML or an unset variable; for unknown keys, missing ones and values that are not allowed it tells
    all of them, as ConfigErrors if there are several.
    """
    return load_lined(path, model, environment)[0]


def load_lined(
    path: Path, model: type[Model], environment: Mapping[str, str] | None = None
) -> tuple[Model, Mapping[Loc, int]]:
    """As `load`, and the line of every key and item by its location, e.g. `("rules", 0, "raise")` → 12."""
    data, lines = read(path, environment)
    return validate(data, model, path, lines), lines


def read(path: Path, environment: Mapping[str, str] | None = None) -> tuple[Mapping[str, object], Mapping[Loc, int]]:
    """What a YAML file says, judged by no model yet, and its lines. Raises ConfigError for what cannot be read."""
    lines: dict[Loc, int] = {}
    env = os.environ if environment is None else environment
    return _plain_mapping(_compose(path), (), lines, path, env), lines


def variables(path: Path) -> frozenset[str]:
    """Each `${NAME}` of the environment that a YAML file asks for. Raises ConfigError as `read` does."""
    found: set[str] = set()
    seen: set[int] = set()
    left: list[yaml.Node] = [_compose(path)]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            left += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value
        else:
            found.update(match[0] for match in _VARIABLE.finditer(node.value))
    return frozenset(found)


def validate(
    data: object, model: type[Model], path: Path, lines: Mapping[Loc, int], *, at: Loc = (), called: str = ""
) -> Model:
    """What stands at `at` of a file, as its model.

    Raises ConfigError, or ConfigErrors for several, with file and line. `called` is what the errors call the thing
    that stands there, e.g. `rule 'tree-tilt'`; without it they name its keys by their whole location.
    """
    try:
        return model.model_validate(data)
    except ValidationError as wrong:
        raise explained(wrong, model, path, lines, at=at, called=called) from None


def _compose(path: Path) -> yaml.MappingNode:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise ConfigError("there is no such file", path=path) from None
    except RecursionError:
        raise ConfigError("it is nested too deep", path=path) from None
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
    if len(loc) > _DEEPEST:
        raise ConfigError("it is nested too deep, or contains itself", path=path, line=node.start_mark.line + 1)
    if len(lines) > _MOST:
        told = f"more than {_MOST} values come of it; its aliases make far more of it than stands there"
        raise ConfigError(told, path=path, line=node.start_mark.line + 1)
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
    lines[loc] = node.start_mark.line + 1
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
    """`text` with each `${NAME}` and `${NAME:-default}` filled from `env`, or from the file that `NAME_FILE` names.

    Raises ConfigError for one that is not set, and for a file that cannot be read.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        found = env.get(name) or _from_file(name, path, line, env) or default
        if found is None:
            raise ConfigError(f"${{{name}}} is not set in the environment and has no default", path=path, line=line)
        return found

    return _VARIABLE.sub(value, text)


def _from_file(name: str, path: Path, line: int, env: Mapping[str, str]) -> str:
    """A secret as containers and systemd hand it out: in a file, its last line break not part of it."""
    where = env.get(f"{name}_FILE")
    if not where:
        return ""
    try:
        with Path(where).open(encoding="utf-8") as file:
            text = file.read(_LONGEST_SECRET + 1)
    except (OSError, UnicodeDecodeError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "it is no text in UTF-8"
        raise ConfigError(f"{name}_FILE is {where}, which cannot be read: {why}", path=path, line=line) from None
    if len(text) > _LONGEST_SECRET:
        raise ConfigError(f"{name}_FILE is {where}, which is longer than any secret", path=path, line=line)
    return text.rstrip("\r\n")


def line_of(loc: Loc, lines: Mapping[Loc, int]) -> int | None:
    """The line where it stands or, if it does not, that of the innermost thing around it; None if nothing does."""
    while loc and loc not in lines:
        loc = loc[:-1]
    return lines.get(loc) if loc else None
