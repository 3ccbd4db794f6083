"""The product's health as tests invent it, and a watch that is fed with it as time goes by."""

from msgspec.structs import replace

from app.wellbeing.selfwatch import Selfwatch, Step
from console.desk.health import Health
from domain.clock import ManualClock
from tests.fakes.desk import WELL

HIGH_WATER = 0.8
JOURNAL = WELL.journal
STOPPED = replace(WELL, ingest_paused=True, journal=replace(JOURNAL, writable=False))
AWAY = replace(WELL, store_reachable=False)
NO_BROKER = replace(WELL, broker_connected=False)
FAILING = replace(WELL, rules_failing=True)


def filled(health: Health, share: float, *, full_in_s: float | None = None) -> Health:
    """The same with a journal that is so full, and lasts so long."""
    journal = health.journal
    return replace(health, journal=replace(journal, size=round(journal.max_size * share), full_in_s=full_in_s))


class Timetable:
    """Health and for how long it is so; what is said of it, as `seconds: trouble change severity`."""

    def __init__(self, clock: ManualClock, watch: Selfwatch | None = None) -> None:
        self.clock = clock
        self.watch = watch or Selfwatch(high_water=HIGH_WATER)
        self._began_ms = clock.now_ms()
        self.steps: list[Step] = []

    def pass_time(self, health: Health, seconds: int) -> "Timetable":
        """So it is for so long; looked at every two seconds."""
        for _ in range(0, seconds, 2):
            self.steps += self.watch.observe(health, self.clock.now_ms())
            self.clock.advance(seconds=2)
        return self

    @property
    def said(self) -> list[str]:
        """Every step so far."""
        return [
            f"{(step.at_ms - self._began_ms) // 1000}: {step.kind} {step.change} {step.severity}" for step in self.steps
        ]
