"""What people order about alarms over HTTP: kept with who and why, refused where it cannot be."""

from typing import Any

import pytest
from msgspec.structs import replace

from console.api.openapi import openapi
from domain.case import LogEntry
from domain.clock import ManualClock
from domain.finding import AlarmState
from domain.order import OrderKind
from tests.console.reader import Client, json_of, post
from tests.fakes.desk import FakeDesk

SAID = {"who": "王工", "why": "已派人到场"}
HOUR_MS = 3_600_000
LATER = "2026-08-22T05:00:00+08:00"


async def test_an_alarm_is_taken_on_until_a_time_or_to_its_end(keyed: Client, desk: FakeDesk) -> None:
    """The order is kept; what has come of it is not known yet."""
    answer = await post(keyed, "/api/v1/alarms/1/ack", SAID | {"until": LATER}, status=202)
    assert (answer["kind"], answer["alarm_id"], answer["who"], answer["why"]) == ("ack", 1, "王工", "已派人到场")
    assert (answer["until"], answer["outcome"], answer["done_at"]) == (LATER, None, None)
    await post(keyed, "/api/v1/alarms/1/ack", SAID, status=202)
    assert [(order.kind, order.until_ms is None) for order in desk.orders] == [
        (OrderKind.ACK, False),
        (OrderKind.ACK, True),
    ]


async def test_nobody_takes_it_from_another_without_saying_so(
    keyed: Client, desk: FakeDesk, clock: ManualClock
) -> None:
    """Who is on it, since when, and how it is taken over; another's name will not do."""
    at_ms = clock.now_ms() - HOUR_MS
    desk.now_ms = clock.now_ms()
    desk.all_alarms = [
        replace(one, acked_ms=at_ms, acked_by="王工", acked_why="去看看") if one.id == 1 else one
        for one in desk.all_alarms
    ]
    other = {"who": "李姐", "why": "我在附近"}
    refused = await post(keyed, "/api/v1/alarms/1/ack", other, status=412)
    assert "王工 has taken alarm 1 on since 2026-08-21T18:12:05" in refused["detail"]
    assert "instead_of '王工'" in refused["detail"]
    await post(keyed, "/api/v1/alarms/1/ack", other | {"instead_of": "somebody"}, status=412)
    assert desk.orders == []
    await post(keyed, "/api/v1/alarms/1/ack", SAID, status=202)  # who is on it may say more
    desk.orders.clear()
    taken = await post(keyed, "/api/v1/alarms/1/ack", other | {"instead_of": "王工"}, status=202)
    assert (taken["who"], taken["instead_of"]) == ("李姐", "王工")
    refused = await post(keyed, "/api/v1/alarms/1/ack", SAID, status=412)  # though it is not carried out yet
    assert refused["detail"].startswith("李姐 has taken")


async def test_an_alarm_is_ended(keyed: Client, desk: FakeDesk) -> None:
    """By who says so, and why."""
    await post(keyed, "/api/v1/alarms/2/release", SAID, status=202)
    assert [(order.kind, order.alarm_id, order.who) for order in desk.orders] == [(OrderKind.RELEASE, 2, "王工")]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("alarms/999/ack", SAID, 404),
        ("alarms/7/release", SAID, 409),
        ("alarms/x/ack", SAID, 400),
        ("alarms/1/ack", {"who": "王工"}, 400),
        ("alarms/1/ack", SAID | {"who": ""}, 400),
        ("alarms/1/ack", SAID | {"until": "soon"}, 400),
        ("alarms/1/release", SAID | {"until": LATER}, 400),
        ("silences", SAID | {"rule": "a*"}, 400),
        ("silences", SAID | {"until": LATER}, 400),
        ("silences", SAID | {"until": "2026-12-22T05:00:00+08:00", "rule": "a"}, 400),
        ("silences", SAID | {"until": "2026-08-22T02:00:00+08:00", "rule": "a"}, 400),
    ],
)
async def test_what_cannot_be_is_refused(
    keyed: Client, desk: FakeDesk, path: str, body: dict[str, Any], status: int
) -> None:
    """Unknown, over, without a name, a reason or an end, of everything, or for longer than may be."""
    answer = await post(keyed, f"/api/v1/{path}", body, status=status)
    assert answer["detail"]
    assert (desk.orders, desk.all_silences) == ([], [])


async def test_a_silence_is_made_seen_and_ended(keyed: Client, desk: FakeDesk) -> None:
    """With whom it covers; ended by name, once."""
    wanted = SAID | {"until": LATER, "rule": "charger-*", "sub_district": "红梅*", "even_critical": True}
    made = await post(keyed, "/api/v1/silences", wanted, status=201)
    assert (made["rule"], made["sub_district"], made["even_critical"]) == ("charger-*", "红梅*", True)
    assert made["begins"] == "2026-08-22T03:12:05+08:00"

    assert (await json_of(keyed, "/api/v1/silences"))["items"] == [made]
    path = f"/api/v1/silences/{made['id']}"
    ended = await post(keyed, f"{path}?who=李姐", b"", method="DELETE")
    assert ended["ended_by"] == "李姐"
    assert (await json_of(keyed, "/api/v1/silences"))["items"] == []
    assert (await json_of(keyed, "/api/v1/silences?open=false"))["items"] == [ended]
    await post(keyed, f"{path}?who=李姐", b"", method="DELETE", status=409)
    await post(keyed, "/api/v1/silences/9?who=李姐", b"", method="DELETE", status=404)
    await post(keyed, path, b"", method="DELETE", status=400)


