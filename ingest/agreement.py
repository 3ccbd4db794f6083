"""The session and the settings brought into line, once per connection."""

from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.broker import Broker, Version
from ingest.subscriptions import Subscriptions


class Agreement:
    """Has the broker's session subscribe to what is configured, and to nothing else."""

    def __init__(
        self,
        broker: Broker,
        version: Version,
        subscriptions: Subscriptions,
        *,
        on_agreed: Callable[[], None],
        on_refused: Callable[[tuple[str, ...]], None],
    ) -> None:
        """`on_agreed` is called once the broker has answered everything; `on_refused` is told the filters."""
        self.session_lost = False
        """Whether the broker has no session of ours, though there was one."""
        self._broker = broker
        self._version = version
        self._subscriptions = subscriptions
        self._on_agreed = on_agreed
        self._on_refused = on_refused
        self._unanswered: set[int] = set()

    def seek(self, client: Client, *, session_present: bool) -> None:
        """Ask for it. In the thread of paho's callbacks, as all else here."""
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_unsubscribe
        plan = self._subscriptions.begin(session_present=session_present)
        self.session_lost = plan.session_lost
        if plan.unwanted:
            self._unanswered.add(self._broker.unsubscribe(client, plan.unwanted))
        if self._subscriptions.wanted:
            self._unanswered.add(self._broker.subscribe(client, self._version, self._subscriptions.wanted))
        self._conclude()

    def _on_unsubscribe(
        self, _client: Client, _userdata: Any, mid: int, _reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        self._answered(mid)

    def _on_subscribe(
        self, _client: Client, _userdata: Any, mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        named = zip(self._subscriptions.wanted, reasons, strict=False)
        refused = tuple(name for name, reason in named if reason.is_failure)
        if refused:
            self._on_refused(refused)
        else:
            self._answered(mid)

    def _answered(self, mid: int) -> None:
        self._unanswered.discard(mid)
        self._conclude()

    def _conclude(self) -> None:
        if not self._unanswered:
            self._subscriptions.settle()
            self._on_agreed()
