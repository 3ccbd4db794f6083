"""A camera's own time: how long it has truly been between its looks, whatever the clocks did.

Stays are differences of it. Within one worker the time between two looks is measured by the monotonic clock, so that
a wall clock set forward by an hour adds a minute if a minute went by. Only between two workers is there nothing but
the wall clock, and that may have been set in between. So, of a difference that only the wall clock vouches for:

- a negative one counts as nothing;
- one up to `PROVEN_MS` (or three intervals) counts: so old may the memory be that a crash leaves behind;
- a longer one counts as nothing, though what still stands there is still the same thing: its stay is then at least
  what is said, never more;
- one beyond the time after which unseen things are forgotten counts, so that they are forgotten.
"""

from msgspec import Struct, structs

PROVEN_MS = 600_000
"""As old as a saved memory may be (`recall.SAVE_WITHIN_MS`)."""
PROVEN_INTERVALS = 3
UNSEEN_MS = 900_000
"""After so long without a look that saw it, a stay begins anew: nobody can say that it is the same thing."""


class LookTime(Struct, frozen=True, kw_only=True):
    """What a camera's last look knew of time."""

    own_ms: int = 0
    """Begins as wall time, goes on by proven time, and never back."""
    wall_ms: int = 0


def unseen_ms(interval_s: float) -> int:
    """How long a thing may go unseen and is still the same one."""
    return max(UNSEEN_MS, round(PROVEN_INTERVALS * interval_s * 1000))


def after(time: LookTime, *, taken_ms: int, elapsed_ms: int | None, interval_s: float) -> LookTime:
    """The time of a look at `taken_ms`. `elapsed_ms`: since the last look, by the monotonic clock of this worker."""
    if time.wall_ms == 0:
        return LookTime(own_ms=taken_ms, wall_ms=taken_ms)
    step_ms = _of_the_wall_clock(taken_ms - time.wall_ms, interval_s) if elapsed_ms is None else max(elapsed_ms, 0)
    return structs.replace(time, own_ms=time.own_ms + step_ms, wall_ms=taken_ms)


def _of_the_wall_clock(step_ms: int, interval_s: float) -> int:
    proven_ms = max(PROVEN_MS, round(PROVEN_INTERVALS * interval_s * 1000))
    return step_ms if 0 <= step_ms <= proven_ms or step_ms > unseen_ms(interval_s) else 0
