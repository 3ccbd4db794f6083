"""Rules that hold others back, and can't."""

from collections.abc import Iterator, Sequence

from config.lint import Doubt
from rules.lints import doubt
from rules.rule import Rule


def of_rules(rules: Sequence[Rule]) -> Iterator[Doubt]:
    """A rule that holds back itself, or one that holds it back, and one that never stands on the same device."""
    by_id = {rule.id: rule for rule in rules}
    for rule in rules:
        for place, name in enumerate(rule.spec.inhibited_by):
            other, at = by_id.get(name), ("inhibited_by", place)
            if name == rule.id:
                yield doubt(rule, "it is inhibited by itself: leave it out, one alarm stands only once anyway", *at)
            elif other is None:
                continue
            elif other.spec.for_each.kind != rule.spec.for_each.kind:
                kinds = (
                    f"{name!r} is about each {other.spec.for_each.kind}, this one about each {rule.spec.for_each.kind}"
                )
                yield doubt(rule, f"{kinds}: they never stand on one device", *at)
            elif rule.id in other.spec.inhibited_by and rule.id < name:
                yield doubt(
                    rule, f"{name!r} and this one inhibit each other: whichever comes first hides the other", *at
                )
