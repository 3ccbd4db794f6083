"""Of a set of rules, those that must be played so that some of them raise what they would raise among all."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from rules.kinds.compound import Compound
from rules.kinds.silent import Silent
from rules.replay import AlarmSpan
from rules.rule import Kind, Rule


def chosen(rules: tuple[Rule, ...], patterns: Sequence[str]) -> tuple[Rule, ...]:
    """The rules that the patterns may name, those they conclude from or are inhibited by, and all about silence.

    Whoever is silent is judged otherwise by every rule. Without patterns: all of them.
    """
    if not patterns:
        return rules
    specs = {rule.id: rule.spec for rule in rules}
    needed: set[str] = set()
    waiting = [rule.id for rule in rules if any(_may_name(pattern, rule.id) for pattern in patterns)]
    while waiting:
        rule_id = waiting.pop()
        if rule_id not in needed:
            needed.add(rule_id)
            waiting += _premises(specs[rule_id], specs)
    return tuple(rule for rule in rules if rule.id in needed or isinstance(rule.spec, Silent))


def only(spans: Sequence[AlarmSpan], patterns: Sequence[str]) -> tuple[AlarmSpan, ...]:
    """The alarms that one of the patterns names, by rule or by rule/subject; without patterns all."""
    return tuple(span for span in spans if not patterns or any(_names(pattern, span) for pattern in patterns))


def _names(pattern: str, span: AlarmSpan) -> bool:
    return fnmatchcase(f"{span.rule_id}/{span.subject}" if "/" in pattern else span.rule_id, pattern)


def _may_name(pattern: str, rule_id: str) -> bool:
    """Whether it names alarms of the rule: the last star of its part before `/` may stand for a slash, too."""
    part, slash, _ = pattern.partition("/")
    if fnmatchcase(rule_id, part):
        return True
    return slash != "" and any(
        fnmatchcase(rule_id, part[: place + 1]) for place, letter in enumerate(part) if letter == "*"
    )


def _premises(spec: Kind, specs: Mapping[str, Kind]) -> Iterator[str]:
    yield from (other for other in spec.inhibited_by if other in specs)
    if isinstance(spec, Compound):
        yield from (other for other in spec.parents(specs) if other in specs)
