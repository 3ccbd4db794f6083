"""What the handling of cases needs of a transaction, beside what the book needs."""

from collections.abc import Collection
from typing import Protocol

from domain.case import Case, CaseState, LogEntry
from domain.presence import CameraPresence, DevicePresence


class CasesTransaction(Protocol):
    """A part of `BookTransaction`."""

    def merged_case(self, matter: str, *, device_id: str, subject: str | None) -> Case | None:
        """The newest case of a matter, for a whole device or for one subject of it, that was merged into another."""
        ...

    def cases_merged_into(self, case_id: str) -> list[Case]:
        """Cases that were closed as the same as this one, oldest first."""
        ...

    def cases_in(self, states: Collection[CaseState]) -> list[Case]:
        """Open cases in one of these states, the longest there first."""
        ...

    def presence(self, device_id: str) -> DevicePresence | CameraPresence | None:
        """When a device, or a camera, was last heard of; None if it never was."""
        ...

    def last_line(self, case_id: str) -> LogEntry | None:
        """The newest line of a case's own story."""
        ...

    def withdraw_case_notices(self, case_id: str) -> None:
        """Take back what has not gone out yet about a case."""
        ...
