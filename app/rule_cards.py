"""Rules of files made into what the console shows of them."""

from collections.abc import Iterator, Mapping
from typing import Final

from config.load import Site
from console.desk.rules import RuleCard, RuleLevel
from domain.finding import CasePolicy, Severity
from rules.explain import unit_of
from rules.kinds.compound import Compound
from rules.kinds.count import Count
from rules.kinds.presence import Presence
from rules.limited import LimitedKind
from rules.rule import Kind, Rule

_FACTS: Final = (
    "relative_to",
    "over",
    "per",
    "both_ways",
    "against",
    "days",
    "min_days",
    "smooth",
    "min_span",
    "band",
    "edge",
    "after_intervals",
    "at_least",
    "offline",
    "classes",
    "zone_roles",
    "views",
    "when",
    "of",
    "stale",
    "max_gap",
    "cooldown",
)
"""Keys of kinds that are told as they are."""


def card_of(rule: Rule, site: Site) -> RuleCard:
    """One rule as its file says it; `subjects` and `others` are of this site."""
    spec = rule.spec
    return RuleCard(
        id=rule.id,
        title=spec.title,
        kind=spec.kind,
        of=spec.for_each.kind,
        part=_part(spec, site),
        severity=spec.severity,
        levels=tuple(_levels(spec)),
        metric=spec.metric if isinstance(spec, LimitedKind) else None,
        unit=unit_of(spec, site),
        facts=_facts(spec),
        schedule=_hours(spec),
        source=spec.source,
        confidence=spec.confidence,
        owner=spec.owner,
        text=spec.text,
        first=spec.first,
        matter=spec.case.matter if spec.case else None,
        policy=spec.case.policy if spec.case else CasePolicy.NONE,
        case_from=spec.case.from_ if spec.case else Severity.NOTICE,
        inhibited_by=spec.inhibited_by,
        file=rule.path.name,
        line=rule.line("id"),
        version=rule.version,
        subjects=spec.subjects(site),
        others=_others(rule, site),
    )


def _part(spec: Kind, site: Site) -> str:
    """Devices that have no ports are whole, whatever the rule says of parts."""
    if isinstance(spec, Presence):
        return "zone"
    has_ports = any(device.ports for device in site.devices.values() if device.kind == spec.for_each.kind)
    return str(getattr(spec.for_each, "part", "device")) if has_ports else "device"


def _levels(spec: Kind) -> Iterator[RuleLevel]:
    if not isinstance(spec, LimitedKind):
        hold_s, latch = getattr(spec, "hold", 0.0) or 0.0, bool(getattr(spec, "latch", False))
        yield RuleLevel(severity=spec.severity, hold_s=hold_s, latch=latch)
        return
    for severity in spec.severities:
        level = spec.own_level(severity)
        yield RuleLevel(
            severity=severity,
            raise_=level.raise_,
            clear=level.clear,
            hold_s=level.hold or 0.0,
            samples=level.samples or 1,
            latch=level.latch,
        )


def _facts(spec: Kind) -> Mapping[str, object]:
    found: dict[str, object] = {name: getattr(spec, name) for name in _FACTS if getattr(spec, name, None)}
    found = {name: [str(one) for one in value] if isinstance(value, tuple) else value for name, value in found.items()}
    for name in ("confirm", "clear"):
        window = getattr(spec, name, None)
        if window is not None and hasattr(window, "k"):
            found[name] = {"k": window.k, "n": window.n}
    said = getattr(spec, "schedule", None)
    if said is not None and not isinstance(said, str):
        found["on"] = list(said.days) if isinstance(said.days, tuple) else [said.days]
        found["except"] = [said.except_] if said.except_ else []
    if isinstance(spec, Presence):
        found["stays"] = spec.stays_s
    if isinstance(spec, Count):
        found["event"] = spec.event
    if isinstance(spec, Compound):
        found["groups"] = {name: list(patterns) for name, patterns in spec.groups() if patterns}
        found["let"] = dict(spec.let)
    return found


def _hours(spec: Kind) -> str:
    """`07:00-22:00`; empty: all day."""
    said = getattr(spec, "schedule", None)
    return said if isinstance(said, str) else (said.hours or "") if said is not None else ""


def _others(rule: Rule, site: Site) -> int:
    """How many subjects have limits that are not the rule's own."""
    spec = rule.spec
    if not isinstance(spec, LimitedKind):
        return 0
    of_model = {name for name, profile in site.profiles.items() if spec.id in profile.limits}
    planned = [subject for plan in site.plans.all if spec.id in plan.says.limits for subject in plan.says.subjects]
    named = {subject.partition("/")[0] for subject in (*spec.overrides, *planned)}
    if not of_model and not named:
        return 0
    return sum(
        device.profile in of_model or (device.device_id in named and spec.has_own(site, device, port))
        for device, port in spec.parts(site)
    )
