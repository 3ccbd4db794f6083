"""One file a payload. FEEDS names those that a feed may choose as its format; the native ones stand on their own."""

from collections.abc import Mapping
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from config.schema import Feed
from domain.message import RawMessage
from ingest.births import Births
from ingest.decoders.chirpstack import ChirpStack
from ingest.decoders.mapping import Mapping as VendorMapping
from ingest.decoders.sparkplug import Sparkplug
from ingest.decoders.tts import Tts
from ingest.moment import Heard


class FeedDecoder(Protocol):
    """Reads the messages of one feed."""

    def __init__(self, feed: Feed, zone: ZoneInfo, births: Births, /) -> None:
        """Raises ValueError, saying what must change, for a feed that cannot be read so."""
        ...

    def decode(self, message: RawMessage, seq: int, /) -> list[Heard]:
        """What the message says, by device. `seq` is its place in the journal. Raises Unfit, and nothing else."""
        ...


FEEDS: Final[Mapping[str, type[FeedDecoder]]] = {
    "chirpstack": ChirpStack,
    "sparkplug": Sparkplug,
    "tts": Tts,
    "mapping": VendorMapping,
}
