"""Rule files: what is refused, and what a rule carries with it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from config.load import load_site
from domain.errors import ConfigError, ConfigErrors
from rules.engine import Engine
from rules.files import load_rules, read_rules
from tests.rules.city import rules_from, shipped, small_city

FAULTS = sorted((Path(__file__).parent / "faults").glob("*.yaml"))
_EXPECTED = re.compile(r"# (line \d+): (.+)")
HOT = "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 55}"


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_a_fault_is_named_with_its_line(path: Path) -> None:
    """Each bad file says in its first line where and how it must be refused."""
    expected = _EXPECTED.match(path.read_text(encoding="utf-8"))
    assert expected, "the first line must be `# line 7: what is said`"
    with pytest.raises(ConfigError) as refused:
        load_rules([path], small_city())
    line, said = expected.groups()
    assert str(refused.value).startswith(f"{path} {line}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_one_fault_is_told_once(path: Path) -> None:
    """What follows from a mistake is no other one: a misspelt key is not missing, too, nor a list of one too short."""
    _rules, problems = read_rules([path], small_city())
    assert len(problems) == (2 if path.stem == "compound-in-a-circle" else 1), problems


def test_ten_mistakes_are_told_at_once() -> None:
    """No broken rule hides what is wrong with another; each mistake has its line and what was most likely meant."""
    path = Path(__file__).parent / "ten-mistakes.yaml"
    rules, problems = read_rules([path], small_city())
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = [number for number, line in enumerate(lines, 1) if re.search(r"# \d+: ", line)]
    assert [problem.line for problem in problems] == marked
    said = [
        "rule 'charger-hot': metric is 'temprature_c', which metrics.yaml does not have",
        "rule 'charger-hotter': clear below 75 is on the wrong side of raise above 70",
        "rule 'tree-tilt': for is 30: write a duration with its unit: 90s, 30m, 8h or 7d",
        "rule 'tree-tilt': unknown key 'severty'; did you mean 'severity'?",
        "rule 'Tree_Dry': id is 'Tree_Dry': write small letters, digits and single hyphens",
        "rule 'Tree_Dry': raise.below is 'twelve'; it must be a number",
        "rule 'tree-gone': kind is 'silence': there is ",
        "rule 'bike-parked': classes has 'bycicle'; did you mean 'bicycle'?",
        "there is a rule 'charger-hotter' already: ten-mistakes.yaml line 13",
        "rule 'charger-hotter': inhibited_by names 'charger-silnt'; there is no such rule",
    ]
    assert [problem.problem[: len(start)] for problem, start in zip(problems, said, strict=True)] == said
    assert problems[6].problem.endswith("; did you mean 'silent'?")
    assert rules == ()
    with pytest.raises(ConfigErrors) as refused:
        load_rules([path], small_city())
    assert str(refused.value) == "\n".join(map(str, problems))
    assert (refused.value.path, refused.value.line) == (path, marked[0])


def test_one_rule_may_have_several_mistakes(tmp_path: Path) -> None:
    """Also those that only the site knows to be mistakes: a limit, overrides, the case, the kind, the metric."""
    city = small_city()
    text = "\n".join(
        (
            HOT.replace("55", "300"),
            "clear: {below: 310}",
            "overrides: {cs-7: {raise: {above: 60}}, cs-1/9: {raise: {above: 60}}}",
            'case: {matter: "99999", policy: open}',
            "inhibited_by: [nobody]",
            'text: {zh: "{x}", en: hot}',
        )
    )
    with pytest.raises(ConfigErrors) as refused:
        rules_from(tmp_path, city, text)
    said = [problem.problem.removeprefix("rule 'hot': ").split(" ")[0] for problem in refused.value.problems]
    assert said == ["raise", "overrides", "overrides", "case.matter", "inhibited_by", "text"]
    with pytest.raises(ConfigErrors) as refused:
        rules_from(tmp_path, city, HOT.replace("charger", "chargre").replace("temp_c", "tempc"))
    assert [problem.problem.partition("; ")[2][-31:] for problem in refused.value.problems] == [
        ", tree; did you mean 'charger'?",
        "did you mean 'temp_c'?",
    ]


def test_a_file_that_is_no_yaml_hides_only_itself(tmp_path: Path) -> None:
    """What is wrong with the other files is told all the same."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: [1\n", encoding="utf-8")
    faults = Path(__file__).parent / "faults"
    _rules, problems = read_rules([broken, faults / "two-limits.yaml"], small_city())
    assert [problem.path for problem in problems] == [broken, faults / "two-limits.yaml"]


