"""Live, dead letters and the product itself, from the stores and the running parts."""

from app.desk.events import LogEvents
from app.desk.letters import LettersAtHand
from app.wellbeing.pulse import Pulse
from config.load import Site
from console.desk.vitals import Vitals
from domain.clock import Clock
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.journal import Journal


class Duty:
    """A part of `CityDesk`."""

    events: LogEvents
    mending: LettersAtHand
    _pulse: Pulse | None
    _unknown: Vitals

    def _on_duty(
        self,
        *,
        site: Site,
        deadletters: DeadLetters,
        journal: Journal,
        store: CaseStore,
        clock: Clock,
    ) -> None:
        self.events = LogEvents(store, site)
        self.mending = LettersAtHand(site=site, deadletters=deadletters, journal=journal, store=store, clock=clock)
        self._pulse = None
        self._unknown = Vitals(version="", reads_by="", started_ms=clock.now_ms())

    def take_pulse(self, pulse: Pulse) -> None:
        """What notes how things go; without it nothing of that is known."""
        self._pulse = pulse

    def vitals(self) -> Vitals:
        """As it was noted."""
        return self._pulse.vitals() if self._pulse else self._unknown
