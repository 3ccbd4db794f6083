"""How exactly a case stands, where a standard has room for what it does not name."""

from datetime import datetime

from msgspec import Struct

from config.load import Site
from domain.case import Case
from domain.clock import utc


class Standing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case's fine state and what belongs to it. What is not known, or is not so, is left out; no person is named."""

    state: str
    step: str
    state_datetime: datetime | None = None
    """Since when it has been in its state."""
    severity: str
    unit: str
    tier: str | None = None
    time_limit: str | None = None
    overdue_datetime: datetime | None = None
    """When its deadline passed while it was open; whatever was decided later."""
    deferred_datetime: datetime | None = None
    """Until when it is put off with leave."""
    closed_datetime: datetime | None = None
    closed_reason: str | None = None
    reworks: int
    reopened: int
    duplicate_of: str | None = None
    rating: int | None = None


def standing_of(case: Case, site: Site) -> Standing:
    """Times are the site's, with their offset."""
    return Standing(
        state=case.state.value,
        step=case.step.value,
        state_datetime=moment_of(case.state_ms, site) if case.state_ms else None,
        severity=case.severity.value,
        unit=case.unit,
        tier=case.tier.value if case.tier else None,
        time_limit=case.time_limit,
        overdue_datetime=_maybe(case.overdue_ms, site),
        deferred_datetime=_maybe(case.deferred_until_ms, site),
        closed_datetime=_maybe(case.closed_ms, site),
        closed_reason=case.closed_reason.value if case.closed_reason else None,
        reworks=case.reworks,
        reopened=case.reopened,
        duplicate_of=case.duplicate_of,
        rating=case.rating,
    )


def moment_of(at_ms: int, site: Site) -> datetime:
    """To the second, in the site's time zone."""
    return utc(at_ms // 1000 * 1000).astimezone(site.timezone)


def _maybe(at_ms: int | None, site: Site) -> datetime | None:
    return None if at_ms is None else moment_of(at_ms, site)
