"""Rules that say the same of the same things: people would be told twice."""

from collections.abc import Iterator, Sequence
from typing import Any

from config.lint import Doubt
from rules.kinds.silent import Silent
from rules.limited import LimitedKind
from rules.lints import doubt
from rules.rule import Rule

_PARTS = {"any": {"device", "port"}, "device": {"device"}, "port": {"port"}}


def of_rules(rules: Sequence[Rule]) -> Iterator[Doubt]:
    """Two of one kind, about the same metric, side and severity of the same devices or ports."""
    taken: dict[tuple[Any, ...], Rule] = {}
    for rule in rules:
        firsts = [taken[aspect] for aspect in _aspects(rule) if aspect in taken]
        if firsts:
            first = firsts[0]
            where = f"{first.path.name} line {first.line('id')}"
            yield doubt(rule, f"it says much the same of the same devices as {first.id!r} ({where}): one will do", "id")
        for aspect in _aspects(rule):
            taken.setdefault(aspect, rule)


def _aspects(rule: Rule) -> Iterator[tuple[Any, ...]]:
    spec = rule.spec
    if isinstance(spec, Silent):
        yield (spec.kind, spec.for_each.kind, spec.severity)
    if not isinstance(spec, LimitedKind):
        return
    own = spec.model_dump(exclude={"id", "title", "text", "first", "case", "source", "confidence", "owner"})
    for severity in spec.severities:
        level = spec.own_level(severity)
        for part in _PARTS[spec.for_each.part]:
            yield (spec.kind, spec.for_each.kind, part, spec.metric, level.raise_.key, severity, _window(own))


def _window(said: dict[str, Any]) -> str:
    """What makes two rules of one kind and metric different questions: what is compared, and over which time."""
    limits = {
        *("for_each", "raise_", "clear", "hold", "samples", "levels", "overrides", "max_gap", "lateness", "max_age"),
        *("latch", "inhibited_by", "cooldown", "flapping", "at_most", "no_data", "severity"),
    }
    return repr(sorted((key, repr(value)) for key, value in said.items() if key not in limits))
