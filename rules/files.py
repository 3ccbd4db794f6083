"""Rule files in, checked rules out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from config import source
from config.load import Site
from config.schema import Strict
from domain.errors import ConfigError
from rules.kinds import KINDS, AnyKind
from rules.rule import Rule, version_of

__all__ = ["Rule", "load_rules"]


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"there is {', '.join(KINDS)}")
    return kind


class _Head(BaseModel):
    kind: Annotated[str, AfterValidator(_known)]


class _Heads(BaseModel):
    """Read first: only once a rule's kind is known can its other keys be judged."""

    rules: tuple[_Head, ...]


class RuleFile(Strict):
    """One file: a group of rules, and the catalogue that their matters are from."""

    version: Literal[1]
    catalogue: str
    rules: tuple[AnyKind, ...] = Field(min_length=1)


def load_rules(paths: Sequence[Path], site: Site) -> tuple[Rule, ...]:
    """Read rule files, in their order, and check them against the site.

    Raises ConfigError, with file and line, for the first thing that cannot be.
    """
    found: dict[str, Rule] = {}
    for path in paths:
        for rule in _read(path, site):
            if first := found.get(rule.id):
                where = f"{first.path.name} line {first.line('id')}"
                raise ConfigError(f"there is a rule {rule.id!r} already: {where}", path=path, line=rule.line("id"))
            rule.spec.check(rule, site)
            found[rule.id] = rule
    return tuple(found.values())


def _read(path: Path, site: Site) -> list[Rule]:
    source.load(path, _Heads)
    file, lines = source.load_lined(path, RuleFile)
    if file.catalogue != site.catalogue:
        problem = f"catalogue is {file.catalogue!r}; the site's matters are from {site.catalogue!r}"
        raise ConfigError(problem, path=path, line=lines["catalogue",])
    return [Rule(spec, path, index, lines, version_of(spec)) for index, spec in enumerate(file.rules)]
