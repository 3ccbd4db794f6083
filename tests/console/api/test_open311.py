"""Open311 GeoReport v2: read by a client that others wrote, and held to the published schemas."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from aiohttp.test_utils import TestClient, TestServer
from georeport import GeoReport
from msgspec.structs import replace as changed

from config.exports import Agency, Exports
from config.load import Site
from console.server import make_app
from domain.case import CaseState, ClosedReason
from domain.clock import ManualClock
from tests.console.reader import Client, json_of
from tests.fakes.desk import FakeDesk

SCHEMAS = json.loads((Path(__file__).parent / "georeport" / "schemas.json").read_text(encoding="utf-8"))
DAY = 86_400_000
CODE = "9132040000000000X1".replace("X", "A")


def fits(answer: object, schema: str) -> None:
    """The answer is what GeoReport says."""
    jsonschema.validate(answer, SCHEMAS[schema])


@pytest.fixture
def opened(site: Site) -> Site:
    """A site that lets anybody read."""
    exports = Exports(open311=True, contact="12319", agencies={"*": Agency(code=CODE, name="龙城城管局")})
    shop = next(iter(site.shops))
    return replace(
        site, settings=site.settings.model_copy(update={"exports": exports}), grids={shop: "320402001000101"}
    )


@pytest.fixture
async def public(opened: Site, clock: ManualClock, desk: FakeDesk) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(desk, opened, clock))) as client:
        yield client


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_another_client_reads_all_of_it(public: Client, desk: FakeDesk, form: str) -> None:
    """`georeport` from PyPI, over HTTP, in both forms."""
    reader = GeoReport(str(public.make_url("/open311/v2")), jurisdiction="320400", output_format=form)

    services = await asyncio.to_thread(reader.get_service_list)
    requests = await asyncio.to_thread(reader.get_service_requests)
    definition = await asyncio.to_thread(reader.get_service_definition, services[0]["service_code"])
    one = await asyncio.to_thread(reader.get_service_request, desk.all_cases[0].id)

    assert {"09005", "09010"} <= {service["service_code"] for service in services}
    assert {request["service_request_id"] for request in requests} == {case.id for case in desk.all_cases}
    assert definition["service_code"] == services[0]["service_code"]
    assert desk.all_cases[0].id in str(one)


async def test_answers_fit_the_published_schemas(public: Client, desk: FakeDesk) -> None:
    """Open and closed ones."""
    case = desk.all_cases[0]
    closed = {"closed_ms": case.opened_ms + 5, "closed_reason": ClosedReason.NOT_REPRODUCED, "state": CaseState.CLOSED}
    desk.all_cases[0] = changed(case, **closed)

    fits(await json_of(public, "/open311/v2/services.json"), "services")
    fits(await json_of(public, "/open311/v2/services/09005.json"), "service_definition")
    requests = await json_of(public, "/open311/v2/requests.json")
    fits(requests, "requests")
    assert {request["status"] for request in requests} == {"open", "closed"}


async def test_a_case_in_its_words(public: Client, desk: FakeDesk, opened: Site) -> None:
    """Closed is told with its reason, the deadline as expected, the agency by its name; no shop is named."""
    shop = opened.shops[next(iter(opened.shops))]
    reason = ClosedReason.NOT_REPRODUCED
    case = changed(desk.all_cases[0], shop_id=shop.shop_id, closed_ms=desk.all_cases[0].opened_ms + DAY,
                   closed_reason=reason, state=CaseState.CLOSED)  # fmt: skip
    desk.all_cases[0] = case

    ((said),) = await json_of(public, f"/open311/v2/requests/{case.id}.json")

    assert said["status"] == "closed"
    assert said["status_notes"] == "已结案：未复现"
    assert said["agency_responsible"] == "龙城城管局"
    assert said["address_id"] == "320402001000101"
    assert (said["lat"], said["long"]) == (shop.location.lat_deg, shop.location.lon_deg)
    assert said["requested_datetime"].endswith("+08:00")
    assert shop.name not in json.dumps(said, ensure_ascii=False)


async def test_only_the_blurred_picture_is_linked(public: Client, desk: FakeDesk) -> None:
    """By an address that this console answers; one that is no longer kept is not linked."""
    requests = await json_of(public, "/open311/v2/requests.json")
    urls = [request["media_url"] for request in requests if "media_url" in request]

    assert urls
    for url in urls:
        async with public.session.get(url) as answer:
            assert answer.status == 200
    desk.pictures.clear()
    assert all("media_url" not in request for request in await json_of(public, "/open311/v2/requests.json"))


async def test_fine_states_are_told_to_who_asks(public: Client, desk: FakeDesk) -> None:
    """GeoReport has no names for them, so they come only with `extensions=true`; no person is named."""
    case = changed(desk.all_cases[0], state=CaseState.RETURNED, reworks=2, overdue_ms=desk.all_cases[0].due_ms,
                   handler="小王", state_ms=desk.all_cases[0].opened_ms + DAY)  # fmt: skip
    desk.all_cases[0] = case

    ((said),) = await json_of(public, f"/open311/v2/requests/{case.id}.json?extensions=true")
    ((plain),) = await json_of(public, f"/open311/v2/requests/{case.id}.json")
    async with public.get(f"/open311/v2/requests/{case.id}.xml?extensions=true") as answer:
        ((told),) = ET.fromstring(await answer.read())  # noqa: S314 - our own
    async with public.get(f"/open311/v2/requests/{case.id}.json?extensions=yes") as answer:
        refused = answer.status, await answer.text()

    more = said.pop("extended_attributes")
    assert said == plain
    assert (said["status"], said["status_notes"]) == ("open", "返工")
    assert said["updated_datetime"] == more["state_datetime"]
    assert (more["state"], more["step"], more["reworks"]) == ("returned", "dispatched", 2)
    assert more["overdue_datetime"] == said["expected_datetime"]
    assert told.findtext("extended_attributes/state") == "returned"
    assert told.findtext("extended_attributes/reworks") == "2"
    assert "小王" not in json.dumps([said, more], ensure_ascii=False)
    assert refused[0] == 400
    assert "'yes'" in refused[1]


async def test_xml_says_the_same(public: Client) -> None:
    """Element by element."""
    plain = await json_of(public, "/open311/v2/requests.json")
    async with public.get("/open311/v2/requests.xml") as answer:
        assert answer.content_type == "application/xml"
        top = ET.fromstring(await answer.read())  # noqa: S314 - our own

    assert top.tag == "service_requests"
    told = [{field.tag: field.text for field in request} for request in top]
    assert told == [{name: str(value) for name, value in request.items()} for request in plain]


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_discovery_leads_to_the_endpoint(public: Client, form: str) -> None:
    """By the address that the reader came by."""
    async with public.get(f"/open311/v2/discovery.{form}") as answer:
        text = await answer.text()

    assert str(public.make_url("/open311/v2")) in text
    assert "http://wiki.open311.org/GeoReport_v2" in text


async def test_it_can_be_narrowed(public: Client, desk: FakeDesk) -> None:
    """By matter, status, number and time; several apart by commas."""
    first, second, *_ = sorted(desk.all_cases, key=lambda case: case.opened_ms)

    async def ids(asked: str) -> list[str]:
        return [one["service_request_id"] for one in await json_of(public, f"/open311/v2/requests.json?{asked}")]

    assert set(await ids(f"service_request_id={first.id},{second.id}")) == {first.id, second.id}
    assert set(await ids(f"service_code={first.matter}")) == {
        case.id for case in desk.all_cases if case.matter == first.matter
    }
    closed = {case.id for case in desk.all_cases if case.closed_ms is not None}
    assert set(await ids("status=closed")) == closed
    assert set(await ids("status=open")) == {case.id for case in desk.all_cases} - closed
    assert len(await ids("status=open,closed")) == len(desk.all_cases)
    assert await ids("start_date=2020-01-01T00:00:00Z") == []
    assert await ids(f"end_date={quote('2020-01-01T00:00:00+08:00')}") == []
    assert await ids("end_date=2020-01-01T00:00:00+08:00") == []  # not escaped, and understood


async def test_ninety_days_and_no_more(public: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """What is older is not told unless it is asked for, and never more at a time."""
    now_ms = clock.now_ms()
    old = changed(desk.all_cases[0], id="2025010132040000001", opened_ms=now_ms - 91 * DAY)
    edge = changed(old, id="2025010132040000002", opened_ms=now_ms - 90 * DAY)
    desk.all_cases[:] = [old, edge]

    told = await json_of(public, "/open311/v2/requests.json")

    assert [one["service_request_id"] for one in told] == [edge.id]


async def test_a_thousand_and_no_more(public: Client, desk: FakeDesk) -> None:
    """The newest of them."""
    first = desk.all_cases[0]
    desk.all_cases[:] = [changed(first, id=f"2026{n:015}", opened_ms=first.opened_ms - n * 1000) for n in range(1200)]

    told = await json_of(public, "/open311/v2/requests.json")

    assert len(told) == 1000
    assert told[0]["service_request_id"] == desk.all_cases[0].id


@pytest.mark.parametrize(
    ("asked", "status", "problem"),
    [
        ("requests.json?status=done", 400, "status is 'done'"),
        ("requests.json?start_date=yesterday", 400, "start_date is 'yesterday'"),
        ("requests.json?start_date=2026-08-01", 400, "without an offset"),
        ("requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400, "more than 90 days"),
        ("requests.json?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", 400, "later than end_date"),
        ("requests.json?stauts=open", 400, "'stauts' is no parameter"),
        ("requests.json?jurisdiction_id=chicago", 404, "jurisdiction_id is 'chicago'"),
        ("requests/none.json", 404, "there is no service_request_id 'none'"),
        ("services/99999.json", 404, "there is no service_code '99999'"),
    ],
)
async def test_mistakes_are_told_in_its_form(public: Client, asked: str, status: int, problem: str) -> None:
    """In JSON, and in XML."""
    async with public.get(f"/open311/v2/{asked}") as answer:
        said: Any = await answer.json()
        assert answer.status == status
    fits(said, "errors")
    assert problem in said[0]["description"]
    async with public.get(f"/open311/v2/{asked.replace('.json', '.xml')}") as answer:
        top = ET.fromstring(await answer.read())  # noqa: S314 - our own
        assert answer.status == status
    assert top.findtext("error/code") == str(status)


@pytest.mark.parametrize("path", ["discovery", "services", "services/09005", "requests", "requests/1"])
async def test_it_is_closed_unless_the_settings_open_it(client: Client, path: str) -> None:
    """Nothing of the books is told, whatever is asked."""
    async with client.get(f"/open311/v2/{path}.json") as answer:
        assert answer.status == 404
        assert "exports.open311" in await answer.text()
