"""Every read of the API over HTTP."""

import base64
from typing import Any

import msgspec
import pytest

from console.api.reads import READS
from tests.console.reader import Client, json_of, text_of
from tests.fakes.desk import FakeDesk

EXAMPLES = {
    "/api/v1/alarms/{id}": "/api/v1/alarms/1",
    "/api/v1/cases/{case_id}": "/api/v1/cases/202608223204000003",
    "/api/v1/deadletters/{id}": "/api/v1/deadletters/2",
    "/api/v1/readings/latest": "/api/v1/readings/latest?kind=charger&device_id=charger-01&port=3",
    "/api/v1/series": "/api/v1/series?kind=charger&device_id=charger-01&port=3&metric=residual_ma&every=1h",
}


@pytest.mark.parametrize("read", READS, ids=lambda read: read.path)
async def test_answers_fit_their_schema(client: Client, read: Any) -> None:
    """Each 200 decodes strictly into the shape its schema is made from, and nothing in it is undeclared."""
    body = await text_of(client, EXAMPLES.get(read.path, read.path))
    answer = msgspec.json.decode(body, type=read.shape, strict=True)
    assert msgspec.json.decode(msgspec.json.encode(answer)) == msgspec.json.decode(body)


@pytest.mark.parametrize("read", READS, ids=lambda read: read.path)
async def test_times_have_the_sites_offset(client: Client, read: Any) -> None:
    """Every time is RFC 3339 with the site's offset; no epoch numbers but among a story's recorded facts."""

    def walk(node: object, name: str = "") -> None:
        if isinstance(node, dict):
            for key, below in node.items():
                if key != "facts":
                    walk(below, key)
        elif isinstance(node, list):
            for below in node:
                walk(below, name)
        elif node is not None and (name.endswith("_at") or name in {"since", "as_of", "at", "not_before"}):
            assert isinstance(node, str)
            assert node.endswith("+08:00")

    walk(await json_of(client, EXAMPLES.get(read.path, read.path)))


async def test_alarms(client: Client) -> None:
    """Open ones by default, worst first, with value, unit, limit, its source and what to do first."""
    answer = await json_of(client, "/api/v1/alarms")
    first = next(alarm for alarm in answer["items"] if alarm["id"] == 1)
    assert answer["items"][0]["severity"] == "critical"
    assert (first["value"], first["unit"], first["limit"]) == (31.2, "mA", 30.0)
    assert first["limit_source"].startswith("chargers.yaml")
    assert first["advice_zh"].startswith("涉及人身")
    assert first["place"]["road"]
    assert all(alarm["resolved_at"] is None for alarm in answer["items"])
    everything = await json_of(client, "/api/v1/alarms?open=false")
    assert len(everything["items"]) == everything["total"] == answer["total"] + 1


async def test_case_with_story(client: Client) -> None:
    """A case brings its pictures' addresses and its story in both languages."""
    answer = await json_of(client, "/api/v1/cases/202608223204000003")
    assert answer["case"]["overdue"] is True
    async with client.get(answer["case"]["onset"]["picture"]) as picture:
        assert picture.content_type == "image/jpeg"
    assert "立案" in answer["story"][1]["text_zh"]
    assert answer["story"][1]["text_en"].isascii()
    problem = await json_of(client, "/api/v1/cases/nobody", status=404)
    assert "nobody" in problem["detail"]


async def test_cameras_by_view(client: Client) -> None:
    """A filter names one view; a view there is not is refused with those there are."""
    everything = await json_of(client, "/api/v1/cameras")
    healthy = await json_of(client, "/api/v1/cameras?view=healthy")
    assert (everything["total"], healthy["total"]) == (24, 17)
    assert everything["items"][0]["view"] != "healthy"
    await json_of(client, "/api/v1/cameras?view=sunny", status=400)


async def test_devices_by_kind(client: Client) -> None:
    """Those out of reach first."""
    answer = await json_of(client, "/api/v1/devices?kind=charger")
    assert [device["reach"] for device in answer["items"][:4]] == ["offline", "silent", "never", "online"]
    assert answer["total"] == 12


