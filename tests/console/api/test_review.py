"""What waits for a person over HTTP, and alarms by what people look for."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from config.load import Site
from domain.clock import ManualClock
from domain.finding import Severity
from domain.ladder import LadderStep
from domain.order import OrderKind
from domain.review import Queue
from tests.console.reader import Client, json_of, post
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import MINUTE_MS, Invention
from tests.fakes.reviewing import ReviewJudge, waiting_case, waiting_contest, waiting_finds

SEAT, OTHER = "seat-one", "seat-two"


@pytest.fixture
def city(site: Site, clock: ManualClock, tmp_path: Path) -> Invention:
    return Invention(site, clock.now_ms(), tmp_path)


@pytest.fixture
def judge(desk: FakeDesk, city: Invention) -> ReviewJudge:
    """Five finds wait."""
    return waiting_finds(desk, city, 5)


async def review(client: Client, query: str = "") -> Any:
    headers = {"Authorization": "Bearer correct horse battery staple"}
    async with client.get(f"/api/v1/review{query}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


@pytest.mark.usefixtures("judge")
async def test_all_that_one_needs_to_decide_is_told(keyed: Client) -> None:
    """What it is, whose, since when, until when, its pictures with the one to judge by first."""
    told = await review(keyed, "?limit=2")
    assert (told["waiting"], told["done_today"], told["queues"]) == (
        5,
        0,
        {"confirm": 5, "contest": 0, "look": 0, "verify": 0},
    )
    first = told["items"][0]
    assert (first["key"], first["queue"], first["title_zh"]) == ("1", "confirm", "非机动车乱停放")
    assert first["place"]["name"]
    assert first["since"] == told["oldest"]
    assert [picture["what"] for picture in first["pictures"]] == ["confirmed", "onset", "context"]
    assert all(picture["url"].startswith("/evidence/") for picture in first["pictures"])
    assert (first["held_by"], first["decided"], first["shop_says"], first["version"]) == (None, None, None, None)


@pytest.mark.usefixtures("judge")
async def test_pages_tell_each_thing_once(keyed: Client) -> None:
    """In the order of urgency; a cursor of another queue is refused."""
    seen, query = [], "?limit=2"
    while True:
        told = await review(keyed, query)
        seen += [item["key"] for item in told["items"]]
        if told["next"] is None:
            break
        query = f"?limit=2&cursor={told['next']}"
    assert seen == ["1", "2", "3", "4", "5"]
    await json_of_keyed(keyed, "/api/v1/review?queue=contest&cursor=abc", status=400)


async def json_of_keyed(client: Client, path: str, *, status: int) -> None:
    async with client.get(path, headers={"Authorization": "Bearer correct horse battery staple"}) as answer:
        assert answer.status == status, await answer.text()


async def test_the_severer_goes_before_and_nothing_waits_for_ever(
    keyed: Client, desk: FakeDesk, judge: ReviewJudge
) -> None:
    """Something critical counts as two hours more urgent; what is three hours late goes before it all the same."""
    assert judge.decided == []
    waiting = desk.review.all_waiting
    waiting[4] = replace(waiting[4], alarm=replace(waiting[4].alarm, severity=Severity.CRITICAL))
    assert (await review(keyed))["items"][0]["key"] == "5"
    waiting[3] = replace(waiting[3], due_ms=waiting[3].due_ms - 180 * MINUTE_MS)
    assert [one["key"] for one in (await review(keyed))["items"]][:2] == ["4", "5"]


async def test_two_seats_do_not_get_the_same(keyed: Client, judge: ReviewJudge) -> None:
    """Who claims first has it; others are told who; what waits no longer is told, too, and is kept by nobody."""
    claim = {"who": "王工", "queue": "confirm", "seat": SEAT, "keys": ["1", "2"]}
    assert await post(keyed, "/api/v1/review/claims", claim) == {"held": {}, "over": []}
    other = claim | {"who": "李姐", "seat": OTHER, "keys": ["2", "3", "99"]}
    assert await post(keyed, "/api/v1/review/claims", other) == {"held": {"2": "王工"}, "over": ["99"]}
    held = {item["key"]: item["held_by"] for item in (await review(keyed, f"?seat={OTHER}"))["items"]}
    assert held == {"1": "王工", "2": "王工", "3": None, "4": None, "5": None}
    judge.confirm(1, who="王工")
    await post(keyed, "/api/v1/review/claims", claim | {"keys": ["4"]})
    assert await post(keyed, "/api/v1/review/claims", other | {"keys": ["2"]}) == {"held": {}, "over": []}


async def test_a_claim_ends_with_its_lease(keyed: Client, desk: FakeDesk, judge: ReviewJudge) -> None:
    """A browser that was closed keeps nothing for longer than half a minute."""
    assert judge.decided == []
    claim = {"who": "王工", "queue": "confirm", "seat": SEAT, "keys": ["1"]}
    await post(keyed, "/api/v1/review/claims", claim)
    desk.review.now_ms = 29_999
    assert (await post(keyed, "/api/v1/review/claims", claim | {"seat": OTHER}))["held"] == {"1": "王工"}
    desk.review.now_ms = 30_000
    assert (await post(keyed, "/api/v1/review/claims", claim | {"seat": OTHER}))["held"] == {}


@pytest.mark.usefixtures("judge")
async def test_nobody_keeps_a_thing_from_all_others_for_ever(keyed: Client, desk: FakeDesk) -> None:
    """Claimed again and again for ten minutes, on the same seat or on others, it is free for whoever comes."""
    claim = {"who": "王工", "queue": "confirm", "keys": ["1"]}
    for n in range(31):
        seat = f"seat-{n % 2}-of-one"
        left = f"seat-{(n + 1) % 2}-of-one"
        await post(keyed, "/api/v1/review/claims", claim | {"seat": left, "keys": []})
        assert (await post(keyed, "/api/v1/review/claims", claim | {"seat": seat}))["held"] == {}
        other = {"who": "李姐", "queue": "confirm", "seat": OTHER, "keys": ["1"]}
        if n < 30:
            assert (await post(keyed, "/api/v1/review/claims", other))["held"] == {"1": "王工"}, n
            desk.review.now_ms += 20_000
    assert (await post(keyed, "/api/v1/review/claims", other))["held"] == {}
    assert (await post(keyed, "/api/v1/review/claims", claim | {"seat": SEAT}))["held"] == {"1": "李姐"}


async def test_who_was_faster_is_told(keyed: Client, judge: ReviewJudge) -> None:
    """Of one thing, whether it waits or not; and it counts as done today."""
    await post(keyed, "/api/v1/ladders/2/reject", {"who": "李姐", "why": "有许可"})
    (one,) = (await review(keyed, "?item=2"))["items"]
    assert (one["decided"]["verdict"], one["decided"]["by"]) == ("rejected", "李姐")
    told = await review(keyed)
    assert (told["waiting"], told["done_today"]) == (4, 1)
    assert judge.decided == [("confirm", "2", "rejected", "有许可")]
    await json_of_keyed(keyed, "/api/v1/review?item=77", status=404)


async def test_contests_and_cases_have_queues_of_their_own(keyed: Client, desk: FakeDesk, city: Invention) -> None:
    """With the shop's words; of a case the look without it comes first, and its version stands with it."""
    waiting_contest(desk, city)
    waiting_case(desk, city)
    desk.pictures = city.pictures
    (contest,) = (await review(keyed, f"?queue={Queue.CONTEST}"))["items"]
    assert contest["shop_says"].startswith("是隔壁邮局的车")
    assert contest["has_photo"]
    (case,) = (await review(keyed, f"?queue={Queue.VERIFY}"))["items"]
    assert (case["case_id"], case["version"]) == (case["key"], 1)
    assert [picture["what"] for picture in case["pictures"]] == ["cleared", "confirmed", "onset", "context"]


