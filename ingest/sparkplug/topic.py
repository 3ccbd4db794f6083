"""Sparkplug B's topics: `{namespace}/{group}/{message}/{node}`, and `/{device}` for messages about a device."""

from typing import Final

from msgspec import Struct

from domain.message import RejectReason
from ingest.decoded import Unfit, shown

_NODE_WORDS: Final = ("NBIRTH", "NDATA", "NDEATH")
_DEVICE_WORDS: Final = ("DBIRTH", "DDATA", "DDEATH")
_COMMANDS: Final = ("NCMD", "DCMD")
BIRTHS: Final = ("NBIRTH", "DBIRTH")
DEATHS: Final = ("NDEATH", "DDEATH")


class Topic(Struct, frozen=True, gc=False):
    """What a topic names. `word` is the kind of message."""

    namespace: str
    group: str
    word: str
    edge: str
    device: str | None

    @property
    def node(self) -> str:
        """The node's address."""
        return f"{self.group}/{self.edge}"

    @property
    def address(self) -> str:
        """Whom the message is about."""
        return self.node if self.device is None else f"{self.node}/{self.device}"


def read_topic(name: str) -> Topic | None:
    """What the topic names; None for what is no sensor's. Raises Unfit(TOPIC)."""
    levels = name.split("/")
    at = levels.index("spBv1.0") if "spBv1.0" in levels else 0
    rest = levels[at + 1 :]
    if rest[:1] == ["STATE"] or (len(rest) > 1 and rest[1] in _COMMANDS):
        return None
    words = {3: _NODE_WORDS, 4: _DEVICE_WORDS}.get(len(rest), ())
    if not all(rest) or not words or rest[1] not in words:
        raise Unfit(RejectReason.TOPIC, f"{shown(name)} is not namespace/group/message/node or, for D…, …/node/device")
    return Topic("/".join(levels[: at + 1]), rest[0], rest[1], rest[2], rest[3] if len(rest) == 4 else None)
