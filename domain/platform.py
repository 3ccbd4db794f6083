"""What the city's platform is told of cases."""

from enum import StrEnum

from msgspec import Struct

from domain.case import Case


class EventState(StrEnum):
    """Where an event is on its way out."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"  # the platform refused it too often; shown and counted


class Told(Struct, frozen=True, kw_only=True):
    """A step of a case as it was kept: when, by whom, and how the case stood then."""

    at_ms: int
    who: str
    case: Case


class PlatformEvent(Struct, frozen=True, kw_only=True):
    """One step of one case for the platform. `what` is the name of its line in the case's story."""

    id: int
    key: str
    """The idempotency key: the case's id, a slash, and the number of the event within the case, from 1."""
    case_id: str
    what: str
    body: Told
    state: EventState
    created_ms: int
    not_before_ms: int
    attempts: int = 0
    last_error: str | None = None
    sent_ms: int | None = None

    @property
    def sequence(self) -> int:
        """Its number within the case, from 1, without a gap."""
        return int(self.key.rpartition("/")[2])


class Backlog(Struct, frozen=True, kw_only=True):
    """What has not come through to the platform."""

    pending: int = 0
    dead: int = 0
    oldest_ms: int | None = None
    """When the oldest that waits was written."""
    died_ms: int | None = None
    """When the last of what was given up was."""


class PlatformStatus(Struct, frozen=True, kw_only=True):
    """How telling the platform goes. `sent` and `failed` count tries since the start of the process."""

    pending: int = 0
    oldest_age_s: float = 0.0
    """How long the oldest event waits that has not come through."""
    late: bool = False
    """Whether that is too long."""
    sent: int = 0
    failed: int = 0
    dead: int = 0
    """Events that were given up."""
    died_ms: int | None = None
    """When the last of them was."""
    problem: str = ""
    """What went wrong with the last try; empty if nothing did."""
