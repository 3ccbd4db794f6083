"""What people order about cases over HTTP: done at once, in the name of who says so, on what they have seen."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from console.api.openapi import openapi
from console.api.writes import WRITES
from domain.case import CaseState, ClosedReason
from domain.case_order import CaseAct
from tests.console.reader import TOKEN, Client, json_of, post
from tests.fakes.desk import FakeDesk

SAID = {"who": "王工", "why": "到场查看过"}
BODIES: dict[CaseAct, dict[str, Any]] = {
    CaseAct.ASSIGN: {"unit": "园林所", "handler": "赵六"},
    CaseAct.TAKE: {"handler": "赵六"},
    CaseAct.DEFER: {"until": "2026-08-25T08:00:00+08:00"},
    CaseAct.CLOSE: {"reason": "false_positive"},
    CaseAct.MERGE: {"into": "202608223204000002"},
    CaseAct.RATE: {"rating": 5},
}
FROM = {
    CaseAct.ACCEPT: CaseState.PENDING_CHECK,
    CaseAct.REFUSE: CaseState.PENDING_CHECK,
    CaseAct.RETURN: CaseState.PENDING_VERIFY,
    CaseAct.RESUME: CaseState.DEFERRED,
    CaseAct.VERIFY: CaseState.PENDING_VERIFY,
    CaseAct.REOPEN: CaseState.CLOSED,
    CaseAct.RATE: CaseState.CLOSED,
}


def put(desk: FakeDesk, state: CaseState) -> str:
    """The path of the first case, which is in this state now."""
    desk.all_cases[0] = replace(desk.all_cases[0], state=state)
    return f"/api/v1/cases/{desk.all_cases[0].id}"


@pytest.mark.parametrize("act", list(CaseAct))
async def test_every_act_has_its_address(keyed: Client, desk: FakeDesk, act: CaseAct) -> None:
    """It reaches the desk as it was said, and the case comes back as it is then."""
    path, more = put(desk, FROM.get(act, CaseState.HANDLING)), BODIES.get(act, {})
    answer = await post(keyed, f"{path}/{act}", SAID | more)

    (order,) = desk.case_orders
    assert (order.act, order.case_id, order.who, order.why) == (act, answer["id"], "王工", "到场查看过")
    assert order.unit == (more.get("unit") if act is CaseAct.ASSIGN else None)
    assert order.rating == more.get("rating")
    assert order.into == more.get("into")
    assert order.reason == (ClosedReason.FALSE_POSITIVE if act is CaseAct.CLOSE else None)
    assert (order.until_ms is not None) is (act is CaseAct.DEFER)
    assert answer["state"] == desk.all_cases[0].state.value


async def test_what_changed_meanwhile_is_not_overruled(keyed: Client, desk: FakeDesk) -> None:
    """The tag of what was read goes with the order; the second with the same tag learns how it is now."""
    path = put(desk, CaseState.PENDING_HANDLE)
    async with keyed.get(path) as read:
        tag = read.headers["ETag"]
        assert tag == f'"{(await read.json())["case"]["version"]}"'
    headers = {"Authorization": f"Bearer {TOKEN}", "If-Match": tag}
    async with keyed.post(f"{path}/take", data=json.dumps(SAID), headers=headers) as first:
        assert first.status == 200
        assert first.headers["ETag"] != tag
    async with keyed.post(f"{path}/take", data=json.dumps(SAID), headers=headers) as second:
        assert second.status == 412
        assert "it is handling" in (await second.json())["detail"]
    async with keyed.post(f"{path}/take", data=json.dumps(SAID), headers=headers | {"If-Match": "yesterday"}) as third:
        assert third.status == 400
    assert len(desk.case_orders) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/v1/cases/7/take", SAID, 404),
        ("{case}/verify", SAID, 409),
        ("{case}/report", {"who": "王工"}, 400),
        ("{case}/defer", SAID, 400),
        ("{case}/close", SAID | {"reason": "forced"}, 400),
        ("{case}/rate", SAID | {"rating": 6}, 400),
        ("{case}/take", SAID | {"rating": 1}, 400),
        ("{case}/think", SAID, 404),
    ],
)
async def test_what_cannot_be(keyed: Client, desk: FakeDesk, path: str, body: dict[str, Any], status: int) -> None:
    """Not there, not now, not so."""
    case = put(desk, CaseState.PENDING_HANDLE)
    answer = await post(keyed, path.format(case=case), body, status=status)
    assert answer["status"] == status
    assert desk.case_orders == []


async def test_lists_can_be_narrowed(client: Client, desk: FakeDesk) -> None:
    """By state, unit, matter, whether late, whether open."""
    desk.all_cases[1] = replace(desk.all_cases[1], overdue_ms=7)
    second, third = desk.all_cases[1:3]
    assert third.overdue_ms is not None, "reported late"

    async def ids(asked: str) -> list[str]:
        answer = await json_of(client, f"/api/v1/cases?{asked}")
        assert answer["total"] == len(answer["items"])
        return [case["id"] for case in answer["items"]]

    assert await ids("overdue=true") == [second.id, third.id]
    assert await ids("state=handling") == [second.id]
    assert await ids(f"unit={second.unit}&matter={second.matter}") == [second.id]
    assert len(await ids("open=false")) == 1
    assert len(await ids("")) == len(desk.all_cases)
    await json_of(client, "/api/v1/cases?state=lost", status=400)


def test_the_document_tells_of_tags() -> None:
    """Each act: its body, the header, and what happens when the case has changed."""
    paths = openapi()["paths"]
    acts = [write.path for write in WRITES if "{case_id}" in write.path]
    assert {path.rpartition("/")[2] for path in acts} == set(CaseAct)
    for path in acts:
        post_ = paths[path]["post"]
        assert [parameter["name"] for parameter in post_["parameters"]] == ["case_id", "If-Match"]
        assert "412" in post_["responses"]
