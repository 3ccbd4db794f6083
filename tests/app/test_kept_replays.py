"""Replays are kept in the data folder, the newest so many; one that is started from a page is bounded."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.kept_replays import LISTED, MOST, KeptReplays, kept_of, new_id
from app.replay_running import ReplayRunning
from app.written_rules import with_lines, written
from config.load import Site, load_site
from console.desk.rules import ReplayNote
from domain.clock import ManualClock
from domain.errors import OrderRefused
from domain.finding import Severity
from rules.files import load_rules
from rules.replay import AlarmSpan
from rules.replay_diff import diff
from rules.rule import Rule

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site("demo")


@pytest.fixture(scope="module")
def rules(site: Site) -> tuple[Rule, ...]:
    return load_rules(site.rule_files, site)


def note(number: int) -> ReplayNote:
    """The note of one."""
    return ReplayNote(id=new_id(number * 1000), made_ms=number * 1000, from_ms=0, to_ms=DAY_MS, rules=(), raised=0)


def span(subject: str, raised_ms: int, severity: Severity = Severity.WARN) -> AlarmSpan:
    """An alarm of a minute."""
    return AlarmSpan(
        rule_id="tree-tilt",
        subject=subject,
        severity=severity,
        since_ms=raised_ms,
        raised_ms=raised_ms,
        resolved_ms=raised_ms + 60_000,
    )


def day(at_ms: int) -> str:
    """A day's number."""
    return f"day {at_ms // DAY_MS}"


def test_the_newest_are_kept(tmp_path: Path) -> None:
    """The oldest goes; what cannot be read is passed over, and a name leads nowhere else."""
    kept = KeptReplays(tmp_path)
    for number in range(MOST + 2):
        kept.keep(kept_of(note(number), [], None, day, notes=()))
    (tmp_path / "replays" / "99999999T000000-half.json").write_bytes(b"{")
    found = kept.notes()
    assert [one.made_ms for one in found[:2]] == [(MOST + 1) * 1000, MOST * 1000]
    assert len(found) in {MOST - 1, MOST}
    assert kept.one(found[0].id) is not None
    assert kept.one("../../etc/passwd") is None
    assert KeptReplays(tmp_path / "none").notes() == []


def test_what_is_kept_of_a_comparison() -> None:
    """Counts, both versions by day, and the first of each list."""
    old = [span("tree-1", 1000), span("tree-2", DAY_MS)]
    new = [span("tree-1", 31_000, Severity.CRITICAL), *(span(f"tree-{n}", 2 * DAY_MS) for n in range(3, LISTED + 10))]
    found = kept_of(note(1), new, diff(old, new), day, notes=("to know",))
    assert (found.note.raised, found.note.new, found.note.gone, found.note.moved) == (LISTED + 8, LISTED + 7, 1, 1)
    assert [(one.day, one.old, one.new) for one in found.days] == [
        ("day 0", 1, 1),
        ("day 1", 1, 0),
        ("day 2", 0, LISTED + 7),
    ]
    assert len(found.new) == LISTED
    (changed,) = found.changed
    assert (changed.was_raised_ms, changed.was_severity, changed.severity) == (1000, Severity.WARN, Severity.CRITICAL)


def test_a_rule_s_lines_and_others_in_their_place(rules: tuple[Rule, ...]) -> None:
    """With the comment above; put back, the file is as it was."""
    for rule in (rules[0], rules[1], rules[-1]):
        lines = written(rule)
        assert lines is not None
        assert f"- id: {rule.id}\n" in lines
        assert lines.count("- id: ") == 1
        same = with_lines(rule, lines)
        assert same.split() == rule.path.read_text(encoding="utf-8").split()


BOMB = "  - id: soil-dry\n    a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("rule_id", "days", "lines", "said"),
    [
        ("no-such", 7, "", "there is no rule"),
        ("soil-dry", 0, "", "days is 0"),
        ("soil-dry", 91, "", "days is 91"),
        ("soil-dry", 7, "  - id: [", "soil-dry|line|expected|could not"),
        ("soil-dry", 7, "  - id: other\n    kind: nothing", "kind"),
        ("soil-dry", 7, "x" * 30_000, "letters"),
        ("soil-dry", 7, "  - id: soil-dry\n    kind: ${SECRET:-none}", "environment"),
        ("soil-dry", 7, '  - id: soil-dry\n    kind: "\\x24{SECRET}"', "environment"),
        ("soil-dry", 7, BOMB, "aliases make far more"),
        ("soil-dry", 7, "  - id: " + "[" * 2_000, "nested too deep"),
    ],
)
def test_what_cannot_be_played_is_refused(
    site: Site,
    rules: tuple[Rule, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule_id: str,
    days: int,
    lines: str,
    said: str,
) -> None:
    """Before any process is begun, and nothing is left behind; no refusal tells what the environment holds."""
    monkeypatch.setenv("SECRET", "river-key")
    settings = site.settings.model_copy(update={"data_dir": tmp_path})
    here = ReplayRunning(replace(site, settings=settings), ManualClock(0))
    with pytest.raises(OrderRefused, match=f"(?i){said}") as told:
        here.start(rules, site, rule_id, days=days, written=lines, who="w")
    assert "river-key" not in str(told.value)
    assert here.last is None
    assert [path.name for path in tmp_path.rglob("trial-*")] == []


def test_what_a_replay_left_whose_process_was_ended_is_swept(
    site: Site, rules: tuple[Rule, ...], tmp_path: Path
) -> None:
    """Before the next one begins; results stay."""
    settings = site.settings.model_copy(update={"data_dir": tmp_path})
    (tmp_path / "replays" / "trial-left").mkdir(parents=True)
    (tmp_path / "replays" / "trial-left" / "rules.yaml").write_text("rules: []", "utf-8")
    (tmp_path / "replays" / "kept.json").write_text("{}", "utf-8")
    with pytest.raises(OrderRefused, match="letters"):
        ReplayRunning(replace(site, settings=settings), ManualClock(0)).start(
            rules, site, "soil-dry", days=7, written="x" * 30_000, who="w"
        )
    assert [path.name for path in (tmp_path / "replays").iterdir()] == ["kept.json"]
