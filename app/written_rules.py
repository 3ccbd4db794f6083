"""The lines of one rule in its file: to be shown as they are, and to be tried with others in their place."""

from pathlib import Path

from config import source
from config.load import Site
from domain.errors import ConfigError
from rules.files import read_rules
from rules.rule import Rule


def written(rule: Rule) -> str | None:
    """The rule's lines as its file is now, with the comment right above; None if it no longer has this rule."""
    place = _place(rule)
    if place is None:
        return None
    lines, first, last = place
    return "\n".join(lines[first:last]).rstrip() + "\n"


def written_ids(site: Site) -> list[str]:
    """The ids of all rules in a site's files as they are now, as far as they can be read."""
    return [rule.id for rule in read_rules(site.rule_files, site)[0]]


def with_lines(rule: Rule, text: str) -> str:
    """The whole file with other lines in place of the rule's. Raises ConfigError if it no longer has this rule."""
    place = _place(rule)
    if place is None:
        raise ConfigError(f"there is no rule {rule.id!r} any more", path=rule.path)
    lines, first, last = place
    return "\n".join([*lines[:first], *text.replace("\r\n", "\n").rstrip("\n").split("\n"), "", *lines[last:]]) + "\n"


def _place(rule: Rule) -> tuple[list[str], int, int] | None:
    """The file's lines, the rule's first, and the first that is no more of it; counted from 0."""
    try:
        data, found = source.read(rule.path)
        lines = rule.path.read_text(encoding="utf-8").splitlines()
    except (OSError, ConfigError):
        return None
    rules = data.get("rules")
    ids = [one.get("id") if isinstance(one, dict) else None for one in rules] if isinstance(rules, list) else []
    if rule.id not in ids:
        return None
    index = ids.index(rule.id)
    first = _with_comment(lines, found["rules", index] - 1)
    last = _with_comment(lines, found["rules", index + 1] - 1) if index + 1 < len(ids) else len(lines)
    return lines, first, last


def _with_comment(lines: list[str], at: int) -> int:
    """The line at which the comment above begins."""
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at


def trial_file(folder: Path, rule: Rule, text: str) -> Path:
    """The rule's file with other lines in its place, in a folder, under its own name.

    Raises ConfigError, also for lines that ask the environment for what the file does not ask it: they come from a
    page, and a refusal of them tells what stood there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / rule.path.name
    file.write_text(with_lines(rule, text), encoding="utf-8")
    if strange := sorted(source.variables(file) - source.variables(rule.path)):
        raise ConfigError(f"{strange[0]} is the environment's; lines that are only tried have nothing of it", path=file)
    return file
