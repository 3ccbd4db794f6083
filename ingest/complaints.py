"""What a collector says of its connection: each trouble once, and when it is over."""

import logging
from typing import Final

from ingest.broker import Broker, Version
from ingest.connection import Connection
from ingest.outcome import Outcome
from ingest.speech import Speech

log = logging.getLogger("ingest.collector")

_OF_THEIR_OWN: Final = (Outcome.LOGIN_REFUSED, Outcome.SUBSCRIPTION_REFUSED, Outcome.TAKEN_OVER)
"""Told even if another trouble was told already: a person must do something else about them."""
_BRIEF: Final = 2
"""So many connections in a row that end soon after they were accepted are a pattern."""
_WINDOW: Final = (
    "where the broker's own window holds (unless set otherwise 20 unacknowledged messages at mosquitto, 32 at EMQX): "
    "each write to disk takes in no more than that. Raise max_inflight_messages (mosquitto) or max_inflight (EMQX)"
)
_ONLY_V5: Final = "it may not speak MQTT 5, which mqtt.protocol, or more than one of ingest.collectors, ask for"
_SESSION_LOST: Final = (
    "%s: %s has not kept our session, and what came meanwhile may be lost: it was restarted without "
    "`persistence true`, or the session was older than mqtt.session_expiry here or persistent_client_expiration there"
)


class Complaints:
    """Of one collector. Only its network thread calls; any thread may read `trouble`."""

    def __init__(self, broker: Broker, speech: Speech, label: str) -> None:
        """`label` begins each line of the log."""
        self.trouble = ""
        """Why it is not connected, in words; empty while it is, or before it was found out."""
        self._broker = broker
        self._speech = speech
        self._label = label
        self._told: Outcome | None = None
        self._before = False
        self._brief = 0

    def lost(self, connection: Connection, outcome: Outcome, wait_s: float, *, brief: bool) -> None:
        """A connection has ended, or did not come about. `brief`: it was accepted, and lost within seconds."""
        self._brief = self._brief + 1 if brief else 0
        self.trouble = f"{outcome}: {self._detail(connection, outcome)}"
        kind = outcome if outcome in _OF_THEIR_OWN else Outcome.LOST
        level = logging.DEBUG if kind is self._told else logging.WARNING
        self._told = kind
        text = "%s: no connection to %s (%s); next attempt in %.1f s"
        log.log(level, text, self._label, self._broker, self.trouble, wait_s)

    def connected(self, connection: Connection) -> None:
        """The broker has accepted us."""
        version, session = connection.version, "kept session" if connection.session_present else "new session"
        if self._speech.narrow(version):
            why = "mqtt.protocol is" if self._speech.chosen else "it does not speak MQTT 5; going on with"
            log.warning("%s: %s: %s 3.1.1, %s", self._label, self._broker, why, _WINDOW)
        if connection.session_lost:
            log.warning(_SESSION_LOST, self._label, self._broker)
        again = " again" if self._before else ""
        self._before, self._told, self.trouble = True, None, ""
        log.info("%s: connected%s to %s by MQTT %s (%s)", self._label, again, self._broker, version, session)

    def _detail(self, connection: Connection, outcome: Outcome) -> str:
        if connection.version is Version.V5 and outcome in (Outcome.UNANSWERED, Outcome.VERSION_REFUSED):
            return _ONLY_V5
        if self._brief >= _BRIEF and not connection.explained:  # MQTT 3.1.1 has no word for it, and some keep silent
            return f"{connection.detail}; is another client using the client id {self._broker.client_id!r}?"
        return connection.detail
