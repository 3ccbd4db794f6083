"""Digests: every notice in exactly one message, a repeat is a repeat, and what is critical waits for nobody."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cases.notices.channels.log import Log
from cases.notices.channels.webhook import Webhook
from config.load import Site
from domain.clock import ManualClock
from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.city import make_site
from tests.cases.notices.gateway import Gateway
from tests.cases.notices.storm import a_notice, outbox_of, put_all
from tests.cases.test_ladder import ALARM, LADDER


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The town."""
    return make_site(tmp_path / "site")


def bodies(gateway: Gateway) -> list[dict[str, Any]]:
    """What came."""
    return [json.loads(body) for body in gateway.bodies]


async def test_the_first_waits_for_others(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """30 s after it all that is there goes as one message; the next not before five minutes later."""
    clock = ManualClock(0)
    outbox = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, clock)
    put_all(store, [a_notice("a", channel="webhook")])
    assert await outbox.send_due() == 0
    clock.advance(seconds=20)
    put_all(store, [a_notice("b", channel="webhook", at_ms=20_000)])
    clock.advance(seconds=9.999)
    assert await outbox.send_due() == 0
    clock.advance(seconds=0.001)
    assert await outbox.send_due() == 1
    clock.advance(seconds=100)
    put_all(store, [a_notice("c", channel="webhook", at_ms=130_000)])
    clock.advance(seconds=199)
    assert await outbox.send_due() == 0
    clock.advance(seconds=1)
    assert await outbox.send_due() == 1

    digest, alone = bodies(gateway)
    assert (digest["step"], digest["body"]["n"], alone["key"]) == ("digest", 2, "c")
    states = {notice.key: (notice.state, notice.digest, notice.sent_ms) for notice in store.notices()}
    assert states["a"] == states["b"] == (NoticeState.SENT, digest["key"], 30_000)
    assert states["c"] == (NoticeState.SENT, "c", 330_000)


async def test_addresses_do_not_share_a_digest(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Each gets its own, and one that was told alone is told in its own words."""
    outbox = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, ManualClock(30_000))
    put_all(
        store,
        [a_notice(f"{to}{n}", channel="webhook", to=to) for to, many in (("x", 3), ("y", 1)) for n in range(many)],
    )

    assert await outbox.send_due() == 2
    assert {body["recipient"]: body["step"] for body in bodies(gateway)} == {"x": "digest", "y": "notice_1"}


async def test_what_is_critical_goes_at_once_and_alone(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """While others wait for their group; a critical one does not put off their time either."""
    clock = ManualClock(0)
    outbox = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, clock)
    put_all(store, [a_notice(f"n{n}", channel="webhook") for n in range(50)])
    put_all(store, [a_notice("smoke", channel="webhook", severity="critical")])

    assert await outbox.send_due() == 1
    assert gateway.keys == ["smoke"]
    clock.advance(seconds=30)
    await outbox.send_due()
    assert bodies(gateway)[1]["body"]["n"] == 50


async def test_many_critical_ones_at_once_are_one_urgent_message(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Four and more: it lists them, and is marked as urgent."""
    outbox = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, ManualClock(0))
    put_all(store, [a_notice(f"s{n}", channel="webhook", severity="critical") for n in range(4)])

    assert await outbox.send_due() == 1
    (body,) = bodies(gateway)
    assert (body["step"], body["body"]["severity"], body["body"]["n"]) == ("digest_urgent", "critical", 4)


