"""The collector as a process of its own: `longcheng collect`, which only `serve` starts.

It reads its order, as JSON, from standard input, says how it is doing in lines of JSON on standard output, and
stops in order when standard input ends, however its parent came to its end, or at SIGTERM. Ctrl-C is the parent's.
"""

import sys
import threading
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from app.processes.parent import Parent
from config.schema import Mqtt
from domain.clock import SystemClock
from ingest.broker import Broker
from ingest.collector import Collector
from ingest.retire import QUIET_S, retire
from ingest.subscriptions import Subscriptions, leftover
from storage.journal import Journal

STOP_S: Final = 2.0
"""How long it takes at most to journal and acknowledge what it has, when it is told to stop."""
_SWITCH_INTERVAL_S: Final = 0.0005
"""The writer gets Python's lock back from the network thread after so long, not after 5 ms; see `storage.sqlite`."""


class Order(Struct, frozen=True, kw_only=True):
    """What a collector is to do. Checked by who gives it."""

    client_id: str
    mqtt: dict[str, Any]
    """The fields of `config.schema.Mqtt`."""
    filters: tuple[str, ...]
    data_dir: str
    journal_max_bytes: int
    group: int
    group_wait_s: float
    quiet_s: float = QUIET_S
    """How long a session that is used no more must be quiet to be taken for empty."""
    label: str = "collector"
    """What the log calls it."""
    client_ids: tuple[str, ...] = ()
    """All that are in use. Only for the one collector that ends the sessions of those that are not."""


def collect() -> None:
    """Carry out the order on standard input until that ends."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    with Parent() as parent:
        order = parent.order()
        if order:
            _carry_out(msgspec.json.decode(order, type=Order), parent)


def _carry_out(order: Order, parent: Parent) -> None:
    data = Path(order.data_dir)
    mqtt = _mqtt(order)
    journal = Journal(data / "journal.db", max_bytes=order.journal_max_bytes)
    stopping = threading.Event()

    def collector(client_id: str, subscriptions: Subscriptions) -> Collector:
        return Collector(
            mqtt,
            client_id=client_id,
            journal=journal,
            clock=SystemClock(),
            group=order.group,
            group_wait_s=order.group_wait_s,
            subscriptions=subscriptions,
            label=order.label if client_id == order.client_id else f"collector {client_id}",
        )

    def end_unused(client_id: str) -> None:
        nothing = Subscriptions((), client_id=client_id, broker=place, folder=data)
        retire(
            collector(client_id, nothing),
            client_id,
            broker=Broker(mqtt, client_id),
            subscriptions=nothing,
            stopping=stopping,
            quiet_s=order.quiet_s,
        )

    place = str(Broker(mqtt, order.client_id))
    wanted = Subscriptions(order.filters, client_id=order.client_id, broker=place, folder=data)
    running = collector(order.client_id, wanted)
    unused = leftover(data, place, order.client_ids) if order.client_ids else ()
    retiring = [threading.Thread(target=end_unused, args=(one,), name=f"retiring {one}", daemon=True) for one in unused]
    running.start()
    for one in retiring:
        one.start()
    parent.report(lambda: running.status, attend=journal.head)
    stopping.set()
    running.stop(STOP_S)
    for one in retiring:
        one.join(STOP_S)
    parent.tell(running.status)
    if not any(one.is_alive() for one in retiring):
        journal.close()


def _mqtt(order: Order) -> Mqtt:
    """The settings as their giver has checked them; as JSON, their paths have become words."""
    said = order.mqtt
    files = {name: Path(said[name]) for name in said if name.endswith("_file") and said[name] is not None}
    return Mqtt.model_construct(**(said | files))
