"""Texts, times and numbers."""

import re
from string import Formatter

import pytest

from config.load import Site
from console.pages.cases import story_lines
from console.words import Words
from domain.case import LogEntry
from domain.clock import ManualClock


@pytest.fixture
def zh(site: Site, clock: ManualClock) -> Words:
    return Words(site, "zh-CN", clock.now_ms())


@pytest.fixture
def en(site: Site, clock: ManualClock) -> Words:
    return Words(site, "en", clock.now_ms())


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (-40, "刚刚", "just now"),
        (14, "刚刚", "just now"),
        (38, "30 秒前", "30 s ago"),
        (185, "3 分钟前", "3 min ago"),
        (3600 + 720, "1 小时 12 分钟前", "1 h 12 min ago"),
        (7 * 3600 + 720, "7 小时前", "7 h ago"),
        (26 * 3600, "1 天 2 小时前", "1 day 2 h ago"),
        (75 * 3600, "3 天前", "3 days ago"),
    ],
)
def test_ago(zh: Words, en: Words, seconds: int, chinese: str, english: str) -> None:
    """Coarse words in both languages; a clock ahead of ours is no time travel."""
    assert zh.ago(zh.now_ms - seconds * 1000) == chinese
    assert en.ago(en.now_ms - seconds * 1000) == english


def test_limits_keep_their_seconds(zh: Words) -> None:
    """A limit of 90 seconds is not shown as one minute."""
    assert zh.exactly(90) == "1 分钟 30 秒"
    assert zh.exactly(600) == "10 分钟"


def test_clock_names_the_day_only_where_it_is_another(zh: Words) -> None:
    """The site's zone decides what today is, not UTC."""
    assert zh.clock(zh.now_ms) == "03:12"
    assert zh.clock(zh.now_ms - 4 * 3600_000) == "08-21 23:12"
    assert zh.exact(zh.now_ms) == "2026-08-22 03:12:05 +08:00"


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        ("residual_ma", 31.204, "31.2 mA"),
        ("tilt_deg", 1.63, "1.63°"),
        ("soil_vwc_pct", 12.0, "12%"),
        ("smoke", 1.0, "有"),
        ("nobody_knows", 1234.5, "1,234.5"),
        ("residual_ma", None, None),
    ],
)
def test_measured(zh: Words, metric: str, value: float | None, shown: str | None) -> None:
    """The registry gives the unit and the type; what it does not know is shown bare."""
    assert zh.measured(metric, value) == shown


@pytest.mark.parametrize(
    ("metric", "limit", "chinese", "english"),
    [
        ("residual_ma", 30.0, "限值 30 mA", "limit 30 mA"),
        ("smoke", 1.0, "出现即告警", "alarms as soon as it is seen"),
        ("smoke", True, "出现即告警", "alarms as soon as it is seen"),
        ("door_open", 0.0, "消失即告警", "alarms as soon as it is gone"),
        ("smoke", None, None, None),
    ],
)
def test_limits_of_switches_are_said_as_people_would(
    zh: Words, en: Words, metric: str, limit: float | None, chinese: str | None, english: str | None
) -> None:
    """Nobody says that the limit of smoke is yes."""
    assert zh.limit_said(metric, limit) == chinese
    assert en.limit_said(metric, limit) == english


def test_a_word_that_is_missing_stands_for_itself(zh: Words) -> None:
    """A kind that a site added in files needs no text of ours."""
    assert zh.term("kind", "charger") == "充电站"
    assert zh.term("kind", "manhole_cover") == "manhole_cover"


def _entry(what: str, **facts: str | float | None) -> LogEntry:
    return LogEntry(id=1, at_ms=0, who="book", what=what, facts=facts)


def test_story_formats_times(zh: Words) -> None:
    """A fact under a name ending `_ms` is read as local time."""
    entry = _entry("case_dispatched", unit="值班台", due_ms=zh.now_ms, rule_id="r", rule_version="v")
    assert "03:12" in zh.story(entry)


