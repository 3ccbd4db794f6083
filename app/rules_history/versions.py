"""An older version of some rule files, among those that did not change."""

from collections.abc import Sequence
from pathlib import Path

from config import source
from config.load import Site
from domain.errors import ConfigError
from rules.files import load_rules
from rules.rule import Rule


def older(rules: Sequence[Rule], files: Sequence[Path], site: Site) -> tuple[Rule, ...]:
    """The rules as they were with these older files. Raises ConfigError that says whose mistake it is."""
    try:
        return load_rules(instead(rules, files), site)
    except ConfigError as wrong:
        named = ", ".join(map(str, files))
        raise ConfigError(f"the older version cannot be read, with --against {named}: {wrong}") from wrong


def instead(rules: Sequence[Rule], older: Sequence[Path]) -> list[Path]:
    """The files of these rules, with older ones in place of those of the same name, or that hold one of their rules.

    An older file that replaces none is added.
    """
    files: dict[Path, set[str]] = {}
    for rule in rules:
        files.setdefault(rule.path, set()).add(rule.id)
    replaced = {path for path, ids in files.items() for old in older if path.name == old.name or ids & _ids(old)}
    return [*(path for path in files if path not in replaced), *older]


def _ids(path: Path) -> set[str]:
    """The ids that stand in a file. Raises ConfigError if it cannot be read."""
    data, _lines = source.read(path)
    rules = data.get("rules")
    found = rules if isinstance(rules, list) else []
    return {str(rule["id"]) for rule in found if isinstance(rule, dict) and "id" in rule}
