"""One order for each device, however many collectors its messages came in by.

A broker deals the messages of a shared subscription out to the members of the group, and a member that is slower by a
moment has the older message in the journal after the newer one. What belongs to one device is therefore put in the
order of the device's own time, over a short stretch of the journal: the stretch within which collectors can overtake
each other.
"""

from collections import defaultdict, deque
from collections.abc import Sequence

from msgspec import Struct

from domain.message import Record
from domain.reading import Reading, Status
from ingest.decoded import Decoded, Observation


class Read(Struct, frozen=True, gc=False):
    """A record and what it says."""

    record: Record
    decoded: Decoded


class Stretch(Struct, frozen=True, kw_only=True):
    """What may be judged now."""

    reads: tuple[Read, ...]
    """In the order in which to judge them."""
    cursor: int
    """Everything up to here is among them, or was before."""
    ahead: frozenset[int]
    """Beyond the cursor, and yet done: to be left out when their turn comes."""


def arranged(reads: Sequence[Read], *, cursor: int, ahead: frozenset[int], now_ms: int, settle_ms: int) -> Stretch:
    """The part of what follows the cursor that is `settle_ms` old at `now_ms`, with all that was overtaken within it.

    `reads` are all records after the cursor that can be seen, in the order of the journal. What was received later
    than now, before the clock was set back, does not wait.
    """
    ages_ms = (now_ms - read.record.message.received_ms for read in reads)
    end = next((i for i, age_ms in enumerate(ages_ms) if 0 <= age_ms < settle_ms), len(reads))
    if end == 0:
        return Stretch(reads=(), cursor=cursor, ahead=ahead)
    taken = [read for read in reads[:end] if read.record.seq not in ahead]
    newest_ms: dict[str, int] = {}
    for read in taken:
        name, at_ms = _place(read)
        newest_ms[name] = max(at_ms, newest_ms.get(name, at_ms))
    overtaken = [
        read
        for read in reads[end:]
        if read.record.seq not in ahead and (place := _place(read))[1] < newest_ms.get(place[0], place[1])
    ]
    last = reads[end - 1].record.seq
    return Stretch(
        reads=tuple(_by_device(taken, overtaken)),
        cursor=last,
        ahead=frozenset(seq for seq in ahead if seq > last) | {read.record.seq for read in overtaken},
    )


def _by_device(taken: Sequence[Read], overtaken: Sequence[Read]) -> list[Read]:
    """Each device's reads in the order of its own time, at the places where it was heard."""
    queues: dict[str, list[Read]] = defaultdict(list)
    for read in (*taken, *overtaken):
        queues[_place(read)[0]].append(read)
    ordered = {name: deque(sorted(queue, key=lambda read: _place(read)[1])) for name, queue in queues.items()}
    return [ordered[_place(read)[0]].popleft() for read in (*taken, *overtaken)]


def _place(read: Read) -> tuple[str, int]:
    """Whose it is, and when by its own clock."""
    if not read.decoded.observations:
        return f"#{read.record.seq}", 0
    first = read.decoded.observations[0]
    return _whose(first), _when_ms(first)


def _whose(observation: Observation) -> str:
    return observation.device_id if isinstance(observation, Reading | Status) else observation.camera_id


def _when_ms(observation: Observation) -> int:
    if isinstance(observation, Reading):
        return observation.at_ms
    return observation.received_ms if isinstance(observation, Status) else observation.taken_ms
