"""Whose limits hold: subject → plan → model → default; and what is refused of plans and models once rules are known."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from config.load import Site
from domain.clock import epoch_ms
from domain.errors import ConfigError
from rules.limited import LimitedKind
from tests.rules.city import rules_from, small_city
from tests.rules.planned_city import planned_city, wins
from tests.rules.timetable import Timetable

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
for: 30s
source: the rule's source
confidence: low
"""
LEVELS = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
levels:
  warn: {raise: {above: 55}, clear: {below: 50}}
  critical: {raise: {above: 65}, clear: {below: 60}}
"""
QUIET = "id: quiet\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3\nat_least: 15s"
OWN = "limits: {hot: {raise: {above: 70}}}\nown: true"
SHARED = "limits: {hot: {raise: {above: 60}}}"
MODEL = "      hot: {raise: {above: 58}, source: the maker, confidence: high}\n"


def test_the_first_of_the_chain_wins(tmp_path: Path) -> None:
    """Each step is left out in turn, and the next one wins, with its own file and line."""
    steps = {
        "override": "warn 80 rules.yaml:14 hot cs-1",
        "own": "warn 70 own.yaml:8 own",
        "plan": "warn 60 plan.yaml:8 plan",
        "model": "warn 58 profiles.yaml:9 charging-station",
        "default": "warn 55 rules.yaml:8 hot",
    }
    for number, (first, said) in enumerate(steps.items()):
        folder = tmp_path / first
        folder.mkdir()
        left = list(steps)[number:]
        plans = {"plan": ("cs-1", SHARED)} if "plan" in left else {}
        plans |= {"own": ("cs-1", OWN)} if first == "own" else {}
        site = planned_city(folder, model=MODEL if "model" in left else "", **plans)
        override = "overrides:\n  cs-1: {raise: {above: 80}}" if "override" in left else ""
        (rule,) = rules_from(folder, site, HOT + override)
        assert wins(rule, site, "cs-1") == wins(rule, site, "cs-1/2") == [said]


def test_of_one_step_the_port_comes_before_its_device(tmp_path: Path) -> None:
    """And a plan for several ports after what is set for the station alone."""
    site = planned_city(
        tmp_path,
        station=("cs-1", OWN),
        port=("cs-1/1", "limits: {hot: {raise: {above: 75}}}\nown: true"),
        ports=("cs-1/1, cs-1/2", SHARED),
    )
    (rule,) = rules_from(tmp_path, site, HOT)
    said = [wins(rule, site, f"cs-1/{port}")[0] for port in (1, 2, 3)]
    assert said == ["warn 75 port.yaml:8 port", "warn 70 station.yaml:8 station", "warn 70 station.yaml:8 station"]


def test_the_chain_tells_everyone_and_why(tmp_path: Path) -> None:
    """Each candidate as it would hold, with what it leaves unsaid as the rule has it; its own source or its plan's."""
    site = planned_city(
        tmp_path, model=MODEL, plan=("cs-1", "limits: {hot: {raise: {above: 60}, for: 1m, samples: 2}}")
    )
    (rule,) = rules_from(tmp_path, site, HOT)
    spec = rule.spec
    assert isinstance(spec, LimitedKind)
    told = [
        (one.step, one.raise_.text, one.clear and one.clear.text, one.hold_s, one.samples, one.where, one.source)
        for one in spec.limit_chain(rule, site, site.devices["cs-1"], None)
    ]
    assert told == [
        ("plan", "above 60", "below 50", 60, 2, "plan.yaml:8 plan", "the plan's source"),
        ("model", "above 58", "below 50", 30, 1, "profiles.yaml:9 charging-station", "the maker"),
        ("default", "above 55", "below 50", 30, 1, "rules.yaml:8 hot", "the rule's source"),
    ]
    chain = spec.limit_chain(rule, site, site.devices["cs-1"], None)
    assert [(one.wins, one.confidence) for one in chain] == [(True, "medium"), (False, "high"), (False, "low")]
    assert [one.why for one in chain] == [
        "comes first: subject, plan, model, default",
        "the plan comes before the model",
        "the plan comes before the default",
    ]


def test_each_severity_is_settled_by_itself(tmp_path: Path) -> None:
    """A plan that says only when it is critical leaves the warning to the model."""
    site = planned_city(
        tmp_path,
        model="      hot: {levels: {warn: {raise: {above: 58}}, critical: {raise: {above: 66}}}}\n",
        plan=("cs-1", "limits: {hot: {levels: {critical: {raise: {above: 75}, clear: {below: 70}}}}}"),
    )
    (rule,) = rules_from(tmp_path, site, LEVELS)
    assert wins(rule, site, "cs-1") == ["critical 75 plan.yaml:8 plan", "warn 58 profiles.yaml:9 charging-station"]
    found = Timetable([rule], site).play(
        """
        08:00:00  cs-1 temp_c=57
        08:00:30  cs-1 temp_c=74        → raised hot cs-1
        08:01:00  cs-1 temp_c=75        → renewed hot cs-1
        08:01:10  cs-1 temp_c=69        → renewed hot cs-1
        08:01:20  cs-1 temp_c=49        → resolved hot cs-1
        """
    )
    assert [step.limit for step in found] == [58, 75, 58, 58]
    assert found[1].limit_source == "plan.yaml:8 plan"


