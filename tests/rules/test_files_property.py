"""Whatever stands in a rule file, it is either used or told with its line; nothing else ever comes of reading it."""

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import Site
from rules.files import read_rules
from rules.lint import doubts
from tests.rules.city import shipped, small_city

HEAD = "version: 1\ncatalogue: gb47678.5-2026\nrules:\n"
RULES = [
    "  - id:" + rule
    for path in shipped()
    for rule in path.read_text(encoding="utf-8").split("\n  - id:")[1:]
    if "inhibited_by" not in rule
]
ODD = (
    *(
        "",
        "null",
        "true",
        "-1",
        "0",
        "1e400",
        ".nan",
        "[]",
        "{}",
        "[1, x]",
        "{a: b}",
        "5m",
        "0s",
        "999d",
        "10:30",
        "*a",
    ),
    *('"{value}"', "{above: }", "{above: 5, below: 3}", '{above: "5m"}', "{above: .inf}", "{equals: true}", "&x [*x]"),
    *("feed", "camera", "tree-tilt", '["*"]', "power_w >", "((((", "{hours: 25:00-26:00}", "!!binary x", "2026-01-01"),
)
"""Values that hardly any key may have."""


@cache
def _city() -> Site:
    return small_city()


@st.composite
def files(draw: st.DrawFn) -> str:
    """One to three shipped rules, with one to four lines lost, told twice, or with another value."""
    lines = "\n".join(draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=3))).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        match draw(st.sampled_from(("lost", "twice", "value", "inner"))):
            case "lost":
                lines[place] = ""
            case "twice":
                lines.insert(place, line)
            case "value":
                lines[place] = line.partition(":")[0] + ": " + draw(st.sampled_from(ODD))
            case "inner":
                odd = draw(st.sampled_from(ODD))
                lines[place] = re.sub(r"([a-z_]+): [^,{}]+", rf"\1: {odd}", line, count=1)
    return HEAD + "\n".join(lines) + "\n"


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=files())
def test_every_file_is_used_or_its_mistakes_are_told(tmp_path: Path, text: str) -> None:
    """With the line of each; and what can be used can be doubted."""
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    rules, problems = read_rules([path], _city())
    for problem in problems:
        assert problem.path == path
        assert problem.line is not None
        assert problem.line <= text.count("\n") + 1
    doubts(rules, _city())
