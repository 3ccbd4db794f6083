"""Where the broker is, and how we introduce ourselves to it."""

import ssl
import threading
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from config.schema import Mqtt
from domain.errors import ConfigError
from ingest import topics
from ingest.wire import WiredClient

ONLINE: Final = b'{"state":"online"}'
OFFLINE: Final = b'{"state":"offline"}'

_KEEPALIVE_S: Final = 30
_CONNECT_TIMEOUT_S: Final = 5.0
_LONGEST_EXPIRY_S: Final = 0xFFFFFFFF
_SHARED: Final = "$share/"


class Version(StrEnum):
    """The protocol versions we speak."""

    V5 = "5"
    V311 = "3.1.1"


class Broker:
    """The broker of a site, as one client sees it: it keeps this client's session, whichever version it speaks."""

    def __init__(self, mqtt: Mqtt, client_id: str) -> None:
        """Connects to nothing yet. Raises ConfigError for a url, or a certificate or key, that cannot be used."""
        self.presence = topics.status(mqtt.root, topics.SERVICE, client_id)
        """Our own birth and last will."""
        self._mqtt = mqtt
        self.client_id = client_id
        self.host, self.port, tls = _address(mqtt.url)
        if not tls and (mqtt.cert_file or mqtt.key_file):
            raise ConfigError(f"mqtt.cert_file or key_file is set, but mqtt.url is {mqtt.url!r}; TLS is mqtts://")
        self._tls = _tls(mqtt) if tls else None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def client(self, version: Version) -> WiredClient:
        """A client for one connection: its session is kept, and it acknowledges nothing by itself."""
        v5 = version is Version.V5
        client = WiredClient(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=None if v5 else False,
            protocol=MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self._introduce(client)
        client.will_set(self.presence, OFFLINE, qos=1, retain=True)
        return client

    def speaker(self) -> Client:
        """A client that only publishes: no session to keep, 3.1.1 as every broker has it; paho connects it again."""
        client = Client(CallbackAPIVersion.VERSION2, client_id=self.client_id, protocol=MQTTProtocolVersion.MQTTv311)
        self._introduce(client)
        return client

    def _introduce(self, client: Client) -> None:
        client.connect_timeout = _CONNECT_TIMEOUT_S
        if self._mqtt.username:
            client.username_pw_set(self._mqtt.username, self._mqtt.password or None)
        if self._tls is not None:
            client.tls_set_context(self._tls)

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

    def subscribe(self, client: Client, version: Version, filters: Sequence[str]) -> int:
        """Ask for all that these match, at QoS 1, and return the number that the answer will name."""
        if version is Version.V311:
            return client.subscribe([(name, 1) for name in filters])[1] or 0
        return client.subscribe([(name, _wish(name)) for name in filters])[1] or 0

    def unsubscribe(self, client: Client, filters: Sequence[str]) -> int:
        """Ask for no more of these, and return the number that the answer will name."""
        return client.unsubscribe(list(filters))[1] or 0

    def end_session(self) -> None:
        """Have the broker forget this client and its presence. Blocks. Raises OSError if that cannot be done."""
        client = self.speaker()  # 3.1.1 with a clean session: it ends whatever session there is, and begins none
        left = threading.Event()

        def leave(client: Client, _userdata: object, _flags: object, reason: ReasonCode, _properties: object) -> None:
            if not reason.is_failure:
                client.publish(self.presence, b"", qos=0, retain=True)
                left.set()
            client.disconnect()

        client.on_connect = leave
        client.connect(self.host, self.port, _KEEPALIVE_S)
        deadline_s = time.monotonic() + _CONNECT_TIMEOUT_S
        while client.loop(0.2) == MQTTErrorCode.MQTT_ERR_SUCCESS and time.monotonic() < deadline_s:
            pass
        if not left.is_set():
            raise ConnectionError(f"{self} did not let {self.client_id} in to end its session")


def shared(group: str, name: str) -> str:
    """The filter of which each message goes to one client of the group only."""
    return f"{_SHARED}{group}/{name}"


def _wish(name: str) -> SubscribeOptions:
    # Retained words only for a new subscription: told again at each reconnect, they would pass for news.
    once = SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
    # What is shared may not exclude our own messages; there are none of ours among them.
    return SubscribeOptions(qos=1, noLocal=not name.startswith(_SHARED), retainHandling=once)


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
        context = ssl.create_default_context(cafile=mqtt.ca_file)
    except (OSError, ssl.SSLError) as wrong:
        raise ConfigError(f"mqtt.ca_file is {mqtt.ca_file}: {wrong}") from None
    for name, path in (("cert_file", mqtt.cert_file), ("key_file", mqtt.key_file)):
        if path is not None:
            _check_readable(name, path)
    if mqtt.cert_file is not None:
        key = mqtt.key_file or mqtt.cert_file
        try:
            # Nobody is there to type the password that an encrypted key would be asked for.
            context.load_cert_chain(mqtt.cert_file, key, password="")
        except (OSError, ValueError) as wrong:
            raise ConfigError(f"mqtt.cert_file is {mqtt.cert_file}, its key {key}: {wrong}") from None
    elif mqtt.key_file is not None:
        raise ConfigError(f"mqtt.key_file is {mqtt.key_file}, but mqtt.cert_file is not set; a key has a certificate")
    return context


def _check_readable(name: str, path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as wrong:
        raise ConfigError(f"mqtt.{name} is {path}: {wrong.strerror}") from None
