"""Plans that no longer count, that can never count, or that soften what is grave."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from config.lint import Doubt
from config.load import Site
from config.plans import Plan
from domain.finding import Severity
from domain.register import Device
from rules.kinds.baseline import Baseline
from rules.kinds.threshold import Threshold
from rules.limited import LimitedKind
from rules.rule import Rule

SOON = timedelta(days=30)


def of_site(rules: Sequence[Rule], site: Site, today: date | None) -> Iterator[Doubt]:
    """What there is to look at again in plans; with `today`, also those that have ended or end within a month."""
    specs = {rule.id: rule.spec for rule in rules}
    for plan in site.plans.all:
        if today is not None:
            yield from _of_days(plan, today)
        for rule_id in plan.says.limits:
            spec = specs.get(rule_id)
            if isinstance(spec, LimitedKind):
                yield from _of_subjects(plan, spec, site)
                yield from _of_levels(plan, spec)


def _of_days(plan: Plan, today: date) -> Iterator[Doubt]:
    until = plan.says.valid.until
    if until is not None and until < today + SOON:
        when = "ended" if until < today else "ends"
        yield _doubt(plan, f"it {when} on {until}; after that, what others say holds", "valid", "until")


def _of_subjects(plan: Plan, spec: LimitedKind, site: Site) -> Iterator[Doubt]:
    devices = dict.fromkeys(subject.partition("/")[0] for subject in plan.says.subjects)
    mute = [name for name in devices if _is_mute(spec, site.devices[name])]
    if mute:
        problem = (
            f"the rule {spec.id!r} cannot speak for {', '.join(mute)}: devices.csv has no baseline of {spec.metric}"
        )
        yield _doubt(plan, problem, "limits", spec.id)


def _is_mute(spec: LimitedKind, device: Device) -> bool:
    """Whether the rule is about a change since installation, and nobody knows how the device stood then."""
    relative = isinstance(spec, Threshold) and spec.relative_to is not None
    relative = relative or (isinstance(spec, Baseline) and spec.against == "installation")
    return relative and spec.metric not in device.baseline


def _of_levels(plan: Plan, spec: LimitedKind) -> Iterator[Doubt]:
    given = plan.says.limits[spec.id]
    for severity, level in given.by_severity(spec.severity).items():
        own = spec.own_level(severity)
        if (severity is Severity.CRITICAL or own.latch) and level.raise_.beyond(own.raise_) > 0:
            at = ("limits", spec.id, *(("levels", severity.value) if given.levels else ()), "raise")
            problem = (
                f"{severity} is raised {level.raise_.text} only, where the rule {spec.id!r} says {own.raise_.text}"
            )
            yield _doubt(plan, f"{problem}: is it less grave there?", *at)


def _doubt(plan: Plan, problem: str, *keys: str) -> Doubt:
    return Doubt(path=plan.place.path, line=plan.place.line(*keys), problem=f"{plan.place.name}: {problem}")
