"""Where the broker is, and how we introduce ourselves to it."""

import ssl
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from config.schema import Mqtt
from domain.errors import ConfigError
from ingest import topics

ONLINE: Final = b'{"state":"online"}'
OFFLINE: Final = b'{"state":"offline"}'

_KEEPALIVE_S: Final = 30
_CONNECT_TIMEOUT_S: Final = 5.0
_LONGEST_EXPIRY_S: Final = 0xFFFFFFFF


class Version(StrEnum):
    """The protocol versions we speak."""

    V5 = "5"
    V311 = "3.1.1"


class Broker:
    """The broker of a site, as one client sees it: it keeps this client's session, whichever version it speaks."""

    def __init__(self, mqtt: Mqtt, client_id: str) -> None:
        """Connects to nothing yet. Raises ConfigError for a url or a CA file that cannot be used."""
        self.presence = topics.status(mqtt.root, topics.SERVICE, client_id)
        """Our own birth and last will."""
        self.filters = topics.subscriptions(mqtt.root)
        self._mqtt = mqtt
        self._client_id = client_id
        self.host, self.port, tls = _address(mqtt.url)
        self._tls = _tls(mqtt) if tls else None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def client(self, version: Version) -> Client:
        """A client for one connection: its session is kept, and it acknowledges nothing by itself."""
        v5 = version is Version.V5
        client = self._introduced(
            Client(
                CallbackAPIVersion.VERSION2,
                client_id=self._client_id,
                clean_session=None if v5 else False,
                protocol=MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311,
                reconnect_on_failure=False,
                manual_ack=True,
            )
        )
        client.will_set(self.presence, OFFLINE, qos=1, retain=True)
        return client

    def speaker(self) -> Client:
        """A client that only publishes: no session to keep, 3.1.1 as every broker has it; paho connects it again."""
        return self._introduced(
            Client(CallbackAPIVersion.VERSION2, client_id=self._client_id, protocol=MQTTProtocolVersion.MQTTv311)
        )

    def _introduced(self, client: Client) -> Client:
        client.connect_timeout = _CONNECT_TIMEOUT_S
        if self._mqtt.username:
            client.username_pw_set(self._mqtt.username, self._mqtt.password or None)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        return client

    def connect(self, client: Client, version: Version) -> None:
        """Send CONNECT and ask for the kept session. Raises OSError if there is nobody."""
        if version is Version.V311:
            client.connect(self.host, self.port, _KEEPALIVE_S)
            return
        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wanted.SessionExpiryInterval = min(round(self._mqtt.session_expiry), _LONGEST_EXPIRY_S)
        wanted.ReceiveMaximum = self._mqtt.receive_maximum
        # paho's own default is a clean start: a restarted collector would wipe the session it lives by.
        client.connect(self.host, self.port, _KEEPALIVE_S, clean_start=False, properties=wanted)

    def subscribe(self, client: Client, version: Version) -> None:
        """Ask for everything below the root that is ours, at QoS 1."""
        if version is Version.V5:
            # Retained words only for a new subscription: told again at each reconnect, they would pass for news.
            options = SubscribeOptions(qos=1, noLocal=True, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
            client.subscribe([(name, options) for name in self.filters])
        else:
            client.subscribe([(name, 1) for name in self.filters])


def _address(url: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(url)
        host, port, tls = parts.hostname, parts.port, parts.scheme == "mqtts"
    except ValueError as wrong:
        raise ConfigError(f"mqtt.url is {url!r}: {wrong}") from None
    if not host or port == 0:
        raise ConfigError(f"mqtt.url is {url!r}; it must be mqtt://host:port or mqtts://host:port")
    return host, port or (8883 if tls else 1883), tls


def _tls(mqtt: Mqtt) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=mqtt.ca_file)
    except (OSError, ssl.SSLError) as wrong:
        raise ConfigError(f"mqtt.ca_file is {mqtt.ca_file}: {wrong}") from None
