"""Telling the platform: at least once, in order within a case, whatever it answers; a failing case waits alone."""

import asyncio
import random

import aiohttp
import pytest

from cases.platform.sender import Sender
from domain.clock import ManualClock
from domain.platform import EventState
from storage.case_store import CaseStore
from tests.cases.platform.receiver import Platform, Said
from tests.cases.platform.telling import case_ids, in_order, put_steps, sender_of, settings_of
from tests.fakes.brokers import free_port

MINUTE_S = 60.0


async def all_through(sender: Sender, clock: ManualClock, store: CaseStore, *, most_s: float = 86_400) -> float:
    """Let time pass until nothing waits any more. Returns how long it took, in seconds."""
    began_ms = clock.now_ms()
    while store.backlog().pending:
        await sender.send_due()
        clock.advance(seconds=1)
        assert clock.now_ms() - began_ms < most_s * 1000, store.backlog()
    return (clock.now_ms() - began_ms) / 1000


async def test_every_step_arrives_signed_and_in_order(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """Once each."""
    ids = put_steps(store, 8, 5)
    sender = sender_of(store, session, ManualClock(1_000), settings_of(platform.url))

    assert await sender.send_due() == 40
    assert await sender.send_due() == 0

    assert all(in_order(platform.taken[case_id], 5) for case_id in ids)
    assert (platform.unsigned, len(platform.tries)) == (0, 40)
    assert (sender.sent, sender.status.pending, sender.status.problem) == (40, 0, "")


async def test_several_cases_go_at_once(store: CaseStore, session: aiohttp.ClientSession, platform: Platform) -> None:
    """As many as may, here three: the platform answers none of them before it has three. One case never twice."""
    platform.together = asyncio.Barrier(3)
    put_steps(store, 3, 2)
    sender = sender_of(store, session, ManualClock(1_000), settings_of(platform.url, parallel=3, timeout="10s"))

    assert await sender.send_due() == 6

    assert platform.most_at_once == 3
    assert sorted(platform.tries[:3]) == [f"{case_id}/1" for case_id in case_ids(3)]


async def test_order_holds_under_every_kind_of_failure(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """500s, hangs, cut connections, 409, 429 and 503 with and without Retry-After, in any mixture."""
    chance = random.Random(11)
    worst: list[Said] = ["hang", "drop", 500, 502, 503, (503, "2"), (429, "3"), 408, 425, 200, 200, 200, 200]
    platform.behave = lambda _case_id, _time: chance.choice(worst)
    clock = ManualClock(1_000)
    ids = put_steps(store, 6, 6)
    sender = sender_of(store, session, clock, settings_of(platform.url, timeout="100ms"))

    await all_through(sender, clock, store)

    assert all(in_order(platform.taken[case_id], 6) for case_id in ids)
    assert (sender.sent, store.backlog().dead, platform.unsigned) == (36, 0, 0)


async def test_a_failing_case_holds_up_only_itself(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """All others are told at once; its own later steps wait, and follow in order when it is well again."""
    ids = put_steps(store, 5, 3)
    ill = ids[0]
    platform.behave = lambda case_id, time: (
        500 if case_id == ill and len(platform.taken[ill]) == 0 and time < 6 else 200
    )
    clock = ManualClock(1_000)
    sender = sender_of(store, session, clock, settings_of(platform.url, parallel=2))

    await sender.send_due()
    assert [len(platform.taken[case_id]) for case_id in ids] == [0, 3, 3, 3, 3]
    assert platform.tries.count(f"{ill}/1") == 1
    took_s = await all_through(sender, clock, store)

    assert in_order(platform.taken[ill], 3)
    assert 15 < took_s < 64  # 1 + 2 + 4 + 8 + 16 s at most, half of it at least
    assert sender.status.failed == 5


async def test_one_that_hangs_holds_up_only_itself(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """The others go past it while it hangs."""
    ids = put_steps(store, 4, 4)
    platform.behave = lambda case_id, _time: "hang" if case_id == ids[0] else 200
    sender = sender_of(store, session, ManualClock(1_000), settings_of(platform.url, parallel=2))

    await sender.send_due()

    assert [len(platform.taken[case_id]) for case_id in ids] == [0, 4, 4, 4]
    (waiting,) = [event for event in store.events(limit=99, case_id=ids[0]) if event.attempts]
    assert (waiting.sequence, waiting.last_error) == (1, "the platform did not answer within 0.5 s")


async def test_a_platform_that_is_away_for_an_hour_gets_all_of_it_afterwards(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """It is knocked at ever more seldom, by one event at a time; nothing is given up, and no try counts."""
    clock = ManualClock(1_000)
    ids = put_steps(store, 40, 3)
    nobody = settings_of(f"http://127.0.0.1:{free_port()}/longcheng", tries=1)
    sender = sender_of(store, session, clock, nobody)
    for _ in range(3600):
        await sender.send_due()
        clock.advance(seconds=1)
    status = sender.status
    assert (status.pending, status.dead, status.late) == (120, 0, True)
    assert status.oldest_age_s > 3500
    assert 10 < status.failed < 40
    assert "can't be reached" in status.problem
    assert {event.attempts for event in store.events(limit=200)} == {0}

    again = sender_of(store, session, clock, settings_of(platform.url))
    await all_through(again, clock, store, most_s=5 * MINUTE_S)

    assert all(in_order(platform.taken[case_id], 3) for case_id in ids)
    assert not again.status.late


async def test_it_comes_back_within_five_minutes_by_itself(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """500 to everybody is an ill platform too: one event at a time, and all of them at once when it is well."""
    ids, broken = put_steps(store, 40, 3), True
    platform.behave = lambda _case_id, _time: 500 if broken else 200
    clock = ManualClock(1_000)
    sender = sender_of(store, session, clock, settings_of(platform.url))
    for _ in range(3600):
        await sender.send_due()
        clock.advance(seconds=1)
    assert len(platform.tries) < 40

    broken = False
    await all_through(sender, clock, store, most_s=11 * MINUTE_S)

    assert all(in_order(platform.taken[case_id], 3) for case_id in ids)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("wait", ["120", "Thu, 01 Jan 1970 00:02:01 GMT"])
async def test_it_is_left_alone_as_long_as_it_asks(
    status: int, wait: str, store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """Nobody knocks before that, of whatever case; and it is no failure of the event."""
    put_steps(store, 5, 2)
    platform.behave = lambda _case_id, _time: (status, wait) if len(platform.tries) == 1 else 200
    clock = ManualClock(1_000)
    sender = sender_of(store, session, clock, settings_of(platform.url, parallel=1))

    assert await sender.send_due() == 1
    clock.advance(seconds=119)
    assert await sender.send_due() == 0
    clock.advance(seconds=1)
    assert await sender.send_due() == 10
    assert sender.dead == 0


async def test_the_same_key_again_is_taken(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """409: it has had it before."""
    put_steps(store, 1, 1)
    platform.behave = lambda _case_id, _time: 409
    sender = sender_of(store, session, ManualClock(1_000), settings_of(platform.url))

    await sender.send_due()

    assert store.events(limit=1)[0].state is EventState.SENT


@pytest.mark.parametrize("status", [400, 410, 413, 422])
async def test_what_is_refused_is_given_up_and_seen(
    status: int, store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """After its last try, not before; what follows goes on with its own number, and retried it keeps its key."""
    (case_id,) = put_steps(store, 1, 3)
    mended = False
    platform.behave = lambda _case_id, _time: 200 if mended or "/2" not in platform.tries[-1] else status
    clock = ManualClock(1_000)
    sender = sender_of(store, session, clock, settings_of(platform.url, tries=3))

    await all_through(sender, clock, store)
    assert platform.taken[case_id] == [1, 3]
    assert platform.tries == [f"{case_id}/{n}" for n in (1, 2, 2, 2, 3)]
    assert (sender.status.dead, sender.dead) == (1, 1)
    assert sender.status.died_ms is not None
    (dead,) = store.events(limit=9, state=EventState.DEAD)
    assert (dead.key, dead.attempts) == (f"{case_id}/2", 3)
    assert dead.last_error == f"the platform answered {status}: no"

    mended = True
    store.revive_events([dead.key], clock.now_ms())
    await sender.send_due()
    assert platform.taken[case_id] == [1, 3, 2]
    assert sender.status.dead == 0
    assert sender.status.died_ms is None


@pytest.mark.parametrize("status", [302, 401, 403, 404])
async def test_a_closed_door_is_waited_at_for_a_day(
    status: int, store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """A wrong secret is nothing that is wrong with an event; but who is never let in is told of."""
    put_steps(store, 1, 1)
    platform.behave = lambda _case_id, _time: status
    clock = ManualClock(1_000)
    sender = sender_of(store, session, clock, settings_of(platform.url, tries=3))
    for _ in range(23 * 6):
        await sender.send_due()
        clock.advance(seconds=10 * MINUTE_S)
    assert (store.backlog().dead, sender.status.late) == (0, True)
    for _ in range(2 * 6):
        await sender.send_due()
        clock.advance(seconds=10 * MINUTE_S)

    assert store.backlog().dead == 1


async def test_never_faster_than_it_may(store: CaseStore, session: aiohttp.ClientSession, platform: Platform) -> None:
    """`rate` is a bound for any span of time."""
    put_steps(store, 10, 3)
    clock = ManualClock(1_000)
    sender = sender_of(store, session, clock, settings_of(platform.url, rate="5:1,12:60"))

    counts = []
    for _ in range(4):
        counts.append(await sender.send_due())
        clock.advance(seconds=1)
    assert counts == [5, 5, 2, 0]
    clock.advance(seconds=57)
    assert await sender.send_due() == 5


async def test_a_stop_lets_what_is_on_its_way_arrive(
    store: CaseStore, session: aiohttp.ClientSession, platform: Platform
) -> None:
    """And begins nothing new; what hangs is left, and goes out at the next start under the same key."""
    ids = put_steps(store, 2, 2)
    platform.behave = lambda _case_id, _time: "hang"
    sender = sender_of(store, session, ManualClock(1_000), settings_of(platform.url, parallel=1, timeout="30s"))
    running = asyncio.create_task(sender.run())
    await platform.came.wait()

    await sender.stop(0.05)
    await running

    assert platform.tries == [f"{ids[0]}/1"]
    platform.behave = lambda _case_id, _time: 200
    assert await sender_of(store, session, ManualClock(1_000), settings_of(platform.url)).send_due() == 4
    assert platform.tries.count(f"{ids[0]}/1") == 2
    assert all(in_order(platform.taken[case_id], 2) for case_id in ids)


async def test_it_runs_and_stops(store: CaseStore, session: aiohttp.ClientSession, platform: Platform) -> None:
    """As `serve` runs it."""
    ids = put_steps(store, 6, 4)
    sender = sender_of(store, session, ManualClock(1_000), settings_of(platform.url))
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(60):
        while sum(map(len, platform.taken.values())) < 24:
            platform.came.clear()
            await platform.came.wait()
        await sender.stop(5)
        await running

    assert all(in_order(platform.taken[case_id], 4) for case_id in ids)
    assert store.backlog().pending == 0
