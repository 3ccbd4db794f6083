"""The end of a session that nobody will take up again, once it is empty.

A client id that is no longer used (the number of collectors has changed, or `mqtt.client_id`) has left a session at the
broker. It holds messages that are ours, and would collect more for as long as the broker keeps it.
"""

import logging
import threading
import time
from typing import Final

from ingest.broker import Broker
from ingest.collector import Collector
from ingest.subscriptions import Subscriptions

log = logging.getLogger(__name__)

QUIET_S: Final = 30.0
"""Longer than a bad line is quiet for: what is not fetched by then is lost with the session."""
_LOOK_S: Final = 0.2
_STOP_S: Final = 2.0


def retire(
    collector: Collector,
    client_id: str,
    *,
    broker: Broker,
    subscriptions: Subscriptions,
    stopping: threading.Event,
    quiet_s: float = QUIET_S,
) -> bool:
    """Unsubscribe, take into the journal what the session still holds, and end it once it was quiet for `quiet_s`.

    `collector` is the one that does so, by these `subscriptions`, which want nothing. Blocks until all is done, or
    until `stopping`: then, and if the broker does not let us, False; the next start tries again.
    """
    log.info("collector: %s is used no more; fetching what its session at %s holds", client_id, broker)
    collector.start()
    emptied = _emptied(collector, stopping, quiet_s)
    collector.stop(_STOP_S)
    if not emptied:
        return False
    try:
        broker.end_session()
    except OSError as wrong:
        log.warning("collector: the session of %s at %s could not be ended: %s", client_id, broker, wrong)
        return False
    subscriptions.forget()
    log.info("collector: %d messages fetched for %s, and its session ended", collector.status.journalled, client_id)
    return True


def _emptied(collector: Collector, stopping: threading.Event, quiet_s: float) -> bool:
    """Wait until it is connected and nothing has come for so long; False if we are to stop first."""
    before, since_s = -1, time.monotonic()
    while not stopping.wait(min(_LOOK_S, quiet_s)):
        status = collector.status
        settled = status.connected and not status.paused and status.journalled == status.received == before
        if not settled:
            before, since_s = status.received, time.monotonic()
        elif time.monotonic() - since_s >= quiet_s:
            return True
    return False
