"""Sending: at least once, in due order, with back-off, never in silence."""

import asyncio
import logging
import random
from collections.abc import Mapping

import aiohttp
import pytest
from msgspec.structs import replace

from cases.notices.channels import Channel
from cases.notices.channels.command import Command
from cases.notices.channels.webhook import Webhook
from cases.notices.outbox import Outbox
from domain.clock import ManualClock
from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.notices.gateway import Gateway
from tests.cases.notices.letter import letter, put


def make_outbox(
    store: CaseStore, channels: Mapping[str, Channel], clock: ManualClock, *, max_attempts: int = 4
) -> Outbox:
    """An outbox whose chance is always the same."""
    return Outbox(store, channels, clock, random.Random(7), max_attempts=max_attempts)


async def test_what_is_due_goes_out_once_and_in_due_order(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Not before its time, the longest due first, and not again once it was sent."""
    clock = ManualClock(5_000)
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock)
    put(store, letter("b", not_before_ms=4_000), letter("a", not_before_ms=1_000), letter("c", not_before_ms=9_000))

    assert await outbox.send_due() == 2
    assert await outbox.send_due() == 0
    clock.advance(seconds=4)
    assert await outbox.send_due() == 1

    assert gateway.keys == ["a", "b", "c"]
    assert {notice.state for notice in store.notices()} == {NoticeState.SENT}
    assert store.notices()[0].sent_ms == 9_000
    assert (outbox.sent, store.counts().notices_sent) == (3, 3)


async def test_a_failure_backs_off_and_then_gets_through(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Tried again only when its wait is over; the waits are random below 1 s, 2 s, …; the key stays."""
    clock = ManualClock(0)
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock)
    gateway.answers = [503, 429]
    put(store, letter())

    await outbox.send_due()
    (notice,) = store.notices()
    assert (notice.attempts, notice.last_error) == (1, "the webhook answered 503")
    assert 0 < notice.not_before_ms <= 1_000
    assert await outbox.send_due() == 0
    clock.advance(seconds=1)
    await outbox.send_due()
    assert clock.now_ms() < store.notices()[0].not_before_ms <= clock.now_ms() + 2_000
    clock.advance(seconds=2)
    await outbox.send_due()

    (notice,) = store.notices()
    assert (notice.state, notice.attempts, notice.last_error) == (NoticeState.SENT, 3, None)
    assert gateway.keys == [notice.key] * 3


async def test_the_wait_is_capped(store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession) -> None:
    """After many tries never more than five minutes."""
    clock = ManualClock(0)
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock, max_attempts=100)
    gateway.answers = [503] * 20
    put(store, letter())

    waits = []
    for _ in range(20):
        await outbox.send_due()
        waits.append(store.notices()[0].not_before_ms - clock.now_ms())
        clock.advance(seconds=300)

    assert max(waits[:3]) <= 4_000
    assert 60_000 < max(waits) <= 300_000


async def test_after_its_last_try_a_notice_is_dead_and_shown(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """Counted, logged as an error, not tried again."""
    clock = ManualClock(0)
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock, max_attempts=2)
    gateway.answers = [500, 500]
    put(store, letter())

    await outbox.send_due()
    clock.advance(seconds=60)
    await outbox.send_due()
    clock.advance(seconds=600)
    assert await outbox.send_due() == 0

    (notice,) = store.notices()
    assert (notice.state, notice.last_error) == (NoticeState.DEAD, "the webhook answered 500")
    assert (outbox.dead, store.counts().notices_dead) == (1, 1)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR]


async def test_what_the_receiver_will_never_take_is_not_tried_again(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """400 is final at the first try."""
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, ManualClock(0))
    gateway.answers = [400]
    put(store, letter())

    await outbox.send_due()

    assert store.notices()[0].state is NoticeState.DEAD


