"""From the broker into the journal. A message is acknowledged once the journal has it on disk, never before."""

import logging
import random
import threading
import time
from collections.abc import Sequence
from typing import Final, Literal, Protocol

from config.schema import Mqtt
from domain import fault
from domain.clock import Clock
from domain.errors import JournalFull
from domain.message import RawMessage
from ingest import topics
from ingest.backoff import Backoff
from ingest.broker import Broker, Version
from ingest.connection import Connection
from ingest.inbox import Batch, Inbox
from ingest.outcome import Outcome
from ingest.subscriptions import Subscriptions
from ingest.tally import CollectorStatus, Tally

log = logging.getLogger(__name__)

_MAX_QUEUED_BYTES: Final = 64 << 20
_JOURNAL_RETRY_S: Final = 0.5
_HELD_S: Final = 10.0
"""A connection that lasted this long was a good one; those that break sooner count as one row of failures."""
_SMALL_WINDOW: Final = (
    "collector: %s does not speak MQTT 5; going on with 3.1.1, where the broker's own window holds (unless set "
    "otherwise 20 unacknowledged messages at mosquitto, 32 at EMQX): each write to disk takes in no more "
    "than that. Raise max_inflight_messages (mosquitto) or max_inflight (EMQX)"
)
_ONLY_V5: Final = "it may not speak MQTT 5, which mqtt.protocol, or more than one of ingest.collectors, ask for"
_SESSION_LOST: Final = (
    "collector: %s has not kept our session, and what came meanwhile may be lost: it was restarted without "
    "`persistence true`, or the session was older than mqtt.session_expiry here or persistent_client_expiration there"
)


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
    ) -> None:
        """`group` messages, or what comes within `group_wait_s`, share one fsync. Raises ConfigError for a bad url.

        Without `subscriptions` it takes what is in our own format, and remembers nothing beyond its life.
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
        self._speech = _Speech(mqtt.protocol)
        self._trouble: Outcome | None = None
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
            log.warning("collector: still busy after %.1f s; unacknowledged messages will come again", timeout_s)

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
            began_s = time.monotonic()
            outcome = self._run(connection)
            if time.monotonic() - began_s >= _HELD_S:
                self._backoff.succeeded()
            if self._speech.learn(version, outcome) or outcome is Outcome.CLOSED:
                continue
            refused = outcome in (Outcome.LOGIN_REFUSED, Outcome.SUBSCRIPTION_REFUSED)
            wait_s = self._backoff.failed_s(refused=refused)
            unable = version is Version.V5 and outcome in (Outcome.UNANSWERED, Outcome.VERSION_REFUSED)
            detail = _ONLY_V5 if unable else connection.detail
            self._complain(outcome if refused else Outcome.LOST, f"{outcome}: {detail}", wait_s)
            self._stopping.wait(wait_s)

    def _run(self, connection: Connection) -> Outcome:
        try:
            return connection.run()
        except Exception:
            log.exception("collector: a connection ended by a fault of ours; connecting again")
            return Outcome.LOST

    def _complain(self, trouble: Outcome, detail: str, wait_s: float) -> None:
        level = logging.DEBUG if trouble is self._trouble else logging.WARNING
        self._trouble = trouble
        log.log(level, "collector: no connection to %s (%s); next attempt in %.1f s", self._broker, detail, wait_s)

    def _on_ready(self, connection: Connection) -> None:
        if self._speech.surprised(connection.version):
            log.warning(_SMALL_WINDOW, self._broker)
        if connection.session_lost:
            log.warning(_SESSION_LOST, self._broker)
        self._tally.add(reconnects=self._agreed is not None)
        again = "" if self._trouble is None else " again"
        session = "kept session" if connection.session_present else "new session"
        self._agreed = (connection.version, connection.session_present, self._clock.now_ms())
        self._trouble = None
        log.info("collector: connected%s to %s by MQTT %s (%s)", again, self._broker, connection.version, session)

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
            log.info("collector: the journal takes messages again")
        fault.reach("journalled")
        self._tally.add(journalled=len(messages))
        return True

    def _pause(self, wrong: Exception) -> None:
        if not self._paused:
            self._paused = True
            expected = isinstance(wrong, JournalFull)
            log.error("collector: the journal takes nothing (%s); not acknowledging", wrong, exc_info=not expected)

    def _acknowledge(self, group: list[Batch]) -> None:
        for batch in group:
            batch.source.acknowledge(batch.answers)
        if self._connection is not None:
            self._connection.wake()  # there is room again, even if none of these came by it


class _Speech:
    """Which version to speak next. A broker that refuses MQTT 5 is never asked again; one that keeps silent, later.

    Only `auto` may try another version than the settings name.
    """

    def __init__(self, protocol: Literal["auto", "5", "3.1.1"]) -> None:
        self._auto = protocol == "auto"
        self._refused = protocol == "3.1.1"
        self._silent = False
        self._told = self._refused

    def next(self) -> Version:
        """The version for the next connection."""
        return Version.V311 if self._refused or self._silent else Version.V5

    def learn(self, version: Version, outcome: Outcome) -> bool:
        """Take note of how that went; whether to try the other version at once."""
        v5 = self._auto and version is Version.V5
        self._silent = v5 and outcome is Outcome.UNANSWERED
        self._refused = self._refused or (v5 and outcome is Outcome.VERSION_REFUSED)
        return v5 and outcome in (Outcome.UNANSWERED, Outcome.VERSION_REFUSED)

    def surprised(self, version: Version) -> bool:
        """Whether it is the first time that this version had to do in place of MQTT 5."""
        first = version is Version.V311 and not self._told
        self._told = self._told or first
        return first
