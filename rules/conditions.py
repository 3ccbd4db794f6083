"""The condition of a compound rule: what its `when` reads of values, of constants and of other rules."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from config.schema import Metric
from domain.reading import Value
from rules.expression import Expression, Type, compiled, words_of
from rules.quiet import Settled, needed, settled
from rules.watch import Newest

AGE: Final = "age_s"
"""In a condition: how old the oldest of the values is that it reads, in seconds."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked `when`."""

    expression: Expression
    metrics: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    """Each rule that it reads: its name in the condition, `charger_silent`, and its id, `charger-silent`."""
    constants: Mapping[str, Value]
    settled: Mapping[str, Settled]
    """By metric, the values at which it cannot hold whatever else is known."""
    needed: frozenset[str]
    """The metrics without which it cannot hold."""

    def is_idle(self, values: Mapping[str, Newest]) -> bool:
        """Whether it cannot hold by these values: one settles that by itself, or one that it needs never came."""
        if not self.needed <= values.keys():
            return True
        for metric, settled_by in self.settled.items():
            if (newest := values.get(metric)) is not None and settled_by.by(newest.value):
                return True
        return False

    def truth(
        self, at_ms: int, values: Mapping[str, Newest], standing: Mapping[str, bool | None], max_age_ms: int
    ) -> tuple[bool | None, int]:
        """Whether it holds at this moment; None if that hangs on a value that never came or is older than `max_age_ms`.

        And when the oldest of the values was said that this hangs on; now, if on none. `standing`: by a rule's name in
        the condition, whether it stands.
        """
        known: dict[str, Value] = dict(self.constants)
        oldest_ms = at_ms
        for metric in self.metrics:
            if (newest := values.get(metric)) is None:
                continue
            value, said_ms = newest
            if at_ms - said_ms <= max_age_ms and value == value:  # noqa: PLR0124 - what is no number is not known
                known[metric] = value if isinstance(value, bool) else float(value)
                oldest_ms = min(oldest_ms, said_ms)
        if AGE in self.expression.names and all(metric in known for metric in self.metrics):
            known[AGE] = (at_ms - oldest_ms) / 1000
        known |= {name: truth for name, truth in standing.items() if truth is not None}
        return self.expression.truth(known), oldest_ms


def condition_of(
    text: str, *, metrics: Mapping[str, Metric], constants: Mapping[str, float | bool], rule_ids: Collection[str]
) -> Condition:
    """Check a `when` over these. A metric's or constant's name comes before a rule's.

    Raises ExpressionError for what it cannot say.
    """
    rules: dict[str, str] = {rule_id.replace("-", "_"): rule_id for rule_id in rule_ids}
    given: dict[str, Type] = dict.fromkeys(rules, "truth")
    given |= {name: "truth" if metric.type == "bool" else "number" for name, metric in metrics.items()}
    given |= {name: "truth" if isinstance(value, bool) else "number" for name, value in constants.items()}
    given[AGE] = "number"
    expression = compiled(text, frozenset(given.items()))
    read = sorted(expression.names)
    named = {name: value for name, value in constants.items() if name in expression.names}
    others = tuple((name, rules[name]) for name in read if name in rules and not _taken(name, metrics, constants))
    return Condition(
        expression=expression,
        metrics=tuple(name for name in read if name in metrics),
        rules=others,
        constants=named,
        settled=settled(text, expression, metrics, named),
        needed=needed(text, expression, metrics, named, [name for name, _id in others]),
    )


def rules_read(text: str, rule_ids: Collection[str]) -> frozenset[str]:
    """Those of the rules that a condition may read, by their names alone: enough to check it anew."""
    return frozenset(word.replace("_", "-") for word in words_of(text)) & frozenset(rule_ids)


def _taken(name: str, metrics: Mapping[str, Metric], constants: Mapping[str, float | bool]) -> bool:
    return name in metrics or name in constants or name == AGE
