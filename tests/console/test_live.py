"""The live streams, over real HTTP."""

import asyncio

import pytest
from msgspec.structs import replace

from console.keys import WATCH
from domain.case import Counts
from domain.ground import Ground
from tests.console.reader import Client, json_of, next_event, text_of
from tests.fakes.desk import WELL, FakeDesk


async def test_an_update_follows_a_change(client: Client, desk: FakeDesk) -> None:
    """A changed revision brings the fragments that differ, and only those."""
    async with client.get("/live?lang=en") as stream:
        assert stream.content_type == "text/event-stream"
        await next_event(stream, "hello")
        first = await next_event(stream, "update")
        assert set(first["fragments"]) >= {"headline", "alarms", "cases", "ladders", "cameras", "devices", "system"}
        desk.state = replace(WELL, store_reachable=False)
        desk.touch()
        update = await next_event(stream, "update")
        while "system" not in update["fragments"]:
            update = await next_event(stream, "update")
        assert "unreachable" in update["fragments"]["system"]
        assert "alarms" not in update["fragments"]


async def test_the_stream_sends_what_the_page_shows(client: Client) -> None:
    """A page and its first update are the same, so that nothing flickers on load."""
    page = await text_of(client, "/")
    async with client.get("/live?lang=zh-CN") as stream:
        update = await next_event(stream, "update")
    for fragment in update["fragments"].values():
        assert fragment in page


async def test_the_language_of_a_stream_is_its_own(client: Client) -> None:
    """Another tab's choice of language must not mix two languages in one page."""
    client.session.cookie_jar.update_cookies({"lang": "en"})
    async with client.get("/live?lang=zh-CN") as stream:
        assert "紧急告警" in (await next_event(stream, "update"))["fragments"]["headline"]


async def test_heartbeats_when_nothing_happens(client: Client) -> None:
    """A reader can tell a quiet city from a dead line."""
    async with client.get("/live") as stream:
        await next_event(stream, "update")
        assert (await next_event(stream, "beat"))["at"].startswith("2026-08-21T19:12:05")


async def test_updates_keep_their_distance(client: Client, desk: FakeDesk) -> None:
    """However often the desk changes, updates to one reader are `gap_s` apart."""
    loop, gap_s = asyncio.get_running_loop(), client.app[WATCH].rhythm.gap_s
    async with client.get("/api/v1/live") as stream:
        times = []
        for _ in range(6):
            desk.touch()
            await next_event(stream, "update")
            desk.touch()
            times.append(loop.time())
    assert times[-1] - times[0] >= 5 * gap_s * 0.8


async def test_many_readers_cost_one_rendering(client: Client, desk: FakeDesk) -> None:
    """What is asked for in one turn is made once for everybody."""
    asked = 0
    original = desk.counts

    def counting() -> object:
        nonlocal asked
        asked += 1
        return original()

    desk.counts = counting  # type: ignore[assignment, method-assign]
    streams = [await client.get("/live?lang=en") for _ in range(8)]
    for stream in streams:
        await next_event(stream, "update")
    for stream in streams:
        stream.close()
    assert asked <= 3


async def test_one_case_is_live_too(client: Client) -> None:
    """A case page has its own fragments; a case there is not has no stream."""
    async with client.get("/live?lang=en&view=case&about=202608223204000001") as stream:
        update = await next_event(stream, "update")
    assert {"case", "case_story", "case_acts"} <= set(update["fragments"])
    await json_of(client, "/live?view=case&about=202608229999990001", status=404)


async def test_data_stream_is_the_overview(client: Client) -> None:
    """Machines get the same body as from the read."""
    async with client.get("/api/v1/live") as stream:
        update = await next_event(stream, "update")
    assert update == await json_of(client, "/api/v1/overview")


async def test_streams_end_when_the_application_stops(client: Client) -> None:
    """A stop must not wait for readers who never leave."""
    async with client.get("/live") as stream:
        await next_event(stream, "update")
        async with asyncio.timeout(60):
            await client.app.shutdown()
            await stream.content.read()
    await text_of(client, "/live", status=503)


async def test_a_stream_that_cannot_go_on_ends(
    client: Client, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader asks again after an end; a stream that stays silent would look like a quiet city."""
    original = desk.counts

    def broken(on: Ground | None = None) -> Counts:
        raise OSError("database is locked")

    async with client.get("/live") as stream:
        await next_event(stream, "update")
        desk.counts = broken  # type: ignore[method-assign]
        desk.touch()
        async with asyncio.timeout(60):
            await stream.content.read()
    desk.counts = original  # type: ignore[method-assign]
    assert "/live could not be brought up to date" in caplog.text
    async with client.get("/live") as stream:
        await next_event(stream, "update")


async def test_a_desk_that_fails_for_a_moment(client: Client, desk: FakeDesk) -> None:
    """While the revision can't be told there are heartbeats; afterwards updates go on."""
    original = desk.revision

    def broken() -> None:
        raise OSError("database is locked")

    async with client.get("/api/v1/live") as stream:
        await next_event(stream, "update")
        desk.revision = broken  # type: ignore[method-assign]
        await next_event(stream, "beat")
        desk.revision = original  # type: ignore[method-assign]
        desk.touch()
        await next_event(stream, "update")


@pytest.mark.parametrize("path", ["/cases?text=%00", "/events?text=%00", "/live?view=cases&text=%00", "/cases/a%00b"])
async def test_what_no_store_keeps_is_refused(client: Client, path: str) -> None:
    """Before any store is asked: one of them would break off over it."""
    async with client.get(path) as answer:
        assert answer.status == 400
