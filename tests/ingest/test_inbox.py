"""The queue between network and journal."""

import threading

from ingest.inbox import Batch, Inbox
from tests.ingest.site import message


class Nowhere:
    """A connection nobody listens to."""

    def acknowledge(self, answers: list[int]) -> None:
        """Forget them."""


NOWHERE = Nowhere()


def batch(*answers: int, size_bytes: int = 1) -> Batch:
    """Messages with these answers."""
    return Batch([message("tree/tree-1/telemetry", b"%d" % one) for one in answers], [*answers], NOWHERE, size_bytes)


def inbox(*, max_messages: int = 10, max_bytes: int = 1000, group: int = 4) -> Inbox:
    """A small one."""
    return Inbox(max_messages=max_messages, max_bytes=max_bytes, group=group)


def answers(group: list[Batch]) -> list[int]:
    """Those of a whole group; each still stands beside its message."""
    for one in group:
        assert [int(kept.payload) for kept in one.messages] == one.answers
    return [answer for one in group for answer in one.answers]


def test_groups_in_order_of_arrival() -> None:
    """Never more than a group at once, never out of order, nothing twice, however it came together."""
    box = inbox()
    box.put(batch(1, 2))
    box.put(batch(3, 4, 5, 6, 7, 8, 9))
    box.put(batch(10))
    assert [answers(box.take(0.001)) for _ in range(3)] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


def test_full_by_number_and_by_bytes() -> None:
    """Either bound says full; it still takes what is put, and taking makes room."""
    box = inbox(max_messages=2, max_bytes=1000, group=1)
    box.put(batch(1))
    assert not box.full
    box.put(batch(2))
    assert box.full
    box.take(0.001)
    assert not box.full
    box.take(0.001)
    box.put(batch(3, 4, size_bytes=1000))
    box.take(0.001)
    assert box.full  # by its bytes, until all that came with them is gone
    box.take(0.001)
    assert not box.full


def test_a_complete_group_does_not_wait() -> None:
    """The wait is for more messages, not for time to pass."""
    box = inbox()
    found: list[Batch] = []
    taker = threading.Thread(target=lambda: found.extend(box.take(60)))
    taker.start()
    box.put(batch(1, 2))
    box.put(batch(3))
    box.put(batch(4))
    taker.join(30)
    assert answers(found) == [1, 2, 3, 4]


def test_closing_gives_what_is_left_and_then_nothing() -> None:
    """At once: whoever closes it is waiting."""
    box = inbox()
    box.put(batch(1))
    box.close()
    assert answers(box.take(60)) == [1]
    assert box.take(60) == []


def test_closing_wakes_the_taker() -> None:
    """Stopping is not held up by an empty inbox."""
    box = inbox()
    taker = threading.Thread(target=box.take, args=(60,))
    taker.start()
    box.close()
    taker.join(30)
    assert not taker.is_alive()