@pytest.mark.parametrize("what", ["shop_corrected", "shop_contests"])
@pytest.mark.parametrize("written", ["", "–"])
def test_a_shop_that_wrote_nothing_is_not_quoted(zh: Words, en: Words, what: str, written: str) -> None:
    """Neither a colon nor a dash stands where its words would; stores of before have a dash in their place."""
    facts = {"frontage": "阿福理发", "rule_id": "r", "rule_version": "v"}
    for words in (zh, en):
        quoted = words.story(_entry(what, words="门口", **facts))
        assert "门口" in quoted
        assert words.story(_entry(what, words=written, **facts)) == re.sub(r"[：:] ?门口", "", quoted)


@pytest.mark.parametrize("unsaid", [None, "", "–"])
def test_what_nobody_named_or_wrote_leaves_no_gap(zh: Words, en: Words, unsaid: str | None) -> None:
    """A case given to a unit and no person; a report without words. Whoever is named is told, though no reason was."""
    for words in (zh, en):
        given = words.story(_entry("case_assigned", person="李姐", unit="值班台", handler=unsaid, why=unsaid))
        assert given in {"李姐派遣至值班台", "Given to 值班台 by 李姐"}
        assert "王工" in words.story(_entry("case_assigned", person="李姐", unit="值班台", handler="王工", why=unsaid))
        assert "–" not in words.story(_entry("case_reported", person="王工", unit="值班台", why=unsaid))


def test_a_stretch_that_ends_today_says_so(zh: Words) -> None:
    """Of the same time of another day, which it began at."""
    day = 86_400_000
    assert zh.stretch(zh.now_ms - 7 * day, zh.now_ms) == "08-15 03:12 – 08-22 03:12"
    assert zh.stretch(zh.now_ms - 60_000, zh.now_ms) == "03:11 – 03:12"


def test_each_line_can_be_told_without_its_rule(site: Site, zh: Words, en: Words) -> None:
    """Of every text of a story: the rule and its version are gone with what stood around them, and nothing else is."""
    told = 0
    for key in sorted(key for key in site.texts.keys() if key.startswith("story.")):  # noqa: SIM118
        for words in (zh, en):
            parts = [part for part in Formatter().parse(site.texts.template(words.language, key)) if part[1]]
            facts = {
                name or "": 7.0 if spec else name for _, name, spec, _ in parts if name and not name.endswith("_ms")
            }
            facts |= {name: words.now_ms for _, name, _, _ in parts if name and name.endswith("_ms")}
            line = _entry(key.removeprefix("story."), **facts)
            whole, short = words.story(line), words.story(line, by_rule=False)
            assert (short == whole) == ("rule_version" not in facts)
            assert "rule_" not in short
            assert not re.search(r"（）|\(\)|（[，；]|\([,;]|[，；]）|[,;] ?\)| $", short), short
            others = {str(one) for one in facts.values()} - {"rule_id", "rule_version"}
            assert all(one in short for one in others if one in whole), short
            told += short != whole
    assert told > 100


def test_a_story_says_its_rule_once_and_where_it_changes(zh: Words) -> None:
    """What was written by nobody's rule, as by a person, changes nothing in that."""
    facts = {"title_zh": "漏电", "rule_id": "leak", "rule_version": "a1"}
    other = facts | {"rule_version": "b2"}
    log = [_entry("alarm_back", **one) for one in (facts, facts, {"person": "王工"}, facts, other, other, facts)]
    lines = story_lines(log, zh)
    assert [one.by_rule for one in lines] == [
        "规则 leak，版本 a1",
        "",
        "",
        "",
        "规则 leak，版本 b2",
        "",
        "规则 leak，版本 a1",
    ]
    assert lines[0].text == "漏电：又有消息，情况仍在"
    assert zh.story(log[0]) == "漏电：又有消息，情况仍在（规则 leak，版本 a1）"


@pytest.mark.parametrize("what", ["never_written", "case_dispatched"])
def test_story_never_fails(zh: Words, what: str) -> None:
    """An unknown key, or a text whose facts are missing, shows the bare key."""
    assert zh.story(_entry(what)) == what