def test_a_plan_counts_on_its_days_by_event_time(tmp_path: Path) -> None:
    """Not by when it is heard: what was measured before it began is judged as it was then."""
    site = planned_city(tmp_path, plan=("cs-1", "valid: {from: 2026-11-23, until: 2026-11-23}\n" + SHARED))
    (rule,) = rules_from(tmp_path, site, HOT.replace("for: 30s\n", ""))

    def at(text: str) -> int:
        return epoch_ms(datetime.fromisoformat(text).replace(tzinfo=site.timezone))

    default, planned = ["warn 55 rules.yaml:8 hot"], ["warn 60 plan.yaml:9 plan"]
    days = ("2026-11-22 23:59:59", "2026-11-23 00:00", "2026-11-23 23:59:59", "2026-11-24 00:00")
    assert [wins(rule, site, "cs-1", at(day)) for day in days] == [default, planned, planned, default]
    assert wins(rule, site, "cs-1") == default
    found = Timetable([rule], site).play(
        """
        1d 09:00:00  at 0d 23:59:00  cs-1 temp_c=58    → raised hot cs-1
        1d 09:00:01  at 1d 00:00:30  cs-1 temp_c=51
        1d 09:00:02  at 1d 00:01:00  cs-1 temp_c=49    → resolved hot cs-1
        1d 09:00:03  at 1d 00:02:00  cs-1 temp_c=58
        1d 09:00:04  at 1d 23:59:59  cs-1 temp_c=61    → raised hot cs-1
        2d 09:00:00  at 2d 00:02:00  cs-1 temp_c=58    → renewed hot cs-1
        """
    )
    assert [step.limit for step in found] == [55, 60, 60, 55]


PLANNED = "limits:\n  hot:\n    raise: {above: 60}"


@pytest.mark.parametrize(
    ("subjects", "rest", "line", "says"),
    [
        (
            "cs-1",
            "limits: {hut: {raise: {above: 60}}}",
            8,
            "limits has 'hut'; there is no such rule; did you mean 'hot'?",
        ),
        (
            "cs-1",
            "limits: {quiet: {raise: {above: 60}}}",
            8,
            "limits has 'quiet'; what is of kind 'silent' has no limits",
        ),
        ("tree-1", PLANNED, 9, "limits has 'hot', a rule about each charger; 'tree-1' is a tree"),
        (
            "cs-1",
            "limits: {windy: {raise: {above: 9}}}",
            8,
            "limits has 'windy', a rule about wind_m_s, which 'cs-1' does not",
        ),
        ("cs-1", PLANNED + "\n    clear: {below: 61}", 11, "clear below 61 is on the wrong side of raise above 60"),
        ("cs-1", "limits:\n  hot:\n    raise: {above: 45}", 9, "clear below 50 is on the wrong side of raise above 45"),
        ("cs-1", "limits:\n  hot:\n    raise: {below: 45}", 9, "clear is 'below'; what is raised below a limit"),
        (
            "cs-1",
            "limits:\n  hot:\n    raise: {above: 500}",
            10,
            "raise is above 500, but the metric's values lie from",
        ),
        ("cs-1", "limits:\n  hot:\n    raise: {equals: true}", 10, "raise is 'equals', but the metric is a number"),
        (
            "cs-1",
            "limits:\n  hot:\n    raise: {above: 60m}",
            10,
            "raise is above 60m, but the metric is a number: write",
        ),
        (
            "cs-1",
            "limits:\n  hot:\n    levels:\n      critical: {raise: {above: 70}}",
            11,
            "there is no level 'critical'",
        ),
        (
            "cs-1",
            "own: true\n" + PLANNED,
            10,
            "it gives 'cs-1' limits of the rule 'hot', as an override of the rule does: ",
        ),
    ],
)
def test_a_plan_that_fits_no_rule_is_refused_with_its_line(
    tmp_path: Path, subjects: str, rest: str, line: int, says: str
) -> None:
    """Whoever wrote it would believe that it counts."""
    site = planned_city(tmp_path, plan=(subjects, rest))
    weather = site.profiles["charging-station"].model_copy(update={"metrics": ("wind_m_s",)})
    site = replace(site, profiles={**site.profiles, "weather": weather})
    windy = "id: windy\nkind: threshold\nfor_each: {kind: charger}\nmetric: wind_m_s\nraise: {above: 8}"
    with pytest.raises(ConfigError) as refused:
        rules_from(tmp_path, site, HOT + "overrides:\n  cs-1: {raise: {above: 80}}", QUIET, windy)
    assert str(refused.value).startswith(f"{tmp_path}/plans/plan.yaml line {line}: plan 'plan': {says}")