async def test_dead_letters_page_on(client: Client, desk: FakeDesk) -> None:
    """Whole payloads in base64; `before_id` goes on where the last answer ended."""
    first = await json_of(client, "/api/v1/deadletters?limit=2")
    rest = await json_of(client, f"/api/v1/deadletters?before_id={first['items'][-1]['id']}")
    assert [letter["id"] for letter in first["items"] + rest["items"]] == [3, 2, 1]
    assert base64.b64decode(first["items"][0]["payload_base64"]) == desk.letters[2].payload
    assert first["total"] == 3


async def test_latest_readings(client: Client) -> None:
    """Values keep their type; unknown devices and ports are 404, missing names 400."""
    path = "/api/v1/readings/latest?kind=charger&device_id=charger-01"
    metrics = (await json_of(client, f"{path}&port=3"))["metrics"]
    assert (metrics["residual_ma"]["value"], metrics["residual_ma"]["unit"]) == (31.2, "mA")
    assert metrics["relay_on"]["value"] is True
    assert (await json_of(client, path))["metrics"] == {}
    await json_of(client, f"{path}&port=11", status=404)
    await json_of(client, "/api/v1/readings/latest?kind=tree&device_id=charger-01", status=404)
    await json_of(client, "/api/v1/readings/latest?kind=charger", status=400)


async def test_series_are_values_or_windows(client: Client) -> None:
    """Without `every` the values as stored, with it one figure for each window and null for a gap; by default a day."""
    path = "/api/v1/series?kind=charger&device_id=charger-01&port=3&metric=residual_ma"
    raw = await json_of(client, path)
    assert [point["value"] for point in raw["points"]] == [31.2]
    assert (raw["unit"], raw["every_s"], raw["aggregate"]) == ("mA", None, None)
    hours = await json_of(client, f"{path}&every=1h&aggregate=max")
    values = [point["value"] for point in hours["points"]]
    assert len(values) in {24, 25}
    assert [value for value in values if value is not None] == [31.2]
    assert (hours["every_s"], hours["aggregate"]) == (3600.0, "max")
    span = "from=2026-08-01T00:00:00%2B08:00&to=2026-08-01T01:00:00%2B08:00"
    hour = await json_of(client, f"{path}&every=30m&{span}")
    assert [point["at"] for point in hour["points"]] == ["2026-08-01T00:00:00+08:00", "2026-08-01T00:30:00+08:00"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("&port=11", 404),
        ("&every=10", 400),
        ("&every=0s", 400),
        ("&aggregate=median", 400),
        ("&from=2026-08-01T00:00:00", 400),
        ("&from=2026-08-02T00:00:00Z&to=2026-08-01T00:00:00Z", 400),
        ("&from=2026-08-01T00:00:00Z&to=2026-08-09T00:00:00Z", 400),
        ("&every=1ms", 400),
        ("&surprise=1", 400),
    ],
)
async def test_series_that_cannot_be(client: Client, more: str, status: int) -> None:
    """A width without unit, a time without offset, a span backwards or too long for single values: each is said."""
    await json_of(client, f"/api/v1/series?kind=charger&device_id=charger-01&metric=residual_ma{more}", status=status)


async def test_kpi_shows_both_rates_with_n(client: Client) -> None:
    """A rate without its n can't be compared."""
    answer = (await json_of(client, "/api/v1/kpi"))["self_correction"]
    assert answer == {"corrected": 312, "n": 355, "rate": 0.8789, "strict_n": 371, "strict_rate": 0.841}


async def test_overview(client: Client) -> None:
    """The first page's figures."""
    answer = await json_of(client, "/api/v1/overview")
    assert answer["level"] == "critical"
    assert answer["alarms_open"] == {"critical": 2, "warn": 3, "notice": 12}
    assert answer["cases_open_by_kind"] == {"camera": 1, "charger": 1, "tree": 1}
    assert answer["devices"] == {"offline": 1, "silent": 1, "never": 1, "online": 12}
    assert sum(answer["cameras"].values()) == 24
