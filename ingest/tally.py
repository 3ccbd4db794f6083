"""Counts that several threads add to."""

import threading


class Tally:
    """What the collector has done since its start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.received = 0
        self.journalled = 0
        self.acked = 0
        self.stale_acks = 0
        """Acknowledgements that came when their connection had ended; the broker sends those messages again."""

    def add(self, *, received: int = 0, journalled: int = 0, acked: int = 0, stale_acks: int = 0) -> None:
        """Count some more."""
        with self._lock:
            self.received += received
            self.journalled += journalled
            self.acked += acked
            self.stale_acks += stale_acks
