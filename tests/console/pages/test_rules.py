"""Rules on the console: what they say, what they led to, the noisiest first; silences and replays."""

from html import unescape
from typing import Any

import pytest
from msgspec.structs import replace

from config.load import Site
from console.desk.rule_tests import FailedTest, RuleTested, RuleTests, RunOfTests
from console.desk.rules import ReplayDay, ReplayedAlarm, ReplayKept, ReplayNote, ReplayRun
from console.pages.looking import Looking, View
from console.pages.render import Pages
from console.pages.rule_words import meaning, whom
from console.pages.silences import silences_view
from console.seat import Seat
from console.words import Words
from domain.clock import ManualClock
from domain.finding import AlarmState, Severity
from domain.firing import Judged
from domain.register import Camera, Device, Shop
from domain.silence import Silence
from tests.fakes.desk import FakeDesk

DAY = 86_400_000


def page(
    desk: FakeDesk, site: Site, clock: ManualClock, name: str, about: str = "", *, language: str = "en", **asked: str
) -> str:
    """A page as it is read."""
    view = View(language=language, name=name, about=about, asked=tuple(sorted(asked.items())))
    return unescape(Pages(desk, site, clock).page(view) or "")


def order_of(html: str, *rules: str) -> list[str]:
    """Rules by where they stand in a list."""
    found = [(html.find(f'data-key="rule-{rule}"'), rule) for rule in rules]
    return [rule for at, rule in sorted(found) if at >= 0]


def fire(desk: FakeDesk, clock: ManualClock, rule_id: str, *ages_days: float, flaps: bool = False) -> None:
    """Alarms of a rule, raised so many days ago; they are over, or flap."""
    some, now_ms = desk.all_alarms[0], clock.now_ms()
    for age in ages_days:
        raised_ms = round(now_ms - age * DAY)
        alarm = replace(some, id=1000 + len(desk.all_alarms), rule_id=rule_id, raised_ms=raised_ms)
        over = {"state": AlarmState.RESOLVED, "resolved_ms": raised_ms + 1000}
        desk.all_alarms.append(replace(alarm, **({"state": AlarmState.FLAPPING} if flaps else over)))


