"""What there is to look at again in rules, one file for each thing that may be forgotten."""

from config.lint import Doubt
from rules.rule import Rule


def doubt(rule: Rule, problem: str, *keys: int | str) -> Doubt:
    """One about a key of a rule."""
    return Doubt(path=rule.path, line=rule.line(*keys), problem=f"rule {rule.id!r}: {problem}")
