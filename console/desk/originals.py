"""What the console needs of pictures as they were taken, by cameras and by shops."""

from typing import Protocol


class OriginalDesk(Protocol):
    """A part of `console.desk.city.Desk`."""

    def original(self, name: str, *, who: str, why: str, address: str) -> bytes | None:
        """An original as JPEG, once it stands in the ledger who sees it, why and from where.

        None if there is none, or the name is not one of ours. Raises StoreUnavailable if it can't be written down or
        read.
        """
        ...

    def shop_photo(self, reply_id: int, *, who: str, why: str, address: str) -> bytes | None:
        """The photo that came with a shop's word, as JPEG, once it stands in the ledger who sees it.

        None if there is no such word, it came without one, or its photo is gone. Raises StoreUnavailable as above.
        """
        ...
