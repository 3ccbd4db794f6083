"""Messages with a number in them, so that a test can say which ones it found."""

from domain.errors import JournalFull
from domain.message import RawMessage, Record
from storage.journal import Journal


def message(number: int, *, size: int = 0) -> RawMessage:
    """A message that knows its number; `size` pads its payload."""
    return RawMessage(
        topic=f"longcheng/v1/tree/tree-{number % 7}/telemetry",
        payload=f"{number} ".encode().ljust(size, b"\xff"),
        qos=1,
        retain=number % 2 == 0,
        dup=number % 3 == 0,
        received_ms=1_760_000_000_000 + number,
    )


def number_of(record: Record) -> int:
    """The number of a record's message."""
    return int(record.message.payload.split()[0])


def append_until_full(journal: Journal, *, group: int) -> tuple[int, JournalFull]:
    """Append messages 1, 2, 3, …, 1 kB each, until one is refused. Returns the last number taken, and the refusal."""
    taken = journal.head()
    try:
        while taken < 100_000:
            taken = journal.append([message(taken + 1 + i, size=1000) for i in range(group)])
    except JournalFull as full:
        return taken, full
    raise AssertionError("it was never full")
