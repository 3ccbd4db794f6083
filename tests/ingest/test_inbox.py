"""The queue between network and journal."""

import threading

from ingest.inbox import Arrival, Inbox
from tests.ingest.site import message


class Nowhere:
    """A connection nobody listens to."""

    def acknowledge(self, mids: list[int]) -> None:
        """Forget them."""


def arrival(mid: int, payload: bytes = b"x") -> Arrival:
    """A message with this number."""
    return Arrival(message("tree/tree-1/telemetry", payload), Nowhere(), mid)


def inbox(*, max_messages: int = 10, max_bytes: int = 1000, group: int = 4) -> Inbox:
    """A small one."""
    return Inbox(max_messages=max_messages, max_bytes=max_bytes, group=group)


def test_groups_in_order_of_arrival() -> None:
    """Never more than a group at once, never out of order, nothing twice."""
    box = inbox()
    for mid in range(6):
        box.put(arrival(mid))
    assert [found.mid for found in box.take(0.001)] == [0, 1, 2, 3]
    assert [found.mid for found in box.take(0.001)] == [4, 5]


def test_full_by_number_and_by_bytes() -> None:
    """Either bound says full; it still takes what is put, and taking makes room."""
    box = inbox(max_messages=2, max_bytes=1000, group=1)
    box.put(arrival(1))
    assert not box.full
    box.put(arrival(2))
    assert box.full
    box.take(0.001)
    assert not box.full
    box.put(arrival(3, b"x" * 1000))
    assert box.full


def test_a_complete_group_does_not_wait() -> None:
    """The wait is for more messages, not for time to pass."""
    box = inbox()
    found: list[Arrival] = []
    taker = threading.Thread(target=lambda: found.extend(box.take(60)))
    taker.start()
    for mid in range(4):
        box.put(arrival(mid))
    taker.join(5)
    assert [one.mid for one in found] == [0, 1, 2, 3]


def test_closing_gives_what_is_left_and_then_nothing() -> None:
    """At once: whoever closes it is waiting."""
    box = inbox()
    box.put(arrival(1))
    box.close()
    assert [found.mid for found in box.take(60)] == [1]
    assert box.take(60) == []


def test_closing_wakes_the_taker() -> None:
    """Stopping is not held up by an empty inbox."""
    box = inbox()
    taker = threading.Thread(target=box.take, args=(60,))
    taker.start()
    box.close()
    taker.join(5)
    assert not taker.is_alive()