def test_a_misspelt_limit_is_told_with_the_word_that_was_meant(tmp_path: Path) -> None:
    """However deep it stands: the keys that may stand there are known."""
    with pytest.raises(ConfigError, match=r"rule 'hot': unknown key 'raise\.abvoe'; did you mean 'above'\?"):
        rules_from(tmp_path, small_city(), HOT.replace("above", "abvoe"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error says which."""
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file"):
        load_rules([tmp_path / "nowhere.yaml"], small_city())


@pytest.mark.parametrize("content", [b"version: \x1b", b"version: \xff"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    """Bytes that are not UTF-8, or that YAML can't hold, are a ConfigError like everything else."""
    path = tmp_path / "rules.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="not a text in UTF-8 that YAML can hold"):
        load_rules([path], small_city())


def test_an_id_is_unique_over_all_files(tmp_path: Path) -> None:
    """It is half of an alarm's identity; the error names both places."""
    site = small_city()
    rules_from(tmp_path, site, HOT)
    copy = tmp_path / "copy.yaml"
    copy.write_text((tmp_path / "rules.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"copy\.yaml line 4: there is a rule 'hot' already: rules\.yaml line 4"):
        load_rules([tmp_path / "rules.yaml", copy], site)


def test_the_shipped_rules_fit_the_demo() -> None:
    """Every shipped file is accepted, and watches whatever the demo has registered."""
    site = load_site("demo", {})
    assert sorted(site.rule_files) == sorted(path.resolve() for path in shipped())
    rules = load_rules(site.rule_files, site)
    Engine(rules, site, saved={}, listening_since_ms=0)


def test_the_shipped_rules_fit_a_city_with_nothing_registered_yet() -> None:
    """A new site begins with empty registers."""
    site = replace(small_city(), devices={}, cameras={})
    assert Engine(load_rules(shipped(), site), site, saved={}, listening_since_ms=0).tick(10**12) == []


def test_the_demo_changes_only_how_often_devices_speak() -> None:
    """All else in its profiles is as shipped."""
    demo, city = load_site("demo", {}).profiles, small_city().profiles
    assert {name for name in city if demo[name] != city[name]} == {"heritage-tree", "charging-station"}
    for name in ("heritage-tree", "charging-station"):
        assert demo[name].interval == 5
        assert demo[name].model_copy(update={"interval": city[name].interval}) == city[name]


def test_every_shipped_number_has_a_source() -> None:
    """Whoever is woken by a rule can ask where its number comes from, and how sure that is."""
    for rule in load_rules(shipped(), small_city()):
        assert rule.spec.source, rule.id
        assert rule.spec.confidence, rule.id


def test_a_version_is_what_a_rule_says_not_how(tmp_path: Path) -> None:
    """Comments, order and spelling of a duration change nothing; a number does."""
    site = small_city()

    def version(text: str) -> str:
        return rules_from(tmp_path, site, text)[0].version

    first = version(HOT + "\nfor: 1m")
    assert re.fullmatch(r"[0-9a-f]{12}", first)
    assert version(HOT + "\nfor: 60s # as long as a minute") == first
    lines = HOT.splitlines()
    assert version("\n".join([lines[0], "for: 60s", *reversed(lines[1:])])) == first
    assert version(HOT.replace("55", "56") + "\nfor: 1m") != first
