"""A whole day of a town, step by step, and a power that may fail in it."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from msgspec.structs import replace

from app.channels import terms_of
from cases.book import Book
from cases.notices.escalation import Escalation
from cases.notices.letters import Letters
from cases.notices.outbox import Outbox
from cases.notices.routing import Routing
from cases.notices.sending import Manner
from config.addresses import addresses_of
from config.load import Site
from config.notices import Notices
from domain.clock import ManualClock
from domain.finding import Change, Finding
from domain.notice import Notice
from storage.case_store import CaseStore
from tests.cases.city import bikes, charger, clock_ms

RAISED, RENEWED, RESOLVED = Change.RAISED, Change.RENEWED, Change.RESOLVED
NOTICES = Notices.model_validate(
    {
        "webhook_url": "http://127.0.0.1:1/",
        "webhook_digests": True,
        "escalation": ["duty-desk", "chief"],
        "recipients": {"chief": ["webhook", "mqtt"], "*": ["webhook"]},
    }
)


class PowerCut(BaseException):
    """Nothing in the product catches it."""


class Power:
    """Fails at the n-th statement or commit, and is gone until it is `back`."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._turn = threading.Lock()
        self.off = False

    @contextmanager
    def failing_at(self, number: int) -> Iterator[None]:
        """At that statement from here on."""
        self._left, self.off = number, False
        try:
            yield
        finally:
            self._left, self.off = None, False

    def statement(self, *_args: Any) -> None:
        """One more is about to be made."""
        with self._turn:
            if self._left is None:
                return
            self._left -= 1
            self.off |= self._left <= 0
        if self.off:
            raise PowerCut


class Receiver:
    """A way out: remembers every message that it got, by its key. The power may fail before it has one, and after."""

    def __init__(self, power: Power) -> None:
        self._power = power
        self.got: list[tuple[str, str, str]] = []

    async def send(self, notice: Notice) -> str | None:
        """It arrives."""
        self._power.statement()
        self.got.append((notice.key, notice.address or notice.recipient, str(notice.body.get("text_zh"))))
        self._power.statement()
        return None


class World:
    """Everybody who writes into the store, as they are after a start: all they know is in it."""

    def __init__(self, site: Site, store: CaseStore, receiver: Receiver) -> None:
        self._site, self._receiver = site, receiver
        self.store = store
        self._book = Book(site)

    def record(self, now_ms: int, *findings: Finding) -> None:
        """A batch of the rules, its place in the journal with it."""
        with self.store.transaction() as tx:
            self._book.record(tx, findings, now_ms)
            tx.advance("rules", now_ms)

    def tick(self, now_ms: int) -> None:
        """The clock of the book, and of whoever answers nobody."""
        with self.store.transaction() as tx:
            self._book.tick(tx, now_ms)
        Escalation(self._site).tick(self.store, now_ms)

    def send(self, now_ms: int) -> None:
        """Everything that may go out by now."""
        ways = ("webhook", "mqtt", "command")
        outbox = Outbox(
            self.store,
            dict.fromkeys(ways, self._receiver),
            ManualClock(now_ms),
            random.Random(7),
            max_attempts=1000,
            not_before=Letters(self._site).not_before,
            manners={"webhook": Manner("600:60", grouped=True)},
            terms=terms_of(self._site),
            routing=Routing(
                self.store, partial(addresses_of, notices=NOTICES), lambda _ladder, _from_ms, _holder: None
            ),
        )
        asyncio.run(outbox.send_due())


Step = Callable[[World], None]


def the_day() -> list[Step]:
    """Two shops on the ladder, one to a case and one corrected; a digest; smoke that nobody answers."""
    at = clock_ms

    def seen(change: Change, time: str, *zones: str) -> Step:
        findings = [bikes(change, at(time), zone=zone) for zone in zones]
        return lambda world: world.record(at(time), *findings)

    def tick(time: str) -> Step:
        return lambda world: world.tick(at(time))

    def send(time: str) -> Step:
        return lambda world: world.send(at(time) + 31_000)

    smoke = charger(RAISED, at("10:00"), rule_id="smoke", metric="smoke", value=1.0, limit=None, latch=True)
    signs = [replace(bikes(RAISED, at("12:00"), zone=zone), matter="09009") for zone in ("door-2", "lane")]
    return [
        seen(RAISED, "09:00", "door-1", "door-2"),
        send("09:00"),
        tick("09:16"),
        send("09:16"),
        seen(RENEWED, "09:17", "door-1"),
        seen(RESOLVED, "09:17", "door-2"),
        send("09:22"),
        tick("09:38"),
        send("09:38"),
        seen(RENEWED, "09:39", "door-1"),
        send("09:45"),
        lambda world: world.record(at("10:00"), smoke),
        send("10:00"),
        tick("10:11"),
        send("10:11"),
        tick("11:12"),
        send("11:12"),
        lambda world: world.record(at("12:00"), *signs),
        send("12:00"),
        tick("12:31"),
        send("12:31"),
    ]
