"""What a birth certificate says: names by alias, and what type each is of."""

from typing import Final

from msgspec import Struct

from ingest.sparkplug import wire

BD_SEQ: Final = "bdSeq"


class Birth(Struct, frozen=True):
    """What was said at a birth: names by alias, datatypes by name, and which session it began."""

    bd_seq: int | None
    names: dict[int, str]
    datatypes: dict[str, int]


def birth_of(payload: wire.Payload) -> Birth:
    """What holds from this birth on."""
    named = [metric for metric in payload.metrics if metric.name]
    return Birth(
        bd_seq=bd_seq(payload),
        names={metric.alias: metric.name for metric in named if metric.alias is not None and metric.name},
        datatypes={metric.name: metric.datatype for metric in named if metric.datatype and metric.name},
    )


def bd_seq(payload: wire.Payload) -> int | None:
    """Which session a birth begins, or a death ends; None if it does not say."""
    for metric in payload.metrics:
        if metric.name == BD_SEQ and metric.form in ("int", "long"):
            return int(metric.value or 0)
    return None