def test_a_plan_of_a_port_is_not_for_a_rule_about_whole_devices(tmp_path: Path) -> None:
    """It would never be asked for."""
    site = planned_city(tmp_path, plan=("cs-1/1", PLANNED))
    with pytest.raises(ConfigError, match=r"plan\.yaml line 9: .*the rule 'hot' is about whole devices"):
        rules_from(tmp_path, site, HOT.replace("{kind: charger}", "{kind: charger, part: device}"))


def test_levels_of_several_places_must_fit_each_other(tmp_path: Path) -> None:
    """The plan's warning is beyond the rule's critical: the error is the plan's, on the days on which it counts."""
    site = planned_city(tmp_path, plan=("cs-1", "limits:\n  hot:\n    levels:\n      warn: {raise: {above: 65}}"))
    says = (
        r"plan\.yaml line 11: plan 'plan': critical is raised above 65, warn above 65 \(plan\.yaml:11 plan\): the worse"
    )
    with pytest.raises(ConfigError, match=says):
        rules_from(tmp_path, site, LEVELS)


@pytest.mark.parametrize(
    ("limits", "line", "says"),
    [
        ("      hut: {raise: {above: 58}}\n", 9, "limits has 'hut'; there is no such rule"),
        ("      quiet: {raise: {above: 58}}\n", 9, "limits has 'quiet'; what is of kind 'silent' has no limits"),
        ("      lean: {raise: {above: 58}}\n", 9, "limits has 'lean', a rule about each tree; this is a charger"),
        (
            "      leak: {raise: {above: 58}}\n",
            9,
            "limits has 'leak', a rule about residual_ma, which this model does not",
        ),
        (
            "      hot:\n        raise: {above: 58}\n        clear: {below: 60}\n",
            11,
            "clear below 60 is on the wrong side",
        ),
        (
            "      hot:\n        levels: {notice: {raise: {above: 58}}}\n",
            10,
            "there is no level 'notice' in the rule 'hot'",
        ),
    ],
)
def test_a_models_limits_that_fit_no_rule_are_refused_with_their_line(
    tmp_path: Path, limits: str, line: int, says: str
) -> None:
    """As those of plans."""
    site = planned_city(tmp_path, model=limits)
    lean = "id: lean\nkind: threshold\nfor_each: {kind: tree}\nmetric: tilt_deg\nraise: {above: 50}"
    leak = "id: leak\nkind: threshold\nfor_each: {kind: charger}\nmetric: residual_ma\nraise: {above: 30}"
    with pytest.raises(ConfigError) as refused:
        rules_from(tmp_path, _with_a_leaky_model(site), HOT, QUIET, lean, leak)
    assert str(refused.value).startswith(f"{tmp_path}/profiles.yaml line {line}: profile 'charging-station': {says}")


def _with_a_leaky_model(site: Site) -> Site:
    """One that sends what the small city's own stations do not."""
    leaky = site.profiles["charging-station"].model_copy(update={"metrics": ("residual_ma",), "limits": {}})
    return replace(site, profiles={**site.profiles, "leaky": leaky})


def test_without_all_the_sites_rules_nobody_says_that_one_is_missing(tmp_path: Path) -> None:
    """Reading one file of several must not blame the plans for the others."""
    site = planned_city(tmp_path, plan=("cs-1", "limits: {hut: {raise: {above: 60}}}"))
    assert rules_from(tmp_path, replace(site, rule_files=(Path("others.yaml"),)), HOT)


def test_an_override_may_say_all_that_a_rule_may(tmp_path: Path) -> None:
    """for and samples, and levels one by one."""
    site = small_city()
    both = "overrides:\n  cs-1: {raise: {above: 57}, for: 0s, samples: 2, source: me, confidence: low}"
    (rule,) = rules_from(tmp_path, site, HOT + both)
    Timetable([rule], site).play(
        """
        08:00:00  cs-1 temp_c=57
        08:00:01  cs-1 temp_c=57        → raised hot cs-1
        """
    )
    (levels,) = rules_from(
        tmp_path, site, LEVELS + "overrides: {cs-1: {levels: {warn: {raise: {above: 56}, for: 5s}}}}"
    )
    assert [said.split()[1] for said in wins(levels, site, "cs-1")] == ["65", "56"]
