"""The kinds of case: the shipped file, and what is refused of a site's own."""

from pathlib import Path

import pytest

from config.load import SHARED, load_site
from config.matters import by_legacy
from config.schema import Matters
from config.source import load
from config.texts import LANGUAGES, Texts
from config.things import THINGS
from domain.errors import ConfigError
from domain.register import ZoneRole
from rules.files import load_rules
from vision.classes import FAMILIES, LEFT_OBJECT

MATTERS = load(SHARED / "matters.yaml", Matters).matters
GB, CJ = "gb30428.2-2013", "cjt214-2007"
ONE = """\
catalogue: x
matters:
  "09005": {{zh: 一, en: one, legacy: {{{}}}, handle_within: 2h, advice: {{zh: 请, en: do}}, source: x}}
  "09006": {{zh: 二, en: two, legacy: {{{}}}, handle_within: 2h, advice: {{zh: 请, en: do}}, source: x}}
"""


@pytest.mark.parametrize(
    ("catalogue", "code", "own"),
    [
        (GB, "04-05", "09005"),
        (GB, "0405", "09005"),
        (CJ, "05-04", "09005"),
        (GB, "SJ0410", "09010"),
        (GB, "04-01", "09001"),  # a vendor …
        (GB, "bj0401", "04001"),  # … and a heritage tree
        (CJ, "05-05", "09009"),
        (GB, "01-10", "06010"),
        (CJ, "01-02", "06010"),
    ],
)
def test_older_codes_are_found(catalogue: str, code: str, own: str) -> None:
    """As older systems write them. Things and matters have lists of their own."""
    assert by_legacy(MATTERS, catalogue, code) == own


@pytest.mark.parametrize(
    ("catalogue", "code"),
    [
        (GB, "04-96"),  # one city's own
        (GB, "05-04"),  # the other catalogue's
        ("gb30428.2-2014", "04-05"),
        (GB, "store"),
        (GB, ""),
    ],
)
def test_what_is_no_older_code_of_ours_is_none(catalogue: str, code: str) -> None:
    """A guess would file a case under another matter."""
    assert by_legacy(MATTERS, catalogue, code) is None


def test_every_older_code_leads_back() -> None:
    """No two matters share one."""
    for own, matter in MATTERS.items():
        for catalogue, code in matter.legacy.items():
            assert by_legacy(MATTERS, catalogue, code) == own


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("gb30428.2-2013: 405", "", "line 3: matters.09005.legacy.gb30428.2-2013 is 405; it must be a text"),
        ('gb30428.2-2013: "0405"', "", "write a code of an older catalogue as 04-05, or BJ04-01"),
        ('older: "04-05"', "", "String should match pattern"),
        (
            'gb30428.2-2013: "04-05"',
            'gb30428.2-2013: "04-05"',
            "09005 and 09006 both have 04-05 in gb30428.2-2013; one of them is another",
        ),
    ],
)
def test_wrong_older_codes_are_refused(tmp_path: Path, first: str, second: str, says: str) -> None:
    """With what is allowed."""
    path = tmp_path / "matters.yaml"
    path.write_text(ONE.format(first, second), encoding="utf-8")

    with pytest.raises(ConfigError) as told:
        load(path, Matters)

    assert says in str(told.value)


def test_a_thing_and_a_matter_may_have_the_same_number(tmp_path: Path) -> None:
    """Both lists count from 01-01."""
    path = tmp_path / "matters.yaml"
    path.write_text(ONE.format("gb30428.2-2013: BJ04-01", 'gb30428.2-2013: "04-01"'), encoding="utf-8")
    assert len(load(path, Matters).matters) == 2


def test_every_thing_and_every_role_has_its_words() -> None:
    """Pictures and pages name them in both languages."""
    texts = Texts.load(SHARED / "texts")
    for language in LANGUAGES:
        for word in THINGS:
            assert texts.say(language, f"evidence.class.{word}")
        for role in ZoneRole:
            if role is not ZoneRole.MASK:
                assert texts.say(language, f"evidence.role.{role}")


def test_what_rules_may_name_is_what_cameras_can_tell_of() -> None:
    """A rule of a word that no sighting has would wait for ever."""
    assert set(FAMILIES) | {LEFT_OBJECT} == set(THINGS)


def test_every_matter_that_has_a_rule_says_what_to_do() -> None:
    """In both languages; and the shipped rules lead to what is in the catalogue only."""
    site = load_site("demo", {})
    cases = [rule.spec.case for rule in load_rules(site.rule_files, site) if rule.spec.case]
    led_to = {case.matter for case in cases if case.matter}
    assert led_to >= {"09005", "09006", "09009", "09010", "09012", "06036", "06010", "06042", "06007", "07003", "07007"}
    for code in led_to:
        assert site.matters[code].advice.zh.endswith("。")
        assert site.matters[code].advice.en.endswith(".")
