"""Words that are missing, or that do not stay the same: who reads an alarm should know what it is and what to do."""

import re
from collections.abc import Iterator

from config.lint import Doubt
from config.load import Site
from domain.finding import Severity
from rules.limited import LimitedKind
from rules.lints import doubt
from rules.rule import Rule

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_BRACE = re.compile(r"[{}]")


def of_rule(rule: Rule, site: Site) -> Iterator[Doubt]:
    """Where the numbers come from, how sure that is, and what people read."""
    yield from _origin(rule, site)
    spec = rule.spec
    for words in (spec.title.zh, spec.title.en):
        if _BRACE.search(words):
            yield doubt(
                rule, f"title is {words!r}; it names the alarm, and must not change with a value: use text", "title"
            )
    if spec.text is None:
        yield doubt(rule, "there is no text: people read its title and nothing of what is wrong", "title")
    if spec.first is None and Severity.CRITICAL in _severities(rule):
        yield doubt(rule, "it is critical, and nothing says what to do first: add first", "title")
    for key, said in (("title", spec.title), ("text", spec.text), ("first", spec.first)):
        if said is not None and not _CHINESE.search(said.zh):
            yield doubt(rule, f"{key}.zh is {said.zh!r}, which is no Chinese", key, "zh")
        if said is not None and not _LATIN.search(said.en):
            yield doubt(rule, f"{key}.en is {said.en!r}, which is no English", key, "en")


def _origin(rule: Rule, site: Site) -> Iterator[Doubt]:
    spec = rule.spec
    if not spec.source:
        yield doubt(rule, "nobody will know where its numbers come from: add source")
    if spec.confidence is None:
        yield doubt(rule, "nobody will know how sure its numbers are: add confidence: high, medium or low")
    if not isinstance(spec, LimitedKind):
        return
    for subject, override in spec.overrides.items():
        if not override.source:
            yield doubt(rule, f"{subject} has limits of its own, and no source for them", "overrides", subject)
    for name, profile in site.profiles.items():
        given = profile.limits.get(rule.id)
        if given is not None and not given.source:
            place = site.place_of_profile(name).at("limits", rule.id)
            problem = f"{place.name} has limits of its own for the rule {rule.id!r}, and no source for them"
            yield Doubt(path=place.path, line=place.line(), problem=problem)


def _severities(rule: Rule) -> tuple[Severity, ...]:
    return rule.spec.severities if isinstance(rule.spec, LimitedKind) else (rule.spec.severity,)
