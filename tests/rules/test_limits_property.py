"""What must hold for any limits whatever: who wins, and that levels come and go without wavering."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.limits import Override
from config.load import Site
from config.place import Place
from config.plans import Plan, PlanFile, Plans
from domain.finding import Change, Finding, Severity
from rules.alarm_life import RENEW_MS
from rules.kinds.threshold import Threshold, ThresholdWatch
from rules.limited import LimitedKind
from rules.rule import Rule
from tests.rules.city import small_city

SITE = small_city()
STEP_MS = 20_000
MANY = settings(max_examples=200)

_numbers = st.integers(31, 90)
_steps = st.dictionaries(st.sampled_from(["port", "own", "override", "plan", "model"]), _numbers)


def _limits(number: int) -> dict[str, Any]:
    return {"hot": {"raise": {"above": number}, "clear": {"below": number - 1}}}


def _plan(name: str, subject: str, number: int, *, own: bool) -> Plan:
    says = PlanFile.model_validate(
        {
            "version": 1,
            "plan": name,
            "title": {"zh": "方案", "en": "plan"},
            "subjects": [subject],
            "approved_by": "a",
            "source": "b",
            "confidence": "low",
            "limits": _limits(number),
        }
    )
    place = Place(Path(f"{name}.yaml"), {}, (), name)
    return Plan(says=says, place=place, own=own, from_ms=float("-inf"), until_ms=float("inf"))


@MANY
@given(_numbers, _steps)
def test_precedence_holds_for_any_limits(default: int, steps: dict[str, int]) -> None:
    """Port, then device (by override or by its own plan), then plan, model and rule, whatever their numbers."""
    plans = [_plan("port", "cs-1/2", steps["port"], own=True)] if "port" in steps else []
    plans += [_plan("own", "cs-1", steps["own"], own=True)] if "own" in steps else []
    plans += [_plan("plan", "cs-1", steps["plan"], own=False)] if "plan" in steps else []
    site = replace(SITE, plans=Plans.of(plans), profiles=dict(SITE.profiles))
    if "model" in steps:
        limits = {"hot": Override.model_validate(_limits(steps["model"])["hot"])}
        profile = site.profiles["charging-station"].model_copy(update={"limits": limits})
        site = replace(site, profiles={**site.profiles, "charging-station": profile})
    overridden = "override" in steps and "own" not in steps
    overrides = {"cs-1": {"raise": {"above": steps["override"]}}} if overridden else {}
    rule = _rule(site, severity="warn", overrides=overrides, **{"raise": {"above": default}, "clear": {"below": 30}})
    device = [("own", "override"), ("override", "own")][overridden][0]
    order = {"cs-1/2": ["port", device, "plan", "model"], "cs-1": [device, "plan", "model"]}
    for subject, names in order.items():
        won = next((steps[name] for name in names if name in steps), default)
        spec = rule.spec
        assert isinstance(spec, LimitedKind)
        port = 2 if "/" in subject else None
        (level,) = spec.levels_for(rule, site, site.devices["cs-1"], port)
        assert level.limits.number == won
        assert [one.raise_.number for one in spec.limit_chain(rule, site, site.devices["cs-1"], port) if one.wins] == [
            won
        ]


def _rule(site: Site, **keys: Any) -> Rule:
    said = {
        "id": "hot",
        "title": {"zh": "热", "en": "hot"},
        "kind": "threshold",
        "for_each": {"kind": "charger"},
        "metric": "temp_c",
        "max_gap": "1d",
    }
    rule = Rule(Threshold.model_validate(said | keys), Path("rules.yaml"), 0, {("rules", 0): 1}, "version")
    rule.spec.check(rule, site)
    return rule


@dataclass(frozen=True)
class _Level:
    raise_: int
    clear: int
    hold: int
    samples: int


@st.composite
def _ladders(draw: st.DrawFn) -> tuple[_Level, ...]:
    """Two or three levels in order, the mildest first; above, with room between clear and raise or without."""
    count = draw(st.integers(2, 3))
    raises = draw(st.lists(st.integers(10, 40), min_size=count, max_size=count, unique=True))
    clears = draw(st.lists(st.integers(5, 40), min_size=count, max_size=count))
    levels = zip(sorted(raises), sorted(clears), strict=True)
    return tuple(
        _Level(raise_, min(clear, raise_), draw(st.sampled_from([0, 20, 40])), draw(st.integers(1, 3)))
        for raise_, clear in levels
    )


_values = st.lists(st.integers(4, 41), max_size=40)


def _play(levels: Sequence[_Level], values: Sequence[int]) -> list[Finding | None]:
    said = {
        severity.value: {
            "raise": {"above": one.raise_},
            "clear": {"below": one.clear},
            "for": f"{one.hold}s",
            "samples": one.samples,
        }
        for severity, one in zip(Severity, levels, strict=False)
    }
    rule = _rule(SITE, levels=said)
    watch = rule.spec.watches(rule, SITE)[0]
    assert isinstance(watch, ThresholdWatch)
    return [watch.value(value, number * STEP_MS) for number, value in enumerate(values)]


def _by_hand(levels: Sequence[_Level], values: Sequence[int]) -> list[int]:
    """The worst level that stands after each value, -1 for none: each by itself, and what is worse holds it up."""
    standing = [False] * len(levels)
    worst: list[int] = []
    for number, value in enumerate(values):
        for place, level in reversed(list(enumerate(levels))):
            run = 0
            while run <= number and values[number - run] >= level.raise_:
                run += 1
            full = run >= level.samples and (run - 1) * STEP_MS >= level.hold * 1000
            held_up = value >= level.raise_ and any(standing[place + 1 :])
            standing[place] = (standing[place] and value >= level.clear) or (run > 0 and full) or held_up
        worst.append(max((place for place in range(len(levels)) if standing[place]), default=-1))
    return worst


@MANY
@given(_ladders(), _values)
def test_levels_come_and_go_as_by_hand(levels: tuple[_Level, ...], values: list[int]) -> None:
    """A rise and a fall are told at once and once; else nothing is told but a renewal a minute after the last word."""
    severities = tuple(Severity)
    before, told_ms = -1, 0
    for number, (finding, now) in enumerate(zip(_play(levels, values), _by_hand(levels, values), strict=True)):
        at_ms = number * STEP_MS
        if now != before:
            assert finding is not None
            change = Change.RAISED if before < 0 else Change.RESOLVED if now < 0 else Change.RENEWED
            assert (finding.change, finding.severity) == (change, severities[before if now < 0 else now])
        elif finding is not None:
            assert (finding.change, finding.severity) == (Change.RENEWED, severities[now])
            assert at_ms - told_ms >= RENEW_MS
        told_ms = at_ms if finding is not None else told_ms
        before = now


@MANY
@given(_ladders(), _values, st.integers(4, 41))
def test_a_value_that_stays_never_makes_an_alarm_waver(
    levels: tuple[_Level, ...], values: list[int], stays: int
) -> None:
    """Wherever it came from: it falls at most once, at the first such value, and from then on only rises."""
    findings = _play(levels, [*values, *[stays] * 12])[len(values) + 1 :]
    ranks = [finding.severity.rank for finding in findings if finding is not None]
    assert ranks == sorted(ranks)
    assert all(finding is None or finding.change is not Change.RESOLVED for finding in findings)
