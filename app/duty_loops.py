"""What runs beside everything else for the pages Live and Health: a pulse, and lines about dead letters."""

from importlib.metadata import version

from app.desk.city import CityDesk
from app.lifecycle import Lifecycle, Loop
from app.rules_in_force import RulesInForce
from app.stores import Stores
from app.wellbeing.letters_told import LettersTold
from app.wellbeing.pulse import Pulse
from config.load import Site
from domain.clock import Clock


def start_duty(
    desk: CityDesk,
    site: Site,
    stores: Stores,
    *,
    in_force: RulesInForce,
    reads_by: str,
    clock: Clock,
    life: Lifecycle,
) -> None:
    """Start both. `reads_by` is the version of the decoder."""
    pulse = Pulse(
        health=desk.health,
        store=stores.cases,
        evidence=stores.evidence,
        max_size=site.settings.evidence.max_size,
        folder=site.settings.data_dir,
        reads_by=reads_by,
        version=version("longcheng"),
        clock=clock,
        rules=lambda: (len(in_force.now()[0]), in_force.since_ms),
    )
    desk.take_pulse(pulse)
    for loop in (
        Loop("pulse", pulse.step),
        Loop("letters-told", LettersTold(stores.deadletters, stores.cases, clock).step),
    ):
        loop.start()
        life.on_stop(loop.name, loop.stop)
