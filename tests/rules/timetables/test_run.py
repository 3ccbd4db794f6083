"""Files of timetables: what is right, what differs, and what is refused."""

from pathlib import Path
from textwrap import dedent, indent

import pytest

from domain.errors import ConfigError, ConfigErrors
from rules.timetables.run import Result, read_timetables, untested

RULES = """\
version: 1
catalogue: gb47678.5-2026
rules:
  - id: hot
    title: {zh: 过热, en: Hot}
    kind: threshold
    for_each: {kind: charger}
    metric: temp_c
    raise: {above: 55}
    clear: {below: 50}
    for: 1m
    severity: warn
  - id: smoke
    title: {zh: 烟雾, en: Smoke}
    kind: threshold
    for_each: {kind: charger}
    metric: smoke
    raise: {equals: true}
    latch: true
    severity: critical
  - id: silent
    title: {zh: 失联, en: Silent}
    kind: silent
    for_each: {kind: charger}
    severity: notice
"""
HEAD = """\
version: 1
rules: [rules.yaml]
devices: {cs-1: {profile: charging-station, ports: 2}}
cameras: {cam-1: {zones: {front: frontage}}}
tests:
"""


def file_of(folder: Path, *tests: str, head: str = HEAD) -> Path:
    """A file of timetables beside rules of three kinds."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    path = folder / "tests.yaml"
    items = ["  - " + indent(dedent(test).strip(), "    ").lstrip() for test in tests]
    path.write_text(head + "\n".join(items) + "\n", encoding="utf-8")
    return path


def results(folder: Path, *tests: str) -> list[Result]:
    """What comes of these tests."""
    return list(read_timetables(file_of(folder, *tests)).run())


def differing(folder: Path, test: str) -> list[str]:
    """What differs, a line each."""
    (result,) = results(folder, test)
    return [f"{each.when} {each.line}: {each.expected} | {each.got}" for each in result.differences]


GOOD = """
    name: right
    of: [hot, smoke]
    start: 2026-11-23 08:00
    values:
      cs-1/1 temp_c: 40x2 60x4 52x2 45
      cs-1 smoke: falsex4 true false
    expect:
      08:01: none
      08:02: [hot cs-1/1 warn firing, smoke cs-1 critical]
      08:04:
        - smoke cs-1
"""


def test_what_is_as_expected_differs_in_nothing(tmp_path: Path) -> None:
    """The rules that raised are noted, with their severities, and so is the story."""
    (result,) = results(tmp_path, GOOD)
    assert result.differences == ()
    assert sorted(result.raised) == [("hot", "warn"), ("smoke", "critical")]
    assert result.story == ("08:02 raised hot cs-1/1", "08:02 raised smoke cs-1", "08:04 resolved hot cs-1/1")
    assert result.line == 6


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        (("08:01: none", "08:01: hot cs-1/1"), ["08:01 13: hot cs-1/1 | hot cs-1/1 pending"]),
        (
            ("- smoke cs-1", "- hot cs-1/1"),
            ["08:04 15: hot cs-1/1 | nothing", "08:04 15: nothing | smoke cs-1 critical recovering"],
        ),
        (("warn firing", "notice firing"), ["08:02 14: hot cs-1/1 notice | hot cs-1/1 warn"]),
        (("warn firing", "warn stale"), ["08:02 14: hot cs-1/1 stale | hot cs-1/1 firing"]),
        (
            ("- smoke cs-1", "- {alarm: smoke cs-1, since: 08:01, value: 2, limit: 0.5, contains: [火]}"),
            ["08:04 15: smoke cs-1 since 08:01, value 2, limit 0.5, says … '火' … | smoke cs-1 since 08:02, value 1,"],
        ),
    ],
)
def test_what_differs_stands_side_by_side(tmp_path: Path, change: tuple[str, str], differences: list[str]) -> None:
    """With its time and its line: a missing alarm, one too many, another severity, state, time, number or word."""
    found = differing(tmp_path, GOOD.replace(*change))
    assert [each[: len(wanted)] for each, wanted in zip(found, differences, strict=True)] == differences


def test_what_is_raised_between_two_times_and_named_nowhere_differs(tmp_path: Path) -> None:
    """Nothing else may fire, even if nobody looks while it does."""
    test = """
        name: too quick to be seen
        of: [hot]
        values: {cs-1 temp_c: 40 60x3 40x9}
        expect: {"00:06": none}
    """
    assert differing(tmp_path, test) == ["00:01:30 9: nothing | hot cs-1 warn raised"]


def test_rules_that_are_not_judged_may_do_what_they_like(tmp_path: Path) -> None:
    """Without `of` the same file speaks of the silence, too."""
    quiet = "name: quiet\nof: [hot]\nvalues: {cs-1 temp_c: 40}\nexpect: {'01:00': none}"
    assert differing(tmp_path, quiet) == []
    assert differing(tmp_path, quiet.replace("of: [hot]\n", "")) == [
        "01:00 8: nothing | silent cs-1 notice firing",
        "00:02 8: nothing | silent cs-1 notice raised",
    ]


def test_events_are_heard(tmp_path: Path) -> None:
    """A last will, a birth, deafness that excuses a silence, a restart, a person's word."""
    tests = {
        "will": ("values: {cs-1 temp_c: 40}", "00:01: cs-1 offline", "00:01: silent cs-1"),
        "birth": ("of: [silent]", "00:01: [cs-1 offline, cs-1 online]", "00:01: silent cs-1"),
        "deaf": ("values: {cs-1 temp_c: 40}", "00:01: deaf 20m", "00:21: none, 00:22: silent cs-1"),
        "word": ("values: {cs-1 smoke: true falsex12}", "00:05: release smoke cs-1", "00:04: smoke cs-1, 00:05: none"),
        "restart": ("values: {cs-1 temp_c: 60x2 @restart 60}", "00:00: restart", "00:01: hot cs-1"),
        "feed": ("of: [silent]", "00:01: heard longcheng", "00:01: none"),
    }
    written = (
        f"name: {name}\n{values}\nevents: {{{events}}}\nexpect: {{{expect}}}"
        for name, (values, events, expect) in tests.items()
    )
    found = {result.name: result.differences for result in results(tmp_path, *written)}
    assert {name for name, differences in found.items() if differences} == set()


