"""What goes out late: nobody is woken, nobody reads a time that has passed, and what is over is told to nobody."""

import asyncio
import json
import random
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import replace

from app.channels import terms_of
from cases.ladder import Told, recheck_ms
from cases.notices.channels.webhook import Webhook
from cases.notices.deadlines import Deadlines
from cases.notices.letters import Letters
from cases.notices.outbox import Outbox
from cases.notices.sending import Manner
from config.ladder import WayOfMatter
from config.load import Site
from domain.case import Alarm
from domain.clock import ManualClock
from domain.ladder import Ladder
from domain.notice import Notice, NoticeState
from storage.case_store import CaseStore
from tests.cases.city import clock_ms, make_site
from tests.cases.notices.gateway import Gateway
from tests.cases.notices.storm import a_notice, put_all
from tests.cases.test_ladder import ALARM, LADDER

MIN = 60_000
EVENING_MS = clock_ms("20:59")
SHOP = "shop:S1"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The town, which sleeps at night."""
    return make_site(tmp_path / "site", quiet='"21:00-08:00"')


def outbox_at(site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession, at_ms: int) -> Outbox:
    """As a process has it that begins at a time."""
    return Outbox(
        store,
        {"webhook": Webhook(session, gateway.url)},
        ManualClock(at_ms),
        random.Random(7),
        max_attempts=1000,
        not_before=Letters(site).not_before,
        as_told=Deadlines(site).as_told,
        manners={"webhook": Manner(grouped=True)},
        terms=terms_of(site),
    )


def a_ladder(store: CaseStore, n: int) -> tuple[Ladder, Alarm]:
    """A find of that evening."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(replace(ALARM, subject=f"C1/door-{n}", since_ms=EVENING_MS, raised_ms=EVENING_MS))
        begun = replace(LADDER, alarm_id=alarm.id, subject=alarm.subject, recheck_ms=EVENING_MS + 15 * MIN)
        return tx.add_ladder(replace(begun, started_ms=EVENING_MS)), alarm


def reminder(site: Site, ladder: Ladder, alarm: Alarm) -> Notice:
    """The first word to the shop."""
    written = Letters(site).word(
        "shop_first",
        alarm,
        (ladder.id, "notice_1"),
        to=SHOP,
        step="notice_1",
        now_ms=EVENING_MS,
        deadline_ms=ladder.recheck_ms,
        ladder_id=ladder.id,
    )
    return replace(written, channel="webhook", address=SHOP)


def claimed(store: CaseStore) -> None:
    """Put together by a process that ended before it tried."""
    store.claim("town/digest/1", [notice.id for notice in store.notices()])


