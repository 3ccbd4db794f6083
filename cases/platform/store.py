"""What the sender needs of the store. `storage.case_store` fits by its shape."""

from collections.abc import Collection
from typing import Protocol

from domain.platform import Backlog, PlatformEvent


class PlatformStore(Protocol):
    """The sender's side of the store: synchronous, to be called from a thread. May raise StoreUnavailable."""

    def next_events(self, now_ms: int, limit: int, *, besides: Collection[str] = ()) -> list[PlatformEvent]:
        """The first waiting event of each case whose time has come, the longest due first; not of cases `besides`."""
        ...

    def mark_event_sent(self, event_id: int, at_ms: int) -> None:
        """The platform has it."""
        ...

    def mark_event_failed(self, event_id: int, error: str, not_before_ms: int, *, tried: bool = True) -> None:
        """The platform has not taken it; to be tried again from `not_before_ms`. `tried`: whether that counts."""
        ...

    def mark_event_dead(self, event_id: int, error: str, at_ms: int) -> None:
        """The platform refuses it, and it is given up. What follows it in its case goes on."""
        ...

    def backlog(self) -> Backlog:
        """What has not come through."""
        ...

    def forget_events(self, before_ms: int) -> int:
        """What came through before that is let go. Returns how many they were."""
        ...
