"""From the broker into the journal. A message is acknowledged once the journal has it on disk, never before."""

import logging
import random
import threading
import time
from collections.abc import Sequence
from typing import Final, Protocol

from config.schema import Mqtt
from domain import fault
from domain.clock import Clock
from domain.errors import JournalFull
from domain.message import RawMessage
from ingest import topics
from ingest.backoff import Backoff
from ingest.broker import Broker, Version
from ingest.complaints import Complaints
from ingest.connection import Connection
from ingest.inbox import Batch, Inbox
from ingest.outcome import Outcome
from ingest.speech import Speech
from ingest.subscriptions import Subscriptions
from ingest.tally import CollectorStatus, Tally

log = logging.getLogger(__name__)

_MAX_QUEUED_BYTES: Final = 64 << 20
_JOURNAL_RETRY_S: Final = 0.5
_HELD_S: Final = 10.0
"""A connection that lasted this long was a good one; those that break sooner count as one row of failures."""


class Journal(Protocol):
    """Where messages become durable."""

    def append(self, messages: Sequence[RawMessage]) -> int:
        """Keep all of them, or none. Durable on return. Raises JournalFull."""
        ...


class Collector:
    """One client of one broker. Its session is kept: what comes while it is away, comes when it is back."""

    def __init__(
        self,
        mqtt: Mqtt,
        *,
        client_id: str,
        journal: Journal,
        clock: Clock,
        group: int,
        group_wait_s: float,
        subscriptions: Subscriptions | None = None,
        chance: random.Random | None = None,
        label: str = "collector",
    ) -> None:
        """`group` messages, or what comes within `group_wait_s`, share one fsync. Raises ConfigError for a bad url.

        `label` is what the log calls it. Without `subscriptions` it takes what is in our own format, and remembers
        nothing beyond its life.
        """
        self._broker = Broker(mqtt, client_id)
        self._subscriptions = subscriptions or Subscriptions(topics.filters(mqtt.root, {}))
        self._journal = journal
        self._clock = clock
        self._group_wait_s = group_wait_s
        self._backoff = Backoff(chance or random.SystemRandom())
        # One window that is unacknowledged, and one that an ended connection left behind.
        self._inbox = Inbox(
            max_messages=2 * mqtt.receive_maximum, max_bytes=_MAX_QUEUED_BYTES, group=min(group, mqtt.receive_maximum)
        )
        self._tally = Tally()
        self._connection: Connection | None = None
        self._agreed: tuple[Version, bool, int] | None = None
        self._label = label
        self._speech = Speech(mqtt.protocol)
        self._complaints = Complaints(self._broker, self._speech, label)
        self._paused = False
        self._stopping = threading.Event()
        self._give_up = threading.Event()
        self._network = threading.Thread(target=self._stay_connected, name="collector-network", daemon=True)
        self._writer = threading.Thread(target=self._write, name="collector-writer", daemon=True)

    @property
    def status(self) -> CollectorStatus:
        """How it is doing right now. From any thread."""
        connection, agreed, tally = self._connection, self._agreed, self._tally
        return CollectorStatus(
            connected=connection is not None and connection.ready,
            paused=self._paused,
            trouble=self._complaints.trouble,
            session_present=agreed[1] if agreed else None,
            protocol=agreed[0].value if agreed else None,
            last_connect_ms=agreed[2] if agreed else None,
            received=tally.received,
            redelivered=tally.redelivered,
            journalled=tally.journalled,
            acked=tally.acked,
            stale_acks=tally.stale_acks,
            reconnects=tally.reconnects,
        )

    def start(self) -> None:
        """Begin to connect, and return at once. Once only."""
        self._writer.start()
        self._network.start()

    def stop(self, timeout_s: float) -> None:
        """Take nothing new, journal and acknowledge what was taken, and leave; the broker keeps the session.

        What cannot be journalled within `timeout_s` stays unacknowledged, and the broker sends it again.
        """
        if not self._writer.is_alive():
            return
        deadline_s = time.monotonic() + timeout_s
        self._stopping.set()
        if self._connection is not None:
            self._connection.mute()
        self._inbox.close()
        self._writer.join(timeout_s / 2)
        self._give_up.set()
        self._writer.join(timeout_s / 4)
        if self._connection is not None:
            self._connection.close()
        self._network.join(max(0.0, deadline_s - time.monotonic()))
        if self._writer.is_alive() or self._network.is_alive():
            log.warning("%s: still busy after %.1f s; unacknowledged messages will come again", self._label, timeout_s)

    def _stay_connected(self) -> None:
        while not self._stopping.is_set():
            version = self._speech.next()
            self._connection = connection = Connection(
                self._broker,
                version,
                subscriptions=self._subscriptions,
                inbox=self._inbox,
                tally=self._tally,
                clock=self._clock,
                on_ready=self._on_ready,
            )
            if self._stopping.is_set():
                connection.close()
            began_s, agreed = time.monotonic(), self._agreed
            outcome = self._run(connection)
            held = time.monotonic() - began_s >= _HELD_S
            if held:
                self._backoff.succeeded()
            if self._speech.learn(version, outcome) or outcome is Outcome.CLOSED:
                continue
            refused = outcome in (Outcome.LOGIN_REFUSED, Outcome.SUBSCRIPTION_REFUSED)
            wait_s = self._backoff.failed_s(refused=refused)
            brief = self._agreed is not agreed and not held
            self._complaints.lost(connection, outcome, wait_s, brief=brief)
            self._stopping.wait(wait_s)

    def _run(self, connection: Connection) -> Outcome:
        try:
            return connection.run()
        except Exception:
            log.exception("%s: a connection ended by a fault of ours; connecting again", self._label)
            return Outcome.LOST

    def _on_ready(self, connection: Connection) -> None:
        self._tally.add(reconnects=self._agreed is not None)
        self._agreed = (connection.version, connection.session_present, self._clock.now_ms())
        self._complaints.connected(connection)

    def _write(self) -> None:
        while True:
            group = self._inbox.take(self._group_wait_s)
            if group:
                if not self._keep([message for batch in group for message in batch.messages]):
                    return
                self._acknowledge(group)
            elif self._stopping.is_set():
                return

    def _keep(self, messages: list[RawMessage]) -> bool:
        """Have the journal keep them, however long that takes; False if we are to stop first."""
        fault.reach("received")
        while True:
            try:
                self._journal.append(messages)
            except Exception as wrong:  # noqa: BLE001  whatever it is: unacknowledged, nothing is lost
                self._pause(wrong)
            else:
                break
            if self._give_up.wait(_JOURNAL_RETRY_S):
                return False
        if self._paused:
            self._paused = False
            log.info("%s: the journal takes messages again", self._label)
        fault.reach("journalled")
        self._tally.add(journalled=len(messages))
        return True

    def _pause(self, wrong: Exception) -> None:
        if not self._paused:
            self._paused = True
            expected = isinstance(wrong, JournalFull)
            text = "%s: the journal takes nothing (%s); not acknowledging"
            log.error(text, self._label, wrong, exc_info=not expected)

    def _acknowledge(self, group: list[Batch]) -> None:
        for batch in group:
            batch.source.acknowledge(batch.answers)
        if self._connection is not None:
            self._connection.wake()  # there is room again, even if none of these came by it
