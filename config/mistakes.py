"""What a model finds wrong with a file, in words that name each thing, its value, what is allowed, and its line."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.errors import ConfigError, ConfigErrors

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
    "model_attributes_type": "keys and values",
    "tuple_type": "a list",
    "list_type": "a list",
}
"""By Pydantic's type of error."""
_CHOICES = {"enum", "literal_error"}
_SHOULD = "Input should "
_QUOTED = re.compile(r"'([^']*)'")


def explained(
    wrong: ValidationError,
    model: type[BaseModel],
    path: Path,
    lines: Mapping[Loc, int],
    *,
    at: Loc = (),
    called: str = "",
) -> ConfigError:
    """All that is wrong with what stands at `at` in a file: ConfigErrors if it is several things."""
    errors = wrong.errors()
    within = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    # A list of which no item is right counts as too short, too; what is wrong with the items is what helps.
    errors = [error for error in errors if error["type"] != "too_short" or error["loc"] not in within]
    found = [_Mistake.of(error, model, at, lines) for error in errors]
    misspelt = {(each.loc[:-1], each.meant) for each in found if each.meant}
    # A misspelt key also makes the right one missing; the misspelling is what helps.
    found = [each for each in found if not (each.missing and (each.loc, each.missing) in misspelt)]
    told: dict[tuple[Loc, str], list[str]] = {}
    for each in found:
        texts = told.setdefault((each.loc, each.missing), [])
        if (text := each.text(at, called)) not in texts:
            texts.append(text)
    problems = [
        ConfigError(" or ".join(texts), path=path, line=_line(loc, lines)) for (loc, _missing), texts in told.items()
    ]
    return together(sorted(problems, key=lambda problem: problem.line or 0))


def together(problems: list[ConfigError]) -> ConfigError:
    """One error for them all; if it is only one, that one."""
    return problems[0] if len(problems) == 1 else ConfigErrors(problems)


class Gathered:
    """Several checks, each in a `with` of its own; what one of them raises keeps none of the others from being made."""

    def __init__(self) -> None:
        self._problems: list[ConfigError] = []

    def __enter__(self) -> None:
        """One more check."""

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> bool:
        """Keep what is a ConfigError; anything else goes its way."""
        if isinstance(problem, ConfigError):
            said = set(map(str, self._problems))
            self._problems += (each for each in problem.problems if str(each) not in said)
            return True
        return False

    def tell(self) -> None:
        """Raise all of it together, if there is any."""
        if self._problems:
            raise together(self._problems)


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'severity'?`, or nothing if no word comes near."""
    meant = nearest(word, known)
    return f"; did you mean {meant!r}?" if meant else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that this one was most likely meant to be; empty if none comes near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "")


def without_login(text: str) -> str:
    """`text` with the user and password of any URL in it left out, and what follows a `?`."""
    return re.sub(r"\?\S*", "?…", re.sub(r"//\S*@", "//…@", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mistake:
    """One error of a model, and the thing in the file that it is about."""

    error: ErrorDetails
    loc: Loc
    """Only what stands in the file: Pydantic puts names of union members into its own."""
    missing: str = ""
    meant: str = ""
    """The key that an unknown one was most likely meant to be."""

    @classmethod
    def of(cls, error: ErrorDetails, model: type[BaseModel], at: Loc, lines: Mapping[Loc, int]) -> "_Mistake":
        loc = at
        for part in error["loc"]:
            if (*loc, part) in lines:
                loc = (*loc, part)
        last = str(error["loc"][-1]) if error["loc"] else ""
        missing = last if error["type"] == "missing" else ""
        meant = nearest(last, _keys(model, error["loc"][:-1])) if error["type"] == "extra_forbidden" else ""
        return cls(error=error, loc=loc, missing=missing, meant=meant)

    def text(self, at: Loc, called: str) -> str:
        """What is wrong, in a line."""
        parts = (*self.loc[len(at) if called else 0 :], *([self.missing] if self.missing else []))
        name = ".".join(map(str, parts))
        said = self._said(name or ("it" if called else "the file"))
        return f"{called}: {said}" if called else said

    def _said(self, name: str) -> str:
        error, kind = self.error, self.error["type"]
        if kind == "extra_forbidden":
            return f"unknown key {name!r}" + (f"; did you mean {self.meant!r}?" if self.meant else "")
        if self.missing:
            return f"{name!r} is missing"
        given = _given(name, error["input"])
        if kind in _MUST_BE:
            return f"{name}{given and f'{given}; it'} must be {_MUST_BE[kind]}"
        if kind == "too_short":
            return f"{name} must have at least {error['ctx']['min_length']} item"
        hint, said = "", error["msg"].removeprefix("Value error, ")
        if kind in _CHOICES:
            allowed = error["ctx"]["expected"]
            said = f"{_SHOULD}be {allowed}"
            hint = near(error["input"], _QUOTED.findall(allowed)) if isinstance(error["input"], str) else ""
        if said.startswith(_SHOULD):
            return f"{name}{given and f'{given}; it'} must {said.removeprefix(_SHOULD)}{hint}"
        return f"{name}{given}: {said}"


def _given(name: str, value: object) -> str:
    """What stood there, unless it is secret or holds things that may be."""
    if isinstance(value, dict | list) or _SECRET.search(name):
        return ""
    return f" is {without_login(repr(value))}"


def _line(loc: Loc, lines: Mapping[Loc, int]) -> int | None:
    return lines.get(loc) if loc else None


def _keys(model: type[BaseModel], loc: Loc) -> set[str]:
    """The keys that may stand at `loc` of what the model describes."""
    schema = model.model_json_schema()
    places = _opened(schema, schema)
    for part in loc:
        # What leads nowhere is no key but the name of a union's member.
        places = [inner for place in places for inner in _inside(place, part, schema)] or places
    return {key for place in places for key in place.get("properties", {})}


def _inside(place: Mapping[str, Any], part: int | str, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What may stand under a key, or as an item, of what this part of a JSON schema describes."""
    inner = place.get("items") if isinstance(part, int) else place.get("properties", {}).get(part)
    if inner is None and isinstance(extra := place.get("additionalProperties"), dict):
        inner = extra
    return [] if inner is None else _opened(inner, schema)


def _opened(place: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A part of a JSON schema with references followed; of a union all members."""
    if "$ref" in place:
        return _opened(schema["$defs"][place["$ref"].rpartition("/")[2]], schema)
    if members := (*place.get("oneOf", ()), *place.get("anyOf", ())):
        return [opened for member in members for opened in _opened(member, schema)]
    return [place]
