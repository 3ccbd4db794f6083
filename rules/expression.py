"""Conditions in CEL, checked before they are used: `power_w > 10 && !relay_on`.

Every number is a double, also one that is written without a point. What is not known makes unknown what hangs on it:
`false && x` is false and `true && x` is unknown while nobody knows x.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from cel_expr_python import cel

from config.mistakes import near
from domain.reading import Value

Type = Literal["number", "truth"]
_TYPES: Final = {"number": cel.Type.DOUBLE, "truth": cel.Type.BOOL}
_TOKEN: Final = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|//[^\n]*)|(?P<whole>(?<![\w.])\d+(?![\w.]))|[A-Za-z_]\w*"""
)
_ERROR: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD: Final = re.compile(r"found no matching overload for '_?([^_']+)_?'.* applied to '\((.*)\)'")
_WORDS: Final = {"double": "a number", "bool": "true or false", "int": "a whole number", "string": "a text"}
_POINT: Final = ".0"


class ExpressionError(ValueError):
    """An expression that cannot be. `row` and `column` count from 1, within the expression."""

    def __init__(self, problem: str, *, row: int, column: int) -> None:
        self.row = row
        self.column = column
        super().__init__(problem)


class Expression:
    """A checked condition. `names` are those of the given ones that it reads."""

    __slots__ = ("_compiled", "_text", "names")

    def __init__(self, text: str, compiled: cel.Expression, names: frozenset[str]) -> None:
        self._text = text
        self._compiled = compiled
        self.names = names

    def truth(self, values: Mapping[str, Value]) -> bool | None:
        """Whether it holds; None if that hangs on a name that `values` does not have.

        Numbers must be floats. Raises ArithmeticError if it cannot be computed though everything is known.
        """
        result = self._compiled.eval(data=values).value()
        if isinstance(result, bool):
            return result
        if all(name in values for name in self.names):
            raise ArithmeticError(f"{self._text}: {result}")
        return None


@lru_cache(maxsize=1024)
def compiled(text: str, given: frozenset[tuple[str, Type]]) -> Expression:
    """Check an expression over the names that are given, and make it ready.

    Raises ExpressionError for a name that is not given, what is no CEL, and what is neither true nor false.
    """
    types: dict[str, Any] = {name: _TYPES[kind] for name, kind in given}
    doubled = _TOKEN.sub(lambda token: token[0] + _POINT if token["whole"] else token[0], text)
    try:
        found = cel.NewEnv(variables=types).compile(doubled)
    except RuntimeError as wrong:
        raise _explain(str(wrong), text, given) from None
    if found.return_type() != cel.Type.BOOL:
        kind = found.return_type().name().lower()
        raise ExpressionError(f"it is {_WORDS.get(kind, kind)}, not true or false", row=1, column=1)
    return Expression(text, found, words_of(text) & types.keys())


def words_of(text: str) -> frozenset[str]:
    """Everything in it that may be a name; of a text that is no CEL too."""
    return frozenset(token[0] for token in _TOKEN.finditer(text) if not token["text"] and not token["whole"])


def _explain(said: str, text: str, given: frozenset[tuple[str, Type]]) -> ExpressionError:
    """The first thing that is wrong, in plain words, and where it is in the text as it was written."""
    found = _ERROR.search(said)
    if found is None:
        return ExpressionError(said, row=1, column=1)
    row, column, problem = int(found[1]), int(found[2]), found[3].removesuffix(" [INVALID_ARGUMENT]")
    line = text.splitlines()[row - 1] if text.strip() else ""
    column = _written(line, column)
    if name := _UNDECLARED.match(problem):
        names = sorted(each for each, _kind in given)
        problem = f"there is no {name[1]!r}{near(name[1], names) or '; there is ' + (', '.join(names) or 'nothing')}"
    elif overload := _OVERLOAD.match(problem):
        operands = " and ".join(_WORDS.get(kind, kind) for kind in overload[2].split(", "))
        problem = f"{overload[1]!r} does not go with {operands}"
    elif "'<EOF>'" in problem:
        problem = "it ends too early"
    else:
        problem = problem.partition(" expecting ")[0]
    return ExpressionError(problem, row=row, column=column)


def _written(line: str, column: int) -> int:
    """The column before whole numbers were given their points."""
    shift = 0
    for token in _TOKEN.finditer(line):
        if token["whole"]:
            if token.end() + shift + 1 > column:
                break
            shift += len(_POINT)
    return max(column - shift, 1)