@pytest.mark.parametrize(
    ("named", "near"),
    [
        ({"rule": "no-such-rule"}, ""),
        ({"rule": "charger-smok"}, "charger-smoke"),
        ({"device": "没有这个"}, ""),
        ({"device": "chager-01"}, "charger-01"),
        ({"subject": "charger-01/99"}, "charger-01"),
        ({"kind": "chargers"}, "charger"),
        ({"sub_district": "红梅街"}, "红梅街道"),
    ],
)
async def test_a_silence_of_what_there_is_not_is_refused_by_its_name(
    keyed: Client, desk: FakeDesk, named: dict[str, str], near: str
) -> None:
    """With the names that come near. A pattern that fits nothing now may be meant for what comes later."""
    refused = await post(keyed, "/api/v1/silences", SAID | {"until": LATER} | named, status=400)
    (name,) = named.values()
    assert name in refused["detail"]
    assert near in refused["detail"]
    assert desk.all_silences == []
    await post(keyed, "/api/v1/silences", SAID | {"until": LATER, "device": "later-*"}, status=201)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "alarms/1/ack"),
        ("POST", "alarms/1/release"),
        ("POST", "silences"),
        ("DELETE", "silences/1?who=x"),
    ],
)
async def test_nothing_is_ordered_without_the_token(
    keyed: Client, client: Client, desk: FakeDesk, method: str, path: str
) -> None:
    """Nor where the settings have none."""
    await post(keyed, f"/api/v1/{path}", SAID, method=method, token="wrong", status=401)
    await post(client, f"/api/v1/{path}", SAID, method=method, status=403)
    assert desk.orders == []


async def test_an_alarm_says_how_it_stands(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """One state, what it says, and who has said what of it, as long as that holds."""
    until_ms = clock.now_ms() + HOUR_MS
    first = replace(
        desk.all_alarms[0], acked_ms=clock.now_ms(), acked_by="王工", acked_why="到场", acked_until_ms=until_ms,
        silence_id=3, silenced_by="李姐", silenced_why="检修", silenced_until_ms=until_ms, held=True, orphaned=True,
        text_en="It leaks.",
    )  # fmt: skip
    desk.all_alarms = [first, replace(desk.all_alarms[1], state=AlarmState.FLAPPING)]

    other, shown = (await json_of(client, "/api/v1/alarms"))["items"]
    assert (shown["state"], other["state"]) == ("silenced", "flapping")
    assert shown["silenced"] == {
        "silence_id": 3, "by": "李姐", "why": "检修", "until": "2026-08-22T04:12:05+08:00"
    }  # fmt: skip
    assert (shown["acked"]["by"], shown["acked"]["why"]) == ("王工", "到场")
    assert (shown["held"], shown["orphaned"], shown["text_en"]) == (True, True, "It leaks.")
    assert (other["acked"], other["silenced"], other["held"]) == (None, None, False)

    clock.advance(seconds=3600)
    shown = next(item for item in (await json_of(client, "/api/v1/alarms"))["items"] if item["id"] == first.id)
    assert (shown["state"], shown["silenced"], shown["acked"]) == ("firing", None, None)


async def test_one_alarm_has_its_whole_story(client: Client, desk: FakeDesk) -> None:
    """In both languages; another id is 404."""
    facts = {
        "title_zh": "漏电",
        "title_en": "Leak",
        "person": "王工",
        "why": "检修",
        "rule_id": "r",
        "rule_version": "v",
    }
    desk.lines.append(LogEntry(id=99, at_ms=7, who="王工", what="alarm_acked", facts={**facts}, alarm_id=1))
    found = await json_of(client, "/api/v1/alarms/1")
    assert found["alarm"]["id"] == 1
    assert [line["text_zh"] for line in found["story"]] == ["漏电：王工已接手，理由：检修（规则 r，版本 v）"]
    assert [line["text_en"] for line in found["story"]] == ["Leak: taken on by 王工: 检修 (rule r, version v)"]
    assert "999" in (await json_of(client, "/api/v1/alarms/999", status=404))["detail"]


def test_the_document_says_how_each_is_ordered() -> None:
    """The id in the path, the order in the body, or of a DELETE in the query; what comes of it under its status."""
    paths = openapi()["paths"]
    ack = paths["/api/v1/alarms/{id}/ack"]["post"]
    assert [(parameter["name"], parameter["in"]) for parameter in ack["parameters"]] == [("id", "path")]
    assert ack["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/OrderAck")
    assert {"202", "400", "401", "403", "404", "409", "412"} <= ack["responses"].keys()
    assert "412" not in paths["/api/v1/alarms/{id}/release"]["post"]["responses"]
    both = paths["/api/v1/silences"]
    assert both.keys() == {"get", "post"}
    assert "201" in both["post"]["responses"]
    end = paths["/api/v1/silences/{id}"]["delete"]
    assert [(p["name"], p["in"], p["required"]) for p in end["parameters"]] == [
        ("id", "path", True),
        ("who", "query", True),
    ]
    assert "requestBody" not in end
    assert all(
        operation["security"] == [{"token": []}, {"session": [], "csrf": []}] for operation in (ack, both["post"], end)
    )