async def test_what_was_put_together_in_the_evening_wakes_nobody(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """It was never tried; at 08:00 it goes."""
    put_all(store, [a_notice(key, channel="webhook", to=SHOP, at_ms=EVENING_MS) for key in "ab"])
    claimed(store)

    assert await outbox_at(site, store, gateway, session, clock_ms("22:00")).send_due() == 0
    assert {notice.not_before_ms for notice in store.notices()} == {clock_ms("23 08:00")}
    assert await outbox_at(site, store, gateway, session, clock_ms("23 08:01")).send_due() == 1
    assert {notice.state for notice in store.notices()} == {NoticeState.SENT}


async def test_a_matters_own_quiet_hours_count_for_the_message_it_is_in(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Tried once it keeps its notices and its bytes; all of it waits until the last of them may be told."""
    own = {"09010": WayOfMatter(quiet_hours="18:00-09:30")}
    site.settings.ladder.matters.update(own)
    at_ms = clock_ms("17:58")
    put_all(
        store,
        [a_notice(key, channel="webhook", to=SHOP, at_ms=at_ms, matter=m) for key, m in (("a", "09010"), ("b", "x"))],
    )
    claimed(store)
    gateway.answers = [503]
    assert await outbox_at(site, store, gateway, session, at_ms + MIN).send_due() == 1

    for time in ("18:10", "23 08:30"):
        assert await outbox_at(site, store, gateway, session, clock_ms(time)).send_due() == 0
    assert await outbox_at(site, store, gateway, session, clock_ms("23 09:31")).send_due() == 1
    assert gateway.bodies[0] == gateway.bodies[1]


async def test_a_shop_told_in_the_morning_has_the_time_from_then_on(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """In both languages and in the facts of an SMS, as the ladder has it."""
    put_all(store, [reminder(site, *a_ladder(store, 1))])
    morning_ms = clock_ms("23 08:01")
    assert await outbox_at(site, store, gateway, session, clock_ms("22:00")).send_due() == 0
    assert await outbox_at(site, store, gateway, session, morning_ms).send_due() == 1

    body = json.loads(gateway.bodies[0])["body"]
    told = Told(state=NoticeState.SENT, sent_ms=store.notices()[0].sent_ms, someone_else=True)
    assert body["deadline_ms"] == morning_ms + 15 * MIN == recheck_ms(LADDER, told, 15 * MIN)
    assert "11月23日 08:16" in body["text_zh"]
    assert "11-23 08:16" in body["text_en"]
    assert not {name for name in body if name.startswith("unfilled")}
    assert store.notices()[0].body == body


async def test_what_went_in_time_says_what_was_planned(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """A re-check planned for later than the matter's time stays."""
    ladder, alarm = a_ladder(store, 1)
    planned_ms = EVENING_MS + 60 * MIN
    put_all(store, [reminder(site, replace(ladder, recheck_ms=planned_ms), alarm)])
    await outbox_at(site, store, gateway, session, EVENING_MS + MIN - 1).send_due()

    assert json.loads(gateway.bodies[0])["body"]["deadline_ms"] == planned_ms


async def test_after_an_outage_the_deadline_is_no_past_one(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """What the gateway refused was read by nobody, and may say another time, alone or with others."""
    put_all(store, [reminder(site, *a_ladder(store, n)) for n in (1, 2)])
    gateway.answers = [503]
    await outbox_at(site, store, gateway, session, EVENING_MS + MIN - 1).send_due()
    await outbox_at(site, store, gateway, session, clock_ms("23 10:00")).send_due()

    assert len(set(gateway.keys)) == 1
    assert [notice.body["deadline_ms"] for notice in store.notices()] == [clock_ms("23 10:15")] * 2
    assert all("11月23日 10:15" in str(notice.body["text_zh"]) for notice in store.notices())


async def test_what_may_have_arrived_is_repeated_as_it_was(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """The process ended before the gateway answered: the same key, the same bytes, its deadline with them."""
    put_all(store, [reminder(site, *a_ladder(store, 1))])
    gateway.held = True
    dying = asyncio.create_task(outbox_at(site, store, gateway, session, EVENING_MS + MIN - 1).send_due())
    await asyncio.wait_for(gateway.got_one.wait(), 60)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    gateway.held = False

    await outbox_at(site, store, gateway, session, clock_ms("23 10:00")).send_due()
    assert len(gateway.bodies) == 2
    assert gateway.bodies[0] == gateway.bodies[1]


async def test_what_is_over_is_in_no_message_that_was_never_tried(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """Cleared after it was put together with another: that goes alone, and it stays withdrawn."""
    (over, alarm), other = a_ladder(store, 1), a_ladder(store, 2)
    put_all(store, [reminder(site, over, alarm), reminder(site, *other)])
    claimed(store)
    with store.transaction() as tx:
        tx.withdraw_notices(over.id)

    await outbox_at(site, store, gateway, session, EVENING_MS + MIN - 1).send_due()
    (said,) = [json.loads(body) for body in gateway.bodies]
    assert said["step"] == "notice_1"
    assert {notice.ladder_id: notice.state for notice in store.notices()} == {
        over.id: NoticeState.WITHDRAWN,
        other[0].id: NoticeState.SENT,
    }