async def test_a_short_budget_makes_larger_digests_and_never_more_messages(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Five a minute for thirty addresses, one kept for what is critical: it goes, though the rest is used."""
    clock = ManualClock(30_000)
    outbox = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, clock, rates="5:60")
    put_all(store, [a_notice(f"{to}-{n}", channel="webhook", to=f"shop:{to}") for to in range(30) for n in range(3)])

    assert await outbox.send_due() == 4
    put_all(store, [a_notice("smoke", channel="webhook", severity="critical", at_ms=30_000)])
    assert await outbox.send_due() == 1
    assert gateway.keys[-1] == "smoke"
    for _ in range(10):
        clock.advance(seconds=60)
        before = len(gateway.keys)
        await outbox.send_due()
        assert len(gateway.keys) - before <= 4
    assert {notice.state for notice in store.notices(limit=1000)} == {NoticeState.SENT}


async def test_a_restart_does_not_begin_a_new_minute(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """The uses of a provider are in the store, also those that failed."""
    clock = ManualClock(30_000)
    gateway.answers = [503] * 4
    put_all(store, [a_notice(f"{to}", channel="webhook", to=f"shop:{to}") for to in range(30)])
    for _ in range(3):
        await outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, clock, rates="5:60").send_due()

    assert len(gateway.keys) == 4


async def test_a_crash_between_sending_and_marking_repeats_the_same_message(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """The same key and the same bytes, whatever came or was taken back meanwhile."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id))
    clock = ManualClock(30_000)
    notices = [a_notice(f"n{n}", channel="webhook") for n in range(5)]
    put_all(store, [*notices[:4], replace(notices[4], ladder_id=ladder.id)])
    gateway.held = True
    crashing = asyncio.create_task(outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, clock).run())
    await asyncio.wait_for(gateway.got_one.wait(), 60)
    crashing.cancel()
    await asyncio.gather(crashing, return_exceptions=True)
    gateway.held = False
    with store.transaction() as tx:
        tx.withdraw_notices(ladder.id)
    put_all(store, [a_notice("later", channel="webhook", at_ms=30_000)])
    clock.advance(seconds=400)

    again = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, clock)
    await again.send_due()

    assert len(gateway.bodies) == 2
    assert gateway.bodies[0] == gateway.bodies[1]
    sent = {notice.key for notice in store.notices() if notice.state is NoticeState.SENT}
    assert sent == {f"n{n}" for n in range(5)}


async def test_while_a_digest_has_not_got_through_its_address_gets_no_other(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """A provider that is away for an hour finds two messages, not twelve; and one that will never take it ends it."""
    clock = ManualClock(0)
    outbox = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, clock)
    gateway.answers = [503] * 20
    for n in range(20):
        put_all(store, [a_notice(f"{n}-{m}", channel="webhook", at_ms=clock.now_ms()) for m in range(2)])
        clock.advance(seconds=301)
        await outbox.send_due()
    assert len(set(gateway.keys)) == 1
    for _ in range(4):
        clock.advance(seconds=301)
        await outbox.send_due()

    assert len(set(gateway.keys)) == 2
    assert {notice.state for notice in store.notices()} == {NoticeState.SENT}
    gateway.answers = [400]
    put_all(store, [a_notice(f"bad{n}", channel="webhook", at_ms=clock.now_ms()) for n in range(2)])
    clock.advance(seconds=301)
    await outbox.send_due()
    assert store.counts().notices_dead == 2


COMES = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 3), st.sampled_from(["notice", "warn", "critical"])), max_size=40
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(comes=COMES, restarts=st.sets(st.integers(0, 40), max_size=5))
async def test_every_notice_is_in_exactly_one_message(
    comes: list[tuple[int, int, str]], restarts: set[int], tmp_path_factory: pytest.TempPathFactory, site: Site
) -> None:
    """Whatever comes when and to whom, and however often the process begins anew."""
    folder, clock = tmp_path_factory.mktemp("storm"), ManualClock(0)
    store = CaseStore(f"sqlite:///{folder / 'cases.db'}")
    file = folder / "notices.jsonl"
    channels = {"log": Log(file)}
    outbox = outbox_of(site, store, channels, clock, rates="6:60,30:600")
    for number, (step, to, severity) in enumerate(comes):
        clock.advance(seconds=step)
        one = a_notice(f"k{number}", channel="log", to=str(to), at_ms=clock.now_ms(), severity=severity)
        put_all(store, [one])
        if number in restarts:
            outbox = outbox_of(site, store, channels, clock, rates="6:60,30:600")
        await outbox.send_due()
    for _ in range(60):
        clock.advance(seconds=61)
        await outbox.send_due()

    messages = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    notices = store.notices(limit=1000)
    assert {notice.state for notice in notices} <= {NoticeState.SENT}
    members = Counter(notice.digest or notice.key for notice in notices)
    assert members == {message["key"]: message["body"].get("n", 1) for message in messages}
    assert len(messages) == len({message["key"] for message in messages})
    store.close()
