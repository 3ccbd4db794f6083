"""Plans (一树一策): what is read, and what is refused with its file and line."""

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import SHARED, load_site
from config.plans import Plans, read_plans
from domain.clock import epoch_ms
from domain.errors import ConfigError, ConfigErrors
from tests.rules.city import small_city

SHANGHAI = ZoneInfo("Asia/Shanghai")
GOOD = """\
version: 1
plan: leaning
title: {zh: 斜树, en: Leaning trees}
subjects: [tree-1, tree-2]
valid: {from: 2026-03-01, until: 2026-10-31}
approved_by: the arborist
source: a survey
confidence: medium
note: {zh: 备注, en: a note}
limits:
  hot:
    raise: {above: 1}
    clear: {below: 0.5}
    for: 20m
    samples: 2
"""


def plans_from(folder: Path, **texts: str) -> Plans:
    """Plans as they would stand in a folder, by the names of their files."""
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return read_plans(folder, small_city().devices, SHANGHAI, {})


def _ms(text: str) -> int:
    return epoch_ms(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def test_a_plan_counts_for_its_subjects_on_its_days(tmp_path: Path) -> None:
    """Both days are included, in the site's own time zone."""
    plans = plans_from(tmp_path, trees=GOOD)
    (plan,) = plans.all
    assert (plan.from_ms, plan.until_ms) == (_ms("2026-03-01"), _ms("2026-11-01"))
    assert [list(plans.about(subject, "hot")) for subject in ("tree-1", "tree-2", "cs-1")] == [[plan], [plan], []]
    assert list(plans.about("tree-1", "cold")) == []


def test_a_file_called_after_its_one_subject_is_that_subjects_own(tmp_path: Path) -> None:
    """`own` says it for a file of another name, or takes it back; a port's file has a dash for the slash."""

    def own(file: str, subject: str, said: str = "") -> bool:
        folder = tmp_path / file / subject.replace("/", "-") / (said or "unsaid")
        folder.mkdir(parents=True)
        text = GOOD.replace("[tree-1, tree-2]", f"[{subject}]") + (f"own: {said}\n" if said else "")
        return plans_from(folder, **{file: text}).all[0].own

    assert own("tree-1", "tree-1")
    assert own("cs-1-2", "cs-1/2")
    assert not own("tree-1", "tree-2")
    assert own("leaning", "tree-2", "true")
    assert not own("tree-1", "tree-1", "false")


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("version: 1", "version: 2"), 1, "version is 2; it must be 1"),
        (("plan: leaning", "plan: -leaning-"), 2, "plan is '-leaning-'"),
        (("plan: leaning\n", ""), None, "'plan' is missing"),
        (("title: {zh: 斜树, en: Leaning trees}", "title: Leaning trees"), 3, "title is 'Leaning trees'"),
        (("tree-1, tree-2", ""), 4, "subjects must have at least 1 item"),
        (("tree-2]", "tree-9]"), 4, "plan 'leaning': subjects has 'tree-9'; devices.csv has no such device"),
        (("tree-2]", "tree-2/1]"), 4, "subjects has 'tree-2/1'; tree-2 has the ports 1 to 0"),
        (("tree-2]", "cs-1/4]"), 4, "subjects has 'cs-1/4'; cs-1 has the ports 1 to 3"),
        (("tree-2]", "tree-1]"), 4, "subjects has 'tree-1' twice"),
        (("until: 2026-10-31", "until: 2026-02-28"), 5, "it begins on 2026-03-01, after its end on 2026-02-28"),
        (("from: 2026-03-01", "from: spring"), 5, "valid.from is 'spring'"),
        (("approved_by: the arborist\n", ""), None, "'approved_by' is missing"),
        (("approved_by: the arborist", "approved_by: ''"), 6, "approved_by is ''"),
        (("source: a survey\n", ""), None, "'source' is missing"),
        (("confidence: medium", "confidence: sure"), 8, "confidence is 'sure'"),
        (("note:", "notes:"), 9, "unknown key 'notes'; did you mean 'note'?"),
        (("note:", "own: true\nnote:"), 9, "own is true; it must be about one subject, not 2"),
        (("    raise: {above: 1}\n", ""), 11, "give raise, or levels with a raise each"),
        (
            ("    raise: {above: 1}", "    raise: {above: high}"),
            12,
            "limits.hot.raise.above is 'high'; it must be a number",
        ),
        (("{above: 1}", "{above: 1, below: 2}"), 12, "give exactly one of above, below, equals"),
        (("for: 20m", "for: 20"), 14, "limits.hot.for is 20: write a duration with its unit"),
        (("samples: 2", "samples: 0"), 15, "limits.hot.samples is 0"),
        (("    raise:", "    levels: {warn: {raise: {above: 2}}}\n    raise:"), 11, "stand inside levels"),
        (("    raise: {above: 1}\n", "    levels: {loud: {raise: {above: 2}}}\n"), 12, "limits.hot.levels.loud"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(
    tmp_path: Path, change: tuple[str, str], line: int | None, says: str
) -> None:
    """Each mistake that can be seen without the rules."""
    assert change[0] in GOOD
    with pytest.raises(ConfigError) as refused:
        plans_from(tmp_path, trees=GOOD.replace(*change))
    where = f"{tmp_path / 'trees.yaml'}" + (f" line {line}" if line else "")
    told = str(refused.value).splitlines()
    assert any(each.startswith(f"{where}: ") and says in each for each in told), told


def test_two_plans_that_claim_the_same_are_refused_with_both_lines(tmp_path: Path) -> None:
    """Nobody could tell which of them is meant."""
    other = GOOD.replace("plan: leaning", "plan: roadside").replace("[tree-1, tree-2]", "[tree-2]")
    says = (
        rf"{tmp_path}/b\.yaml line 11: plan 'roadside': it gives 'tree-2' limits of the rule 'hot', as another does: "
        r"a\.yaml:11, plan 'leaning'"
    )
    with pytest.raises(ConfigError, match=says):
        plans_from(tmp_path, a=GOOD, b=other)


@pytest.mark.parametrize(
    "change",
    [
        ("{from: 2026-03-01, until: 2026-10-31}", "{from: 2026-11-01}"),
        ("{from: 2026-03-01, until: 2026-10-31}", "{until: 2026-02-28}"),
        ("  hot:", "  cold:"),
        ("[tree-1, tree-2]", "[cs-1]"),
        ("[tree-1, tree-2]", "[tree-1]\nown: true"),
    ],
)
def test_plans_that_never_meet_may_stand_beside_each_other(tmp_path: Path, change: tuple[str, str]) -> None:
    """Of other days, other rules or other subjects; or the one goes before the other anyhow."""
    plans = plans_from(tmp_path, a=GOOD, b=GOOD.replace("plan: leaning", "plan: other").replace(*change))
    assert [plan.id for plan in plans.all] == ["leaning", "other"]


def test_a_name_is_one_plans_alone(tmp_path: Path) -> None:
    """It is how a finding says where its number is from."""
    with pytest.raises(ConfigError, match=r"b\.yaml line 2: plan 'leaning': there is a plan of this name already: a"):
        plans_from(tmp_path, a=GOOD, b=GOOD.replace("hot", "cold"))


def test_a_file_that_would_not_be_read_is_told(tmp_path: Path) -> None:
    """A plan that lies there and counts for nothing is the worst of all."""
    (tmp_path / "tree.yml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"tree\.yml: a plan's file must end in \.yaml"):
        plans_from(tmp_path)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """File by file; a broken plan hides nothing of another."""
    other = GOOD.replace("plan: leaning", "plan: other").replace("tree-1,", "tree-9,")
    with pytest.raises(ConfigErrors) as refused:
        plans_from(tmp_path, a=GOOD.replace("samples: 2", "samples: two"), b=GOOD, c=other)
    assert [
        (problem.path.name, problem.line) for problem in refused.value.problems if isinstance(problem.path, Path)
    ] == [
        ("a.yaml", 15),
        ("c.yaml", 4),
        ("c.yaml", 11),
    ]


def test_no_folder_is_no_plans(tmp_path: Path) -> None:
    """Most sites begin without."""
    assert read_plans(tmp_path / "plans", {}, SHANGHAI, {}).all == ()


def test_the_starters_example_is_a_plan(tmp_path: Path) -> None:
    """Whoever copies it as it says has one."""
    folder = tmp_path / "starter"
    shutil.copytree(SHARED / "sites" / "starter", folder)
    example = folder / "plans" / "tree-001.yaml.example"
    assert load_site(str(folder), {}).plans.all == ()
    shutil.copy(example, example.with_suffix(""))
    (plan,) = load_site(str(folder), {}).plans.all
    assert plan.own
