"""A Sparkplug feed and its journal, and what is looked at of the answers."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from config.schema import Feed
from domain.message import RawMessage
from domain.reading import DeviceState
from ingest.decoders.sparkplug import Sparkplug
from ingest.moment import Heard
from storage.births import Births
from tests.ingest.site import NOW_MS

FEED = Feed(format="sparkplug")
ZONE = ZoneInfo("Asia/Shanghai")


class Line:
    """A journal's worth of messages, each with the next place."""

    def __init__(self, births: Births) -> None:
        self.births = births
        self.decoder = Sparkplug(FEED, ZONE, births)
        self.seq = 0

    def restart(self) -> None:
        """A new process, of which only the births are known."""
        self.decoder = Sparkplug(FEED, ZONE, self.births)

    def hear(self, topic: str, payload: bytes, *, received_ms: int = NOW_MS, retain: bool = False) -> list[Heard]:
        """What the decoder makes of it."""
        self.seq += 1
        message = RawMessage(
            topic=f"spBv1.0/{topic}", payload=payload, qos=0, retain=retain, dup=False, received_ms=received_ms
        )
        return self.decoder.decode(message, self.seq)


def values(heard: Sequence[Heard]) -> dict[str, object]:
    """All values of the message."""
    return {name: value for one in heard for moment in one.moments for name, value in moment.values.items()}


def states(heard: Sequence[Heard]) -> dict[str, DeviceState]:
    """Who is there and who is gone."""
    return {one.address: one.state for one in heard if one.state is not None}


def reasons(heard: Sequence[Heard]) -> list[tuple[str, str]]:
    """What was set aside and why."""
    return [(reject.part, reject.reason.value) for one in heard for reject in one.rejects]


def asked(heard: Sequence[Heard]) -> list[str]:
    """Where a request to be born again goes."""
    return [reply.topic for one in heard for reply in one.replies]
