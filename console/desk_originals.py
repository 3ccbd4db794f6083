"""What the console needs of pictures as they were taken."""

from typing import Protocol


class OriginalDesk(Protocol):
    """A part of `console.desk.Desk`."""

    def original(self, name: str, *, who: str, why: str, address: str) -> bytes | None:
        """An original as JPEG, once it stands in the ledger who sees it, why and from where.

        None if there is none, or the name is not one of ours. Raises StoreUnavailable if it can't be written down or
        read.
        """
        ...
