"""The rules reader as a process of its own: `longcheng judge`, which only `serve` starts.

Pages and rules would take Python's one lock from each other: at 5,000 messages/s people waited for half a second.
It stops in order, with everything judged that the journal had, when standard input ends.
"""

import pickle
import sys
from typing import Final

from app.lifecycle import Loop
from app.processes.judge_words import News, Order
from app.processes.late_reader import LateReader
from app.processes.parent import Parent

DRAIN_S: Final = 2.0
"""How long it takes at most to judge what the journal has, when it is told to stop."""
_SWITCH_INTERVAL_S: Final = 0.0005


def judge() -> None:
    """Carry out the order on standard input until that ends."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    with Parent() as parent:
        order = parent.order()
        if order:
            _carry_out(pickle.loads(order), parent)  # noqa: S301  from our own parent


def _carry_out(order: Order, parent: Parent) -> None:
    news = News()
    reader = LateReader(order, news)
    loops = Loop("rules-reader", reader.step, recover=reader.recover), Loop("looks", reader.keep_looks)
    for loop in loops:
        loop.start()
    parent.report(
        lambda: reader.status,
        attend=reader.attend,
        news=news.tell,
        hear=lambda word: reader.change(pickle.loads(word)),  # noqa: S301  from our own parent
    )
    reader.drain(DRAIN_S)
    for loop in loops:
        loop.stop()
    for last in (*news.tell(), reader.status):
        parent.tell(last)
    if not any(loop.is_alive() for loop in loops):  # what is still in use closes with the process
        reader.close()
