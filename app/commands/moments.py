"""Moments as people type them on a command line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from config.schema import duration_s
from domain.clock import Clock, epoch_ms
from domain.errors import ConfigError


def moment_ms(text: str, option: str, zone: ZoneInfo, clock: Clock) -> int:
    """Epoch ms of `7d` (ago), `2026-11-22` or `2026-11-22T08:00`, which without an offset is in the site's zone.

    Raises ConfigError that names the option.
    """
    try:
        return clock.now_ms() - round(duration_s(text) * 1000)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} is {text!r}; write 2h or 7d (ago), 2026-11-22 or 2026-11-22T08:00") from None
    return epoch_ms(at if at.tzinfo else at.replace(tzinfo=zone))


def later_ms(text: str, option: str, zone: ZoneInfo, clock: Clock) -> int:
    """Epoch ms of `2h` (from now), or of a time, which without an offset is in the site's zone.

    Raises ConfigError that names the option.
    """
    try:
        return clock.now_ms() + round(duration_s(text) * 1000)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} is {text!r}; write 2h or 3d (from now), or a time: 2026-11-22T08:00") from None
    return epoch_ms(at if at.tzinfo else at.replace(tzinfo=zone))
