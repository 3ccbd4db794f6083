"""Somewhere in a file that was read: to be complained about, or named as where a number comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from config.source import Loc, line_of
from domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a file. `lines` tells where the file's keys stand, `name` what it is: `plan 'tree-002'`."""

    path: Path
    lines: Mapping[Loc, int]
    loc: Loc
    name: str

    def at(self, *keys: int | str) -> "Place":
        """What stands inside."""
        return replace(self, loc=(*self.loc, *keys))

    def line(self, *keys: int | str) -> int | None:
        """The line of a key of it, or of the nearest thing around that; None if nothing is known of the file."""
        return line_of((*self.loc, *keys), self.lines)

    def wrong(self, problem: str, *keys: int | str) -> ConfigError:
        """An error about a key of it."""
        return ConfigError(f"{self.name}: {problem}", path=self.path, line=self.line(*keys))

    def told(self, *keys: int | str) -> str:
        """In no language: `trees.yaml:12`."""
        line = self.line(*keys)
        return self.path.name if line is None else f"{self.path.name}:{line}"
