"""Every list of the API, a page at a time, and what has not changed is not sent again."""

from typing import Any

import pytest

from console.api.catalogue import READS
from tests.console.reader import Client, json_of

LISTS = [
    "/api/v1/alarms?open=false",
    "/api/v1/cases",
    "/api/v1/cases?sort=worst",
    "/api/v1/cases?sort=due",
    "/api/v1/cases?sort=newest",
    "/api/v1/ladders?open=false",
    "/api/v1/notices",
    "/api/v1/deadletters",
    "/api/v1/cameras",
    "/api/v1/devices",
]


@pytest.mark.parametrize("path", LISTS)
async def test_pages_make_up_the_list(client: Client, path: str) -> None:
    """In its order, each item once; the header leads to the next page until there is none."""
    whole = (await json_of(client, path))["items"]
    found: list[Any] = []
    at = f"{path}{'&' if '?' in path else '?'}limit=2"
    while at:
        async with client.get(at) as answer:
            assert answer.status == 200
            page = await answer.json()
            further = answer.links.get("next")
        assert (page["next"] is None) == (further is None)
        found += page["items"]
        at = str(further["url"].relative()) if further else ""  # type: ignore[union-attr]
    assert len(whole) > 2
    assert found == whole


def test_every_list_can_be_paged() -> None:
    """What answers with items takes a limit and a cursor, but for what is short: rules, replays, one camera's day."""
    short = {"/api/v1/rights", "/api/v1/rules", "/api/v1/replays", "/api/v1/cameras/{camera_id}/looks"}
    lists = [read for read in READS if "items" in read.shape.__struct_fields__ and read.path not in short]
    assert len(lists) >= 10
    lacking = [read.path for read in lists if not {"limit", "cursor"} <= set(read.ask.__struct_fields__)]
    assert lacking == []


async def test_cases_are_found(client: Client) -> None:
    """By what people know of them; `total` counts what fits."""
    everything = await json_of(client, "/api/v1/cases")
    case = everything["items"][0]
    for asked in (
        f"text={case['id'][-6:]}",
        f"severity={case['severity']}&open=true",
        f"device_id={case['device_id']}",
        f"opened_from={case['opened_at'].replace('+', '%2B')}",
    ):
        found = await json_of(client, f"/api/v1/cases?{asked}")
        assert case["id"] in {one["id"] for one in found["items"]}, asked
        assert 0 < found["total"] <= everything["total"]
    await json_of(client, "/api/v1/cases?sort=best", status=400)


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/overview", "/api/v1/kpi", "/api/v1/openapi.json"])
async def test_what_is_known_is_not_sent_again(client: Client, path: str) -> None:
    """304 and no body, by the tag of before; also when only the time of asking differs."""
    async with client.get(path) as first:
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"].endswith("no-cache")
    async with client.get(path, headers={"If-None-Match": f'"other", {tag}'}) as second:
        assert (second.status, second.headers["ETag"], await second.read()) == (304, tag, b"")
    async with client.get(path, headers={"If-None-Match": '"other"'}) as third:
        assert third.status == 200


async def test_a_case_is_always_sent(client: Client) -> None:
    """Its tag is its version, for If-Match; its story grows without that."""
    case = (await json_of(client, "/api/v1/cases"))["items"][0]
    async with client.get(f"/api/v1/cases/{case['id']}") as first:
        assert first.headers["ETag"] == f'"{case["version"]}"'
    async with client.get(f"/api/v1/cases/{case['id']}", headers={"If-None-Match": first.headers["ETag"]}) as second:
        assert second.status == 200


@pytest.mark.parametrize("asked", ["text=%00", "unit=a%00b", "cursor=%00", "text=%ED%A0%80"])
async def test_what_no_store_keeps_is_refused(client: Client, asked: str) -> None:
    """NUL and halves of characters are told of, and reach no database."""
    async with client.get(f"/api/v1/cases?{asked}") as answer:
        assert answer.status in {200, 400}
        assert answer.status == 400 or "%ED" in asked
