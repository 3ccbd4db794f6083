"""One device over HTTP, its curves, and rules with what they led to."""

import re
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from app.commands.rules_explain_data import alarm_data, subject_data
from config.load import Site
from console.curves import MOST_POINTS, width_ms
from console.desk.rule_tests import FailedTest, RuleTested, RuleTests, RunOfTests
from console.explaining import Say
from console.words import Words
from domain.clock import ManualClock
from tests.console.reader import Client, json_of, post
from tests.fakes.desk import FakeDesk

DAY_MS = 86_400_000


async def test_one_device(client: Client, desk: FakeDesk, site: Site) -> None:
    """What it is, says, and led to; 404 for no device, no port, no metric."""
    found = await json_of(client, "/api/v1/devices/charger-01?port=3")
    assert found["device"]["device_id"] == "charger-01"
    assert found["metrics"]["residual_ma"]["value"] == 31.2
    assert {one["device_id"] for one in found["alarms"]} <= {"charger-01"}
    for path in ("devices/no-such", "devices/charger-01?port=11", "devices/charger-01/curve?metric=tilt_deg"):
        await json_of(client, f"/api/v1/{path}", status=404)


async def test_a_curve_has_its_limits_and_alarms(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """The limit with its file and line, over the time that is asked for; alarms that stood in it; no empty promise."""
    now_ms = clock.now_ms()
    desk.values = {("charger", "charger-01", 3): {"temp_c": (now_ms - 60_000, 58.5)}}
    alarm = replace(desk.all_alarms[0], rule_id="charger-hot", device_id="charger-01", port=3, metric="temp_c")
    desk.all_alarms = [replace(alarm, id=1), replace(alarm, id=2, port=4), replace(alarm, id=3, metric="power_w")]
    found = await json_of(client, "/api/v1/devices/charger-01/curve?metric=temp_c&port=3")
    assert (found["unit"], found["plausible_low"], found["plausible_high"]) == ("°C", -40, 250)
    assert 58.5 in found["mean"]
    assert len(found["at_ms"]) == len(found["mean"]) <= MOST_POINTS
    assert [one["id"] for one in found["alarms"]] == [1]
    (critical,) = [one for one in found["limits"] if one["rule_id"] == "charger-hot" and one["severity"] == "critical"]
    assert critical["high"] == 65
    assert critical["where"].startswith("chargers.yaml:")
    asked = urlencode({"metric": "temp_c", "every": "1s"})
    await json_of(client, f"/api/v1/devices/charger-01/curve?{asked}", status=400)


@pytest.mark.parametrize("days", [0.25, 1, 7, 30, 365])
@pytest.mark.parametrize("interval_s", [5, 30, 600])
def test_a_chart_never_has_more_than_it_can_show(days: float, interval_s: float) -> None:
    """At most a thousand windows, and long ranges by whole hours, of which figures are kept."""
    span_ms = round(days * DAY_MS)
    width = width_ms(0, span_ms, interval_s, switch=False)
    points = span_ms / (width or interval_s * 1000)
    assert points <= MOST_POINTS
    assert width is None or days < 30 or width % 3_600_000 == 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_explain_says_what_the_command_says(
    client: Client, desk: FakeDesk, site: Site, clock: ManualClock, language: str
) -> None:
    """The same limits, reasons, sources and words, of a port and of an alarm, in the language of who asks alone."""
    say = Say(site, Words(site, language, clock.now_ms()))
    if language == "zh-CN":  # a program is told in English
        client.session.headers["Accept-Language"] = language
    told = await json_of(client, "/api/v1/devices/charger-01/explain?port=3")
    words = [one["why"] for rule in told["rules"] for one in rule["limits"]]
    words += [one["text"] for rule in told["rules"] for one in rule["missing"] if one["text"]]
    assert len(words) > 4
    assert {bool(re.search("[\u4e00-\u9fff]", one)) for one in words} == {language == "zh-CN"}, words
    command = subject_data(desk.watched.explain("charger-01/3"), say)
    assert {one["rule_id"] for one in told["rules"]} >= {"charger-residual", "charger-hot"}
    assert told["rules"] == command["rules"]
    alarm = desk.all_alarms[0]
    whole = await json_of(client, f"/api/v1/alarms/{alarm.id}/explain")
    said = alarm_data(desk.watched.explain_alarm(alarm.id), say)
    for name in ("rule_id", "subject", "version_then", "version_now", "rule", "observations", "story", "log"):
        assert whole[name] == said[name], name


async def test_rules_and_one_of_them(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """All in the order of their files, with counts; one with its lines."""
    alarm = replace(desk.all_alarms[0], rule_id="soil-dry", raised_ms=clock.now_ms() - 1000)
    desk.all_alarms = [replace(alarm, id=n) for n in (1, 2)]
    found = await json_of(client, "/api/v1/rules")
    (dry,) = [one for one in found["items"] if one["id"] == "soil-dry"]
    assert (dry["last_24h"], dry["last_7d"], dry["last_30d"], sum(dry["days"].values())) == (2, 2, 2, 2)
    assert [level["raise"] for level in dry["levels"]] == ["below 8", "below 12"]
    one = await json_of(client, "/api/v1/rules/soil-dry")
    assert one["written"].lstrip().startswith(("#", "- id: soil-dry"))
    assert one["often"][0]["n"] == 2
    await json_of(client, "/api/v1/rules/none", status=404)


async def test_a_replay_is_begun_and_given_up(keyed: Client, desk: FakeDesk) -> None:
    """One at a time; for a rule that is there."""
    order = {"who": "w", "rule": "soil-dry", "days": 7, "written": "- id: soil-dry"}
    begun = await post(keyed, "/api/v1/replays", order, status=202)
    assert (begun["share"], begun["ended"]) == (0.25, "")
    assert desk.rulebook.started == [("soil-dry", 7, "- id: soil-dry", "w")]
    await post(keyed, "/api/v1/replays", order, status=409)
    stopped = await post(keyed, "/api/v1/replays/running?who=w", b"", method="DELETE")
    assert stopped["running"]["ended"] == "stopped"
    await post(keyed, "/api/v1/replays", order | {"rule": "none"}, status=404)
    await post(keyed, "/api/v1/replays", order | {"days": 91}, status=400)


async def test_tests_of_rules(client: Client, keyed: Client, desk: FakeDesk) -> None:
    """What is written, what came of it, and a run from here: one at a time."""
    version = desk.rulebook.in_force().rules[0].version
    rule_id = desk.rulebook.in_force().rules[0].id
    tested = {rule_id: RuleTested(tests=2, failed=1, version=version)}
    failed = FailedTest(
        name="a lean", rules=(rule_id,), file="tests/trees.yaml", line=7, when="08:10", expected="nothing", got="x y"
    )
    last = RunOfTests(made_ms=1000, took_s=1.5, tests=2, failed=1, who="w", rules=tested, failures=(failed,))
    desk.rulebook.tested = RuleTests(written={rule_id: 3}, last=last)
    one = (await json_of(client, f"/api/v1/rules/{rule_id}"))["rule"]["tests"]
    assert one == {"written": 3, "run": 2, "failed": 1, "changed": True}
    other = (await json_of(client, "/api/v1/rules"))["items"][1]["tests"]
    assert other == {"written": 0, "run": None, "failed": None, "changed": False}
    told = await json_of(client, "/api/v1/rule-tests")
    assert (told["written"], told["last"]["failures"][0]["line"], told["running"]) == ({rule_id: 3}, 7, None)
    begun = await post(keyed, "/api/v1/rule-tests", {"who": "w"}, status=202)
    assert (begun["who"], begun["ended"]) == ("w", "")
    await post(keyed, "/api/v1/rule-tests", {"who": "w"}, status=409)
    stopped = await post(keyed, "/api/v1/rule-tests/running?who=w", b"", method="DELETE")
    assert stopped["running"]["ended"] == "stopped"