async def test_earlier_ones_of_the_shop_are_told(keyed: Client, desk: FakeDesk, judge: ReviewJudge) -> None:
    """How they ended."""
    assert judge.decided == []
    shop_id = desk.review.all_waiting[0].shop_id
    desk.review.all_alike = [replace(desk.all_ladders[0], id=88, shop_id=shop_id, step=LadderStep.SELF_CORRECTED)]
    first = (await review(keyed))["items"][0]
    assert [(one["ladder_id"], one["step"]) for one in first["alike"]] == [(88, "self_corrected")]


@pytest.mark.parametrize(
    "query",
    ["severity=critical", "kind=charger", "rule=charger-temp", "sub_district=天宁街道", "text=漏电", "silenced=false"],
)
async def test_alarms_are_found_by_what_is_named(client: Client, query: str) -> None:
    """Fewer than all, and something; the order stays: worst first."""
    every = (await json_of(client, "/api/v1/alarms?limit=1000"))["items"]
    some = (await json_of(client, f"/api/v1/alarms?limit=1000&{query}"))["items"]
    assert [one["id"] for one in every if one in some] == [one["id"] for one in some]
    assert 0 < len(some) <= len(every)
    assert len(some) < len(every) or query == "silenced=false"


async def test_alarms_come_page_by_page(client: Client) -> None:
    """None twice, none left out."""
    every = [one["id"] for one in (await json_of(client, "/api/v1/alarms?limit=1000"))["items"]]
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        told = await json_of(client, f"/api/v1/alarms?limit=3{f'&cursor={cursor}' if cursor else ''}")
        seen += [one["id"] for one in told["items"]]
        cursor = told["next"]
    assert seen == every
    over = (await json_of(client, "/api/v1/alarms?state=over"))["items"]
    assert [one["id"] for one in over] == [7]


async def test_an_order_stands_with_its_alarm_until_it_is_carried_out(keyed: Client, desk: FakeDesk) -> None:
    """So that nobody orders it twice."""
    await post(keyed, "/api/v1/alarms/1/ack", {"who": "王工", "why": "去看看"}, status=202)
    async with keyed.get("/api/v1/alarms/1", headers={"Authorization": "Bearer correct horse battery staple"}) as told:
        (order,) = (await told.json())["orders"]
    assert (order["kind"], order["who"], order["done_at"]) == (OrderKind.ACK, "王工", None)
    desk.orders[0] = replace(desk.orders[0], done_ms=9)
    async with keyed.get("/api/v1/alarms/1", headers={"Authorization": "Bearer correct horse battery staple"}) as told:
        assert (await told.json())["orders"] == []