def test_what_a_row_says_comes_by_our_own_feed(tmp_path: Path) -> None:
    """So that a silent feed can be tested by what devices say, or don't."""
    path = file_of(
        tmp_path,
        "name: feed\nof: [feed]\nvalues: {cs-1 temp_c: 40x9 _x9 40}\nexpect: {'00:04': none,\n"
        "'00:08': feed longcheng, '00:09': none}",
    )
    with (tmp_path / "rules.yaml").open("a", encoding="utf-8") as rules:
        rules.write(
            "  - id: feed\n    title: {zh: 中断, en: silent}\n    kind: silent\n    for_each: {kind: feed}\n"
            "    severity: warn\n"
        )
    [result] = read_timetables(path).run()
    assert result.differences == ()


def test_a_late_value_is_told_of_when_it_is_received(tmp_path: Path) -> None:
    """Smoke that comes late is smoke, at its own time."""
    test = """
        name: late
        of: [smoke]
        values: {cs-1 smoke: "falsex2 true@late=10m falsex30"}
        expect:
          "00:10": none
          "00:11": {alarm: smoke cs-1, since: "00:01"}
    """
    assert differing(tmp_path, test) == []


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("cs-1 smoke: false", "cs-2 smoke: false"), 11, "there is no device 'cs-2'; did you mean 'cs-1'?"),
        (("cs-1 smoke: false", "cs-1 smok: false"), 11, "write cs-1 and one of what a charging-station sends: "),
        (("cs-1/1", "cs-1/3"), 10, "values has 'cs-1/3'; cs-1 has 2 ports"),
        (("of: [hot", "of: [hott"), 7, "of names the rule 'hott', which there is not; did you mean 'hot'?"),
        (("[hot cs", "[hit cs"), 14, "expect names the rule 'hit', which there is not"),
        (
            ("of: [hot, smoke]", "of: [hot]"),
            14,
            "expect names the rule 'smoke', which is not among those that `of` names",
        ),
        (("40x2", "4ox2"), 10, "'4o' is no number"),
        (("08:01: none", "07:01: none"), 13, "07:01 is before its start, 08:00"),
        (("08:01: none", "8 o'clock: none"), 13, "write 08:30, or 1d 08:30"),
        (("warn firing", "bad"), 14, "write none, or the rule, whom it is about"),
        (("2026-11-23 08:00", "tomorrow"), 8, "'tomorrow' is no start"),
        (("    values:", "    value:"), 9, "test 'right': unknown key 'value'; did you mean 'values'?"),
        (("    values:", "    looks: {cam-2: clear}\n    values:"), 9, "there is no camera 'cam-2'"),
        (("    values:", "    events: {'08:00': cs-1 gone}\n    values:"), 9, "'cs-1 gone' is no event; write cs-1"),
        (
            ("    values:", "    events: {'08:00': heard x}\n    values:"),
            9,
            "there is no feed 'x'; there is longcheng",
        ),
    ],
)
def test_what_cannot_be_tested_is_refused(tmp_path: Path, change: tuple[str, str], line: int, says: str) -> None:
    """Each mistake with its line."""
    path = file_of(tmp_path, GOOD)
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_timetables(path)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{path} line {line}: ")


def test_all_mistakes_of_a_file_are_told(tmp_path: Path) -> None:
    """One test hides nothing of another, one row nothing of the next."""
    wrong = GOOD.replace("cs-1 smoke", "cs-2 smoke").replace("cs-1/1 temp", "cs-3 temp")
    with pytest.raises(ConfigErrors) as refused:
        read_timetables(file_of(tmp_path, wrong, wrong))
    assert [problem.line for problem in refused.value.problems] == [10, 11, 21, 22]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (HEAD.replace("charging-station", "charging-statoin"), "did you mean 'charging-station'?"),
        (HEAD.replace("ports: 2", "gateway: gw-1"), "heard through 'gw-1', which is no device"),
        (HEAD.replace("rules: [", "site: nowhere\nrules: ["), "site is 'nowhere'"),
        (HEAD.replace("frontage", "frontyard"), "did you mean 'frontage'?"),
    ],
)
def test_a_world_that_cannot_be_is_refused(tmp_path: Path, head: str, says: str) -> None:
    """Profiles, gateways, sites and roles are the real ones."""
    with pytest.raises(ConfigError) as refused:
        read_timetables(file_of(tmp_path, GOOD, head=head))
    assert says in str(refused.value)


def test_a_site_brings_its_registers_and_its_rules(tmp_path: Path) -> None:
    """A file that names one needs neither devices nor rules of its own."""
    test = "name: shipped\nof: [tree-tilt]\nvalues: {tree-001 vibration_rms_g: 0x2}\nexpect: {'00:10': none}"
    path = file_of(tmp_path, test, head="version: 1\nsite: demo\ntests:\n")
    (result,) = read_timetables(path).run()
    assert result.differences == ()


def test_what_no_test_raises_is_known(tmp_path: Path) -> None:
    """For each rule, and each of its severities."""
    read = read_timetables(file_of(tmp_path, GOOD))
    assert [(rule.id, severity) for rule, severity in untested(read.rules, list(read.run()))] == [("silent", "notice")]