def test_the_noisiest_come_first(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """By the last week, with how often a day, a week and a month; other orders are there for the asking."""
    desk.all_alarms = desk.all_alarms[:1]
    fire(desk, clock, "soil-dry", 0.1, 0.5, 3, 20)
    fire(desk, clock, "tree-tilt", 0.1)
    html = page(desk, site, clock, "rules")
    assert order_of(html, "tree-tilt", "soil-dry", "tree-wind") == ["soil-dry", "tree-tilt", "tree-wind"]
    row = html[html.index('data-key="rule-soil-dry"') :].partition("</tr>")[0]
    assert [cell for cell in ("2", "3", "4") if f'<td class="num">{cell}' in row] == ["2", "3", "4"]
    assert "4 alarms in 30 days" in row
    assert order_of(page(desk, site, clock, "rules", sort="file"), "soil-dry", "tree-tilt") == ["tree-tilt", "soil-dry"]


def test_what_is_wrong_is_seen(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Flapping, failing, often none; and files that are not in force."""
    fire(desk, clock, "tree-tilt", 0.1, flaps=True)
    desk.rulebook.people_found = [Judged(rule_id="soil-dry", n=20, wrong=10)]
    desk.rulebook.faults = {"tree-wind": 3}
    desk.rulebook.problem = "trees.yaml line 9: above is 'lots'"
    html = page(desk, site, clock, "rules", show="wrong")
    assert set(order_of(html, "tree-tilt", "soil-dry", "tree-wind", "soil-waterlogged")) == {
        "tree-tilt",
        "soil-dry",
        "tree-wind",
    }
    for said in ("1 flapping", "50% (of 20 judged)", "failed 3 times", "above is 'lots'"):
        assert said in html, said


def test_filters(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """By whom it is for, how bad it is, and what it is called."""
    trees = page(desk, site, clock, "rules", of="tree")
    assert order_of(trees, "tree-tilt", "charger-hot") == ["tree-tilt"]
    assert order_of(page(desk, site, clock, "rules", q="lean"), "tree-tilt", "soil-dry") == ["tree-tilt"]
    critical = page(desk, site, clock, "rules", severity="critical")
    assert order_of(critical, "tree-tilt", "tree-wind") == ["tree-tilt"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_shipped_rule_has_words(desk: FakeDesk, site: Site, clock: ManualClock, language: str) -> None:
    """Whatever its kind: what it means, for whom, and no bare key among it."""
    words = Words(site, language, clock.now_ms())
    cards = desk.rulebook.in_force().rules
    assert {card.kind for card in cards} >= {"threshold", "rate", "trend", "baseline", "silent", "presence", "compound"}
    for card in cards:
        said = f"{meaning(card, words)} {whom(card, words)}"
        assert "rules." not in said
        assert "None" not in said, card.id
        assert "{" not in said, card.id


def test_a_rule_whole(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Its lines as they are written, over whom it fires most, its alarms, and a silence that names it."""
    some = desk.all_alarms[0]
    where = {"rule_id": "charger-residual", "device_id": "charger-01", "subject": "charger-01/3", "port": 3}
    desk.all_alarms = [replace(some, id=n, raised_ms=clock.now_ms() - n, **where) for n in (1, 2, 3)]
    desk.all_silences = [
        Silence(id=4, rule_id="charger-*", who="李姐", why="检修", from_ms=0, until_ms=clock.now_ms() + DAY, given_ms=0)
    ]
    html = page(desk, site, clock, "rule", "charger-residual")
    for said in ("id: charger-residual", "metric: residual_ma", "3 times", "charger-01/3", "李姐", "chargers.yaml:"):
        assert said in html, said
    assert page(desk, site, clock, "rule", "no-such-rule") == ""
    assert "/devices/charger-01?port=3" in html


def test_silences_by_how_they_stand(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Planned and in force; those that are over by themselves."""
    now_ms = clock.now_ms()
    one = Silence(id=1, who="李姐", why="迁移", from_ms=now_ms + DAY, until_ms=now_ms + 2 * DAY, given_ms=0)
    desk.all_silences = [
        replace(one, device_id="tree-1"),
        replace(one, id=2, rule_id="tree-*", why="修剪", from_ms=0, until_ms=now_ms + DAY, even_critical=True),
        replace(one, id=3, kind="tree", why="台风", from_ms=0, until_ms=now_ms - DAY),
    ]
    html = page(desk, site, clock, "silences")
    assert "迁移" in html
    assert "修剪" in html
    assert "台风" not in html
    assert "even critical" in html
    assert "台风" in page(desk, site, clock, "silences", show="past")


def test_whom_a_rule_is_for_reads_well_in_english(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Of all heritage trees, not of each of them."""
    words = Words(site, "en", clock.now_ms())
    said = {whom(card, words) for card in desk.rulebook.in_force().rules}
    assert "all heritage trees" in said
    assert not any(one.startswith("each ") for one in said), said


def test_a_new_silence_is_offered_what_there_is(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """By name: rules, devices and cameras; and every sub-district, also those with cameras or shops alone."""
    words = Words(site, "zh-CN", clock.now_ms())
    view = View(language="zh-CN", name="silences")
    looking = Looking(view=view, seat=Seat(desk=desk, site=site), words=words)
    offered: dict[str, Any] = silences_view(looking)[1]["silence_new"]
    places: list[Device | Camera | Shop] = [*site.devices.values(), *site.cameras.values(), *site.shops.values()]
    assert offered["streets"] == sorted({place.location.sub_district for place in places})
    watched: dict[str, Device | Camera] = {**site.cameras, **site.devices}
    named = [(key, one.name) for key, one in sorted(watched.items())]
    assert offered["devices"] == named
    assert "charger-smoke" in dict(offered["rules"])


def kept() -> ReplayKept:
    """A replay against an older version."""
    note = ReplayNote(
        id="20261130T201500-3fa2",
        made_ms=3 * DAY,
        from_ms=0,
        to_ms=2 * DAY,
        rules=("tree-tilt",),
        only=("tree-tilt",),
        files=("trees.yaml",),
        against=("trees.yaml",),
        raised=3,
        new=2,
        gone=1,
        moved=1,
        readings=1234,
        took_s=2.5,
    )
    alarm = ReplayedAlarm(
        rule_id="tree-tilt", subject="tree-1", severity=Severity.WARN, raised_ms=DAY, value=0.6, limit=0.5
    )
    moved = replace(alarm, was_raised_ms=DAY + 3_600_000, was_severity=Severity.NOTICE)
    days = (ReplayDay(day="1970-01-02", rule_id="tree-tilt", old=2, new=3),)
    return ReplayKept(note=note, days=days, new=(alarm,), changed=(moved,))


def test_replays(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Listed, shown by day and alarm; how far the one is that runs, and why one failed."""
    desk.rulebook.kept = [kept()]
    desk.rulebook.run = ReplayRun(rule_id="soil-dry", days=7, who="w", started_ms=0, share=0.4)
    html = page(desk, site, clock, "rules")
    assert "2 new, 1 gone, 1 moved, 0 the same" in html
    assert "Replaying soil-dry over 7 days: 40%" in html
    told = page(desk, site, clock, "replay", "20261130T201500-3fa2")
    for said in ("2 → 3", "1 h earlier", "1,234 readings", "tree-1"):
        assert said in told, said
    assert page(desk, site, clock, "replay", "never") == ""
    desk.rulebook.run = replace(desk.rulebook.run, ended="failed", problem="out of memory")
    assert "out of memory" in page(desk, site, clock, "rules")


def test_what_tests_say_of_a_rule(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """How many there are, what came of them, what has changed since, and the first line that is not as written."""
    cards = {one.id: one for one in desk.rulebook.in_force().rules}
    rules = {
        "soil-dry": RuleTested(tests=2, failed=0, version=cards["soil-dry"].version),
        "tree-tilt": RuleTested(tests=3, failed=1, version="older"),
    }
    failed = FailedTest(
        name="a gust is no lean",
        rules=("tree-tilt",),
        file="tests/trees.yaml",
        line=21,
        when="08:50",
        expected="nothing",
        got="tree-tilt tree-1 critical firing",
        more=2,
    )
    last = RunOfTests(made_ms=clock.now_ms() - 60_000, took_s=3.0, tests=5, failed=1, rules=rules, failures=(failed,))
    desk.rulebook.tested = RuleTests(written={"soil-dry": 2, "tree-tilt": 3, "tree-wind": 1}, last=last)
    html = page(desk, site, clock, "rules")

    def row(rule: str) -> str:
        return html[html.index(f'data-key="rule-{rule}"') :].partition("</th>")[0]

    assert "2 tests passed" in row("soil-dry")
    assert "changed since" not in row("soil-dry")
    assert "1 of 3 tests failed" in row("tree-tilt")
    assert "changed since" in row("tree-tilt")
    assert "1 test, never run" in row("tree-wind")
    assert "no tests written" in row("charger-hot")
    assert "At 08:50: expected “no alarm”, got “tree-tilt tree-1 Critical firing”" in html
    assert "and 2 more differences" in html
    assert order_of(page(desk, site, clock, "rules", show="wrong"), "tree-tilt", "soil-dry") == ["tree-tilt"]
    of_other = page(desk, site, clock, "rule", "soil-dry")
    assert "a gust is no lean" not in of_other
    assert "No test of this rule failed" in of_other
    assert "实为“tree-tilt tree-1 紧急" in page(desk, site, clock, "rule", "tree-tilt", language="zh-CN")
