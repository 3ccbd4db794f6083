"""What shops contested, and what was decided."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from app.simulation.account import Account

NEVER_MS: Final = 1 << 60


class Contest(Struct, kw_only=True):
    """One; from the shop's word to the desk's."""

    given_ms: int
    decided_ms: int = NEVER_MS
    upheld: bool = False

    def is_open_at(self, at_ms: int) -> bool:
        """Whether nothing goes on because of it."""
        return self.given_ms <= at_ms < self.decided_ms

    def anew_ms(self, zone: ZoneInfo) -> int:
        """From when the shop has its whole time anew: the decision, or eight in the morning after it. 0: not at all."""
        if self.decided_ms == NEVER_MS or self.upheld:
            return 0
        at = datetime.fromtimestamp(self.decided_ms / 1000, zone)
        if time(8) <= at.time() < time(21):
            return self.decided_ms
        day = at.date() + timedelta(days=at.hour >= 21)
        return round(datetime.combine(day, time(8), zone).timestamp() * 1000)


NO_CONTEST: Final = Contest(given_ms=NEVER_MS)


def contests(account: Account) -> dict[tuple[str, str, int], Contest]:
    """By rule, subject and beginning of what they are about."""
    found: dict[tuple[str, str, int], Contest] = {}
    for deed in account.deeds:
        key = deed.rule_id or "", deed.subject or "", int(deed.reason or 0) if deed.rule_id and deed.reason else 0
        if deed.what == "contest":
            found[key] = Contest(given_ms=deed.at_ms)
        elif deed.what in {"upheld", "dismissed"}:
            found[key].decided_ms, found[key].upheld = deed.at_ms, deed.what == "upheld"
    return found
