"""Rule files in, checked rules out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from config import source
from config.load import Site
from config.mistakes import near, together
from config.schema import Strict, Words
from config.source import Loc
from domain.errors import ConfigError
from rules.kinds import KINDS, AnyKind
from rules.plans import misfits
from rules.rule import Kind, Rule, version_of
from rules.telling import PLACEHOLDERS, strange_placeholders

__all__ = ["Rule", "RuleFile", "load_rules", "read_rules"]


class RuleFile(Strict):
    """One file: a group of rules, and the catalogue that their matters are from."""

    version: Literal[1]
    catalogue: str = Field(description="the catalogue of kinds of case that the rules' matters are from")
    rules: tuple[AnyKind, ...] = Field(min_length=1)


class _Items(Strict):
    """The same before anything is known of its rules: each of them is judged by itself."""

    version: Literal[1]
    catalogue: str
    rules: tuple[dict[str, object], ...] = Field(min_length=1)


def load_rules(paths: Sequence[Path], site: Site) -> tuple[Rule, ...]:
    """Read rule files, in their order, and check them against the site.

    Raises ConfigErrors, with file and line, for all that cannot be; ConfigError if it is one thing.
    """
    rules, problems = read_rules(paths, site)
    if problems:
        raise together([*problems])
    return rules


def read_rules(
    paths: Sequence[Path], site: Site, *, beside: Sequence[Path] = ()
) -> tuple[tuple[Rule, ...], tuple[ConfigError, ...]]:
    """The rules that can be used, and everything that is wrong with the files, each file's by line.

    What is wrong with one rule hides nothing of another; a file that is no YAML, or has a key twice, hides itself.
    `beside`: files that are not to be judged, but whose rules may be named by these.
    """
    named: dict[str, Rule] = {}
    read: list[tuple[Rule, list[ConfigError]]] = []
    problems: dict[Path, list[ConfigError]] = {path: [] for path in paths}
    others, known = _of_others(beside, site)
    for path in paths:
        rules, ids, wrong = _read(path, site)
        known |= ids
        problems[path] += wrong
        for rule in rules:
            read.append((rule, [*_taken(rule, named.get(rule.id)), *_unfilled(rule), *_impossible(rule, site)]))
            named.setdefault(rule.id, rule)
    others |= {name: rule.spec for name, rule in named.items()}
    for rule, said in read:
        said.extend((*_of_nobody(rule, known), *_impossible_among(rule, others, known, site)))
        problems[rule.path] += said
    sound = tuple(rule for rule, said in read if not said)
    told = [each for path in problems for each in sorted(problems[path], key=lambda problem: problem.line or 0)]
    whole = {*paths, *beside}.issuperset(site.rule_files)
    return sound, (*told, *misfits(sound, site, known if whole else None))


def _of_others(paths: Sequence[Path], site: Site) -> tuple[dict[str, Kind], set[str]]:
    """The rules of files that are not judged, as far as they can be read; and the ids of all of them."""
    found = [_read(path, site) for path in paths]
    specs = {rule.id: rule.spec for rules, _ids, _wrong in found for rule in rules}
    return specs, {name for _rules, ids, _wrong in found for name in ids}


def _read(path: Path, site: Site) -> tuple[list[Rule], set[str], list[ConfigError]]:
    """The file's rules that are rules at all, the ids of all it means to have, and what is wrong with it."""
    try:
        data, lines = source.read(path)
    except ConfigError as wrong:
        return [], set(), [wrong]
    problems: list[ConfigError] = []
    try:
        source.validate(data, _Items, path, lines)
    except ConfigError as wrong:
        problems += wrong.problems
    catalogue, items = data.get("catalogue"), data.get("rules")
    if isinstance(catalogue, str) and catalogue != site.catalogue:
        problem = f"catalogue is {catalogue!r}; the site's matters are from {site.catalogue!r}"
        problems.append(ConfigError(problem, path=path, line=lines["catalogue",]))
    rules: list[Rule] = []
    ids: set[str] = set()
    for index, item in enumerate(items if isinstance(items, list) else []):
        if not isinstance(item, dict):
            continue
        ids.add(str(item.get("id")))
        try:
            spec = _spec(item, index, path, lines)
        except ConfigError as wrong:
            problems += wrong.problems
        else:
            rules.append(Rule(spec, path, index, lines, version_of(spec)))
    return rules, ids, problems


def _spec(item: Mapping[str, object], index: int, path: Path, lines: Mapping[Loc, int]) -> Kind:
    """One rule. Only once its kind is known can its other keys be judged."""
    at: Loc = ("rules", index)
    called = f"rule {item['id']!r}" if isinstance(item.get("id"), str) else f"rule number {index + 1}"
    kind = item.get("kind")
    if "kind" not in item:
        raise ConfigError(f"{called}: 'kind' is missing; there is {', '.join(KINDS)}", path=path, line=lines[at])
    if not isinstance(kind, str) or kind not in KINDS:
        problem = f"{called}: kind is {kind!r}: there is {', '.join(KINDS)}{near(str(kind), KINDS)}"
        raise ConfigError(problem, path=path, line=lines[*at, "kind"])
    return source.validate(item, KINDS[kind], path, lines, at=at, called=called)


def _taken(rule: Rule, first: Rule | None) -> list[ConfigError]:
    if first is None:
        return []
    where = f"{first.path.name} line {first.line('id')}"
    return [ConfigError(f"there is a rule {rule.id!r} already: {where}", path=rule.path, line=rule.line("id"))]


def _unfilled(rule: Rule) -> Iterator[ConfigError]:
    """Names in braces that nothing fills."""
    for key in ("text", "first"):
        words: Words | None = getattr(rule.spec, key)
        if words is None:
            continue
        try:
            strange = strange_placeholders(words)
        except ValueError as wrong:
            yield rule.wrong(f"{key} has a brace that is not closed, or not opened: {wrong}", key)
            continue
        for name in strange:
            hint = near(name, PLACEHOLDERS) or f"; there is {', '.join(sorted(PLACEHOLDERS))}"
            yield rule.wrong(f"{key} names {{{name}}}, which nothing fills{hint}", key)


def _impossible(rule: Rule, site: Site) -> Sequence[ConfigError]:
    try:
        rule.spec.check(rule, site)
    except ConfigError as wrong:
        return wrong.problems
    return ()


def _impossible_among(rule: Rule, others: Mapping[str, Kind], known: set[str], site: Site) -> Sequence[ConfigError]:
    """What the other rules make impossible. Of one that cannot be read nothing is known, and nothing is said."""
    said = rule.spec.model_dump_json()
    if any(f'"{name}"' in said for name in known - others.keys()):
        return ()
    try:
        rule.spec.check_among(rule, others, site)
    except ConfigError as wrong:
        return wrong.problems
    return ()


def _of_nobody(rule: Rule, known: set[str]) -> Iterator[ConfigError]:
    """Rules that it names and that are in no file."""
    for place, name in enumerate(rule.spec.inhibited_by):
        if name not in known:
            yield rule.wrong(
                f"inhibited_by names {name!r}; there is no such rule{near(name, known)}", "inhibited_by", place
            )
