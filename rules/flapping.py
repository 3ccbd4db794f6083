"""When an alarm comes and goes so often that its coming and going says nothing."""

from pydantic import Field

from config.schema import Duration, Strict


class Flapping(Strict):
    """So many changes, raised or ended, within so much event time are flapping; fewer than half of them end it."""

    changes: int = Field(default=6, ge=4, le=100, description="raised or ended so often")
    within: Duration = Field(default=3600.0, gt=0, description="of event time")

    @property
    def within_ms(self) -> int:
        """The window in milliseconds."""
        return round(self.within * 1000)

    def recent(self, turns: tuple[int, ...], at_ms: int) -> tuple[int, ...]:
        """Those changes that still count."""
        oldest_ms = at_ms - self.within_ms
        if turns and turns[0] <= oldest_ms:
            return tuple(turn for turn in turns if turn > oldest_ms)
        return turns

    def begins(self, turns: tuple[int, ...]) -> bool:
        """Whether so many changes are flapping."""
        return len(turns) >= self.changes

    def is_steady(self, turns: tuple[int, ...], at_ms: int) -> bool:
        """Whether the newest change is longer ago than changes that are flapping lie apart."""
        return bool(turns) and (at_ms - turns[-1]) * self.changes >= self.within_ms

    def goes_on(self, turns: tuple[int, ...]) -> bool:
        """Whether what was flapping still is."""
        return 2 * len(turns) >= self.changes
