"""How the outbox holds back, goes on and stops: quiet hours, withdrawn notices, broken lanes, a stop."""

import asyncio
import random
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from cases.notices.channels.webhook import Webhook
from cases.notices.letters import Letters
from cases.notices.outbox import Outbox
from domain.clock import ManualClock
from domain.notice import Notice, NoticeState
from storage.case_store import CaseStore
from tests.cases.city import clock_ms, make_site
from tests.cases.notices.gateway import Gateway
from tests.cases.notices.letter import letter, put
from tests.cases.notices.test_outbox import make_outbox
from tests.cases.test_ladder import ALARM, LADDER


class Stumbling(CaseStore):
    """A store that breaks at its first `due_notices` of a channel, in a way nobody foresaw."""

    stumbles = 1

    def due_notices(self, *args: Any, channel: str | None = None, **kwargs: Any) -> list[Notice]:
        """As the store's."""
        if channel is not None and self.stumbles:
            self.stumbles -= 1
            raise ZeroDivisionError("unforeseen")
        return super().due_notices(*args, channel=channel, **kwargs)


async def test_a_lane_that_breaks_goes_on(
    tmp_path: Path, gateway: Gateway, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """With its traceback in the log; the next round sends what waited."""
    store = Stumbling(f"sqlite:///{tmp_path / 'cases.db'}")
    put(store, letter())
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, ManualClock(0))
    running = asyncio.create_task(outbox.run())

    await asyncio.wait_for(gateway.got_one.wait(), 60)
    await outbox.stop(5)
    await asyncio.wait_for(running, 60)

    assert store.notices()[0].state is NoticeState.SENT
    (broken,) = [record for record in caplog.records if record.exc_info]
    assert "the lane of webhook broke" in broken.getMessage()
    store.close()


async def test_a_stop_in_good_order_marks_what_went_out(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """The send under way ends and is marked; what comes after it is not begun."""
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, ManualClock(0))
    gateway.held = True
    put(store, letter("under way"), letter("next"))
    running = asyncio.create_task(outbox.run())
    await asyncio.wait_for(gateway.got_one.wait(), 60)

    stopping = asyncio.create_task(outbox.stop(5))
    gateway.closing.set()
    await asyncio.wait_for(stopping, 60)
    await asyncio.wait_for(running, 60)

    states = {notice.key: notice.state for notice in store.notices()}
    assert states == {"under way": NoticeState.SENT, "next": NoticeState.PENDING}
    assert gateway.keys == ["under way"]


async def test_a_stop_does_not_wait_for_a_gateway_that_hangs(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """Bounded; the notice stays in the outbox."""
    outbox = make_outbox(store, {"webhook": Webhook(session, gateway.url)}, ManualClock(0))
    gateway.held = True
    put(store, letter())
    running = asyncio.create_task(outbox.run())
    await asyncio.wait_for(gateway.got_one.wait(), 60)

    await asyncio.wait_for(outbox.stop(0.05), 60)
    await asyncio.wait_for(running, 60)

    assert store.notices()[0].state is NoticeState.PENDING
    assert "outbox-webhook was still sending" in caplog.text


async def test_a_notice_withdrawn_meanwhile_does_not_go_out(
    store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """A batch is read at once: what a clear look takes back while the first of it is sent stays here."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id))
    put(store, letter("first"), replace(letter("second"), ladder_id=ladder.id))
    gateway.held = True
    sending = asyncio.create_task(
        make_outbox(store, {"webhook": Webhook(session, gateway.url)}, ManualClock(0)).send_due()
    )
    await asyncio.wait_for(gateway.got_one.wait(), 60)
    with store.transaction() as tx:
        tx.withdraw_notices(ladder.id)
    gateway.closing.set()
    await asyncio.wait_for(sending, 60)

    assert gateway.keys == ["first"]
    assert store.notices()[0].state is NoticeState.WITHDRAWN


async def test_nobody_is_woken_by_a_retry(
    tmp_path: Path, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Failed at 20:59:59, it waits for 08:00; so does one that the outbox comes to only by night. The desk's goes."""
    site = make_site(tmp_path / "site", quiet='"21:00-08:00"')
    clock = ManualClock(clock_ms("21:00") - 1)
    channels = {"webhook": Webhook(session, gateway.url)}
    outbox = Outbox(store, channels, clock, random.Random(7), max_attempts=4, not_before=Letters(site).not_before)
    gateway.answers = [503]
    put(store, letter("retried"))
    await outbox.send_due()
    assert store.notices()[0].not_before_ms == clock_ms("23 08:00")
    clock.advance(seconds=60)
    put(store, letter("late"), replace(letter("desk"), recipient="duty-desk"))
    await outbox.send_due()

    assert gateway.keys == ["retried", "desk"]
    waiting = {notice.key: (notice.not_before_ms, notice.attempts) for notice in store.notices()}
    assert (waiting["retried"], waiting["late"]) == ((clock_ms("23 08:00"), 1), (clock_ms("23 08:00"), 0))


@pytest.mark.parametrize(
    ("change", "woken"),
    [
        ({}, False),
        ({"recipient": "street-keeper:天宁街道"}, False),
        ({"recipient": "duty-desk"}, True),
        ({"channel": "command"}, True),
        ({"case_id": "1"}, True),
        ({"body": {"severity": "warn"}}, False),
        ({"body": {"severity": "critical"}}, True),
    ],
)
def test_who_sleeps(change: dict[str, Any], woken: bool, tmp_path: Path) -> None:
    """Shops and keepers do; machines and the duty desk don't, and what is critical wakes everybody."""
    letters = Letters(make_site(tmp_path / "site", quiet='"21:00-08:00"'))
    notice = replace(letter(), **change)

    assert letters.not_before(notice, clock_ms("22:00")) == clock_ms("22:00" if woken else "23 08:00")
    assert letters.not_before(notice, clock_ms("12:00")) == clock_ms("12:00")
