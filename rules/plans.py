"""Whether limits that plans and profiles give are of rules that are there, and fit them."""

from collections.abc import Collection, Iterator, Sequence

from config.load import Site
from config.mistakes import near
from config.place import Place
from config.plans import Plan
from domain.errors import ConfigError
from rules.limited import LimitedKind
from rules.rule import Rule


def misfits(rules: Sequence[Rule], site: Site, known: Collection[str] | None) -> Iterator[ConfigError]:
    """Everything that is wrong with them, file by file; nothing is judged of a rule that is not among `rules`.

    `known`: the ids of all rules of the site, if these are all that there are; None: there may be others.
    """
    by_id = {rule.id: rule for rule in rules}
    for plan in site.plans.all:
        for rule_id in plan.says.limits:
            try:
                if spec := _named(rule_id, by_id, known, plan.place):
                    _check_plan(plan, by_id[rule_id], spec, site)
            except ConfigError as wrong:
                yield wrong
    for name, profile in site.profiles.items():
        for rule_id in profile.limits:
            try:
                if spec := _named(rule_id, by_id, known, site.place_of_profile(name)):
                    _check_model(name, by_id[rule_id], spec, site)
            except ConfigError as wrong:
                yield wrong


def _named(rule_id: str, rules: dict[str, Rule], known: Collection[str] | None, place: Place) -> LimitedKind | None:
    """The rule that is meant, if it can be judged."""
    if known is not None and rule_id not in known:
        problem = f"limits has {rule_id!r}; there is no such rule{near(rule_id, known)}"
        raise place.wrong(problem, "limits", rule_id)
    if rule_id not in rules:
        return None
    spec = rules[rule_id].spec
    if not isinstance(spec, LimitedKind):
        problem = f"limits has {rule_id!r}; what is of kind {spec.kind!r} has no limits to be set"
        raise place.wrong(problem, "limits", rule_id)
    return spec


def _check_plan(plan: Plan, rule: Rule, spec: LimitedKind, site: Site) -> None:
    where = ("limits", rule.id)
    for subject in plan.says.subjects:
        about = site.devices[subject.partition("/")[0]]
        kind = about.kind
        if kind != spec.for_each.kind:
            problem = f"limits has {rule.id!r}, a rule about each {spec.for_each.kind}; {subject!r} is a {kind}"
            raise plan.place.wrong(problem, *where)
        if spec.metric not in site.profiles[about.profile].metrics:
            problem = f"limits has {rule.id!r}, a rule about {spec.metric}, which {subject!r} does not send"
            raise plan.place.wrong(problem, *where)
        if plan.own and subject in spec.overrides:
            there = rule.place.told("overrides", subject)
            problem = f"it gives {subject!r} limits of the rule {rule.id!r}, as an override of the rule does: {there}"
            raise plan.place.wrong(problem, *where)
        device, port = spec.subject_of(subject, site, plan.place, *where)
        spec.check_chain(spec.chain(rule, site, device, port), site)


def _check_model(name: str, rule: Rule, spec: LimitedKind, site: Site) -> None:
    profile, place = site.profiles[name], site.place_of_profile(name)
    where = ("limits", rule.id)
    if profile.kind != spec.for_each.kind:
        problem = f"limits has {rule.id!r}, a rule about each {spec.for_each.kind}; this is a {profile.kind}"
        raise place.wrong(problem, *where)
    if spec.metric not in profile.metrics:
        raise place.wrong(f"limits has {rule.id!r}, a rule about {spec.metric}, which this model does not send", *where)
    spec.check_chain([*spec.of_model(site, name), spec.own(rule)], site)
