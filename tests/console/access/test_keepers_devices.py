"""Devices and rules of a keeper: another's device is not there, and rules tell of their own streets only."""

import json

from msgspec.structs import replace

from config.load import Site
from console.desk.rule_tests import FailedTest, RuleTested, RuleTests, RunOfTests
from console.desk.rules import ReplayKept, ReplayNote
from domain.permission import Role
from tests.console.access.people import MINE, People
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk


async def read(door: Client, path: str, people: People, role: Role = Role.KEEPER, *, status: int = 200) -> str:
    """What somebody of this role reads there."""
    started = await people.started(role)
    headers = {"Cookie": f"longcheng_session={started.secret}", "Sec-Fetch-Site": "same-origin"}
    async with door.get(path, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == status, (path, answer.status, text)
        return text


async def test_another_s_device_is_not_there(door: Client, site: Site, desk: FakeDesk, people: People) -> None:
    """By no page and no read, nor why there is an alarm of it; their own is."""
    theirs = next(one for one in site.devices.values() if one.location.sub_district != MINE)
    own = next(one for one in site.devices.values() if one.location.sub_district == MINE)
    alarm = desk.all_alarms[0]
    desk.all_alarms = [
        replace(alarm, id=1, device_id=theirs.device_id, subject=theirs.device_id, shop_id=None),
        replace(alarm, id=2, device_id=own.device_id, subject=own.device_id, shop_id=None),
    ]
    metric = site.profiles[theirs.profile].metrics[0]
    for path in (
        f"/devices/{theirs.device_id}",
        f"/live?view=device&about={theirs.device_id}",
        f"/api/v1/devices/{theirs.device_id}",
        f"/api/v1/devices/{theirs.device_id}/explain",
        f"/api/v1/devices/{theirs.device_id}/curve?metric={metric}",
        "/api/v1/alarms/1/explain",
    ):
        await read(door, path, people, status=404)
    for path in (f"/devices/{own.device_id}", f"/api/v1/devices/{own.device_id}/explain", "/api/v1/alarms/2/explain"):
        assert own.device_id in await read(door, path, people)


async def test_rules_count_their_own_streets(door: Client, site: Site, desk: FakeDesk, people: People) -> None:
    """The rule is the city's, how often it fired is theirs; its lines, which may name devices, and replays are not."""
    theirs = next(one for one in site.devices.values() if one.kind == "charger" and one.location.sub_district != MINE)
    own = next(one for one in site.devices.values() if one.kind == "charger" and one.location.sub_district == MINE)
    alarm, now_ms = desk.all_alarms[0], people.clock.now_ms()
    desk.all_alarms = [
        replace(alarm, id=n, rule_id="charger-hot", device_id=name, subject=name, shop_id=None, raised_ms=now_ms - n)
        for n, name in enumerate((own.device_id, theirs.device_id, theirs.device_id), 1)
    ]
    note = ReplayNote(id="kept", made_ms=1, from_ms=0, to_ms=1, rules=("charger-hot",), raised=1)
    desk.rulebook.kept = [ReplayKept(note=note)]
    here = json.loads(await read(door, "/api/v1/rules/charger-hot", people))
    assert (here["rule"]["last_24h"], here["rule"]["open"], here["written"]) == (1, {alarm.severity: 1}, None)
    assert [one["subject"] for one in here["often"]] == [own.device_id]
    city = json.loads(await read(door, "/api/v1/rules/charger-hot", people, Role.OPERATOR))
    assert (city["rule"]["last_24h"], len(city["often"])) == (3, 2)
    assert "id: charger-hot" in city["written"]
    assert json.loads(await read(door, "/api/v1/replays", people))["items"] == []
    await read(door, "/api/v1/replays/kept", people, status=404)
    await read(door, "/rules/replays/kept", people, status=404)
    assert theirs.device_id not in await read(door, "/rules/charger-hot", people)


async def test_keepers_are_told_whether_tests_passed_and_not_what_they_say(
    door: Client, desk: FakeDesk, people: People
) -> None:
    """A timetable may name a device of any street; running them is not theirs."""
    failed = FailedTest(
        name="t", rules=("charger-hot",), file="f", line=1, when="", expected="nothing", got="charger-hot elsewhere-1"
    )
    last = RunOfTests(
        made_ms=1,
        took_s=2.0,
        tests=3,
        failed=1,
        rules={"charger-hot": RuleTested(tests=3, failed=1, version="v")},
        failures=(failed,),
    )
    desk.rulebook.tested = RuleTests(written={"charger-hot": 3}, last=last, problem="/site/elsewhere-1.yaml")
    for path in ("/rules", "/rules/charger-hot", "/api/v1/rule-tests", "/api/v1/rules"):
        assert "elsewhere-1" not in await read(door, path, people), path
    assert json.loads(await read(door, "/api/v1/rule-tests", people))["last"]["failed"] == 1
    assert "elsewhere-1" in await read(door, "/api/v1/rule-tests", people, Role.OPERATOR)
