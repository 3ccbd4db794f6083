"""Grave alarms that no unit gets as a case. The duty desk is told of each all the same, but is that what was meant?"""

from collections.abc import Iterator

from config.lint import Doubt
from config.load import Site
from domain.finding import CasePolicy, Severity
from rules.limited import LimitedKind
from rules.lints import doubt
from rules.rule import Kind, Rule


def of_rule(rule: Rule, site: Site) -> Iterator[Doubt]:
    """Levels that are critical or latched and lead to no case. `case: {policy: none}`, without a matter, says that no
    case is meant."""
    del site
    spec = rule.spec
    if spec.case is not None and spec.case.matter is None:
        return
    for severity in _grave(spec):
        if spec.case is None or spec.case.policy_of(severity) is CasePolicy.NONE:
            what = severity.value if severity is Severity.CRITICAL else f"{severity.value} and latched"
            problem = (
                f"it is {what} and leads to no case: no unit gets it, and the duty desk is told of each; give it "
                "a case with a matter, or say case: {policy: none}"
            )
            yield doubt(rule, problem, "title" if spec.case is None else "case")


def _grave(spec: Kind) -> list[Severity]:
    if isinstance(spec, LimitedKind):
        return [one for one in spec.severities if one is Severity.CRITICAL or spec.own_level(one).latch]
    latched = getattr(spec, "latch", False)
    return [spec.severity] if latched or spec.severity is Severity.CRITICAL else []
