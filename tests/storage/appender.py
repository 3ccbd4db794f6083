"""A child process that appends until it is killed: group by group, each group's last number on standard output.

When the journal takes nothing it says `full`, once, and goes on trying.
"""

import sys
from pathlib import Path

from domain.errors import JournalFull
from storage.journal import Journal
from tests.storage.messages import message


def main(path: str, group: int) -> None:
    """Append messages 1, 2, 3, …; a number is printed only after its append has returned."""
    journal = Journal(Path(path), max_bytes=1 << 30)
    first, full = journal.head() + 1, False
    while True:
        try:
            last = journal.append([message(number, size=200) for number in range(first, first + group)])
        except JournalFull:
            if not full:
                print("full", flush=True)  # noqa: T201 - the parent reads it
            full = True
            continue
        print(last, flush=True)  # noqa: T201
        first, full = last + 1, False


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