async def test_a_day_of_failures_is_the_end(store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession) -> None:
    """A gateway down for hours loses nothing; after 24 h a notice is given up, but never at one of its first tries."""
    clock = ManualClock(0)
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock, max_attempts=1000)
    gateway.answers = [401] * 100
    put(store, letter())

    for _ in range(12):
        clock.advance(seconds=7_190)
        await outbox.send_due()
    assert (store.notices()[0].state, store.notices()[0].attempts) == (NoticeState.PENDING, 12)
    put(store, replace(letter("late"), created_ms=-90_000_000))
    clock.advance(seconds=600)
    await outbox.send_due()

    assert {notice.key: notice.state for notice in store.notices()} == {
        letter().key: NoticeState.DEAD,
        "late": NoticeState.PENDING,
    }


async def test_what_is_critical_is_never_given_up(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither for its age, nor for its tries, nor for a final answer; each such failure is an error in the log."""
    clock = ManualClock(0)
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock, max_attempts=2)
    gateway.answers = [400, *[503] * 20]
    urgent = letter()
    put(store, replace(urgent, body={**urgent.body, "severity": "critical"}))

    for _ in range(21):
        await outbox.send_due()
        clock.advance(seconds=7_200)
    assert (store.notices()[0].state, outbox.dead) == (NoticeState.PENDING, 0)
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    await outbox.send_due()

    assert store.notices()[0].state is NoticeState.SENT


async def test_a_crash_between_sending_and_marking_repeats_with_the_same_key(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """The gateway has it, we were gone before we knew: it comes again, and its key tells that it is the same."""
    clock = ManualClock(0)
    gateway.held = True
    put(store, letter())
    crashing = asyncio.create_task(make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock).run())
    await asyncio.wait_for(gateway.got_one.wait(), 60)
    crashing.cancel()
    await asyncio.gather(crashing, return_exceptions=True)
    assert store.notices()[0].state is NoticeState.PENDING
    gateway.held = False

    await make_outbox(store, {"webhook": Webhook(session, gateway.url)}, clock).send_due()

    assert store.notices()[0].state is NoticeState.SENT
    assert len(gateway.keys) == 2
    assert len(set(gateway.keys)) == 1


async def test_a_gateway_that_hangs_holds_back_no_command(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Each channel has a lane of its own."""
    published = asyncio.Event()

    async def publish(_topic: str, _payload: bytes) -> None:
        published.set()

    gateway.held = True
    channels: dict[str, Channel] = {
        "webhook": Webhook(session, gateway.url),
        "command": Command(publish, root="longcheng/v1"),
    }
    put(store, letter("slow"), letter("fast", channel="command"))
    running = asyncio.create_task(make_outbox(store, channels, ManualClock(0)).run())

    await asyncio.wait_for(published.wait(), 60)
    await asyncio.wait_for(gateway.got_one.wait(), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert {notice.key: notice.state for notice in store.notices()}["slow"] is NoticeState.PENDING


async def test_a_notice_for_a_channel_that_is_gone_is_not_lost_in_silence(store: CaseStore) -> None:
    """It fails like any other, with a reason, until it is dead."""
    clock = ManualClock(0)
    outbox = make_outbox(store, {}, clock, max_attempts=2)
    put(store, letter(channel="pigeon"))

    await outbox.send_due()
    assert store.notices()[0].last_error == "there is no channel 'pigeon' here"
    clock.advance(seconds=60)
    await outbox.send_due()

    assert store.notices()[0].state is NoticeState.DEAD


async def test_a_channel_that_breaks_is_tried_again(store: CaseStore) -> None:
    """Any error of a channel is that notice's failure, and never the outbox's end."""

    async def publish(_topic: str, _payload: bytes) -> None:
        raise ConnectionResetError("broker gone")

    outbox = make_outbox(store, {"command": Command(publish, root="longcheng/v1")}, ManualClock(0))
    put(store, letter(channel="command"))

    await outbox.send_due()

    (notice,) = store.notices()
    assert (notice.state, notice.last_error) == (NoticeState.PENDING, "ConnectionResetError: broker gone")
