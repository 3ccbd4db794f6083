"""When each camera is looked through: as often as the real one wherever a look can change anything, else not at all."""

from collections.abc import Callable, Mapping
from typing import Final

from app.simulation.account import Account, Look, Stood
from app.simulation.agenda import Agenda
from app.simulation.chance import about, chance_of, occurrences
from app.simulation.street import Fault, Standing, Street
from config.load import Site
from domain.sighting import Sighting, ViewHealth

_SLOT_MS: Final = 60_000
_CONFIRM_MS: Final = 20_000
_STANDS_MS: Final = 2 * 3_600_000
"""While something stands that is known: all looks between would say the same again."""
_BLIND_MS: Final = 10 * 60_000
_CONFIRMING: Final = 10
"""After so many looks that led to nothing it is looked at no more often than what is known."""
Tell = Callable[[Sighting, Look], None]


class Watching:
    """All cameras. Things come and go; `tell` gets each look."""

    def __init__(self, site: Site, agenda: Agenda, account: Account, tell: Tell, seed: int) -> None:
        self._agenda = agenda
        self._account = account
        self._tell = tell
        self.streets = {
            camera_id: Street(camera, [], seed) for camera_id, camera in site.cameras.items() if camera.zones
        }
        self._phase_ms = {name: chance_of(seed, "phase", name).randrange(_SLOT_MS) for name in self.streets}
        self._answers = chance_of(seed, "answers")
        self._planned: dict[str, int] = {}
        self._blind: dict[str, int] = {}
        self.stays_s: Mapping[str, float] = {}
        self.firing: dict[str, set[str]] = {}
        """By subject: the rules whose alarm stands there."""
        self._rule_of: Mapping[str, str] = {}

    def know(self, stays_s: Mapping[str, float], rule_of: Mapping[str, str]) -> None:
        """How long things may stand, and which rule speaks of them; by what they are."""
        self.stays_s, self._rule_of = stays_s, rule_of

    def comes(self, stood: Stood) -> Standing | None:
        """Something comes to stand in a zone. None, and nothing does, where such a thing stands already."""
        street = self.streets[stood.camera_id]
        if any(thing.stood.label == stood.label for thing in street.at(stood.zone)):
            return None
        thing = Standing(stood)
        street.things.append(thing)
        self._account.stood.append(stood)
        self._plan(stood.camera_id, self._slot(stood.camera_id, stood.from_ms))
        return thing

    def goes(self, thing: Standing, at_ms: int, why: str) -> bool:
        """It is taken away. False if it had gone before."""
        if thing.stood.gone_ms is not None:
            return False
        thing.stood.gone_ms, thing.stood.why = at_ms, why
        self.streets[thing.stood.camera_id].things.remove(thing)
        self._plan(thing.stood.camera_id, self._slot(thing.stood.camera_id, at_ms))
        return True

    def fails(self, camera_id: str, fault: Fault) -> None:
        """A camera will see nothing for a time; it is looked at when that begins, and when it ends."""
        self.streets[camera_id].faults.append(fault)
        for begins_ms in (fault.from_ms, fault.to_ms):
            for number in range(3):
                at_ms = self._slot(camera_id, begins_ms) + number * _SLOT_MS
                self._agenda.at(at_ms, lambda now_ms: self._look(camera_id, now_ms, asked=False))

    def asked(self, camera_id: str, now_ms: int) -> None:
        """Somebody orders a look, over the channel `command`."""
        if camera_id in self.streets:
            at_ms = now_ms + self._answers.randrange(2_000, 15_000)
            self._agenda.at(at_ms, lambda now_ms: self._look(camera_id, now_ms, asked=True))

    def _look(self, camera_id: str, at_ms: int, *, asked: bool) -> None:
        street = self.streets[camera_id]
        sighting, look = street.look(at_ms, self.stays_s, asked=asked)
        self._account.looks.append(look)
        self._tell(sighting, look)
        self._blind[camera_id] = 0 if look.healthy else self._blind.get(camera_id, 0) + 1
        if (next_ms := self._next_ms(street, look)) is not None:
            self._plan(camera_id, next_ms)

    def _next_ms(self, street: Street, look: Look) -> int | None:
        """When the next look is that can change anything; None: not before something comes or goes."""
        camera_id, at_ms = look.camera_id, look.taken_ms
        waits = [self._next_of(thing, look) for thing in street.things]
        for zone in street.camera.zones:
            for rule_id in self.firing.get(f"{camera_id}/{zone.zone}", ()):
                shown = any(self._rule_of[label] == rule_id for label, _stay_s in look.zones.get(zone.zone, ()))
                if not shown or not look.healthy:
                    waits.append(self._slot(camera_id, at_ms + 1))
        if not waits:
            return None
        if not look.healthy and self._blind[camera_id] > 3:
            return self._slot(camera_id, at_ms + _BLIND_MS)
        return min(waits)

    def _next_of(self, thing: Standing, look: Look) -> int:
        at_ms, camera_id = look.taken_ms, look.camera_id
        if thing.seen_ms is None or not look.healthy:
            return self._slot(camera_id, at_ms + 1)
        known = self._rule_of[thing.stood.label] in self.firing.get(f"{camera_id}/{thing.stood.zone}", ())
        if known or thing.confirming >= _CONFIRMING:
            return self._slot(camera_id, at_ms + _STANDS_MS)
        return max(at_ms + _CONFIRM_MS, thing.seen_ms + round(self.stays_s[thing.stood.label] * 1000))

    def _plan(self, camera_id: str, at_ms: int) -> None:
        """The next look in turn; an earlier one takes its place."""
        planned_ms = self._planned.get(camera_id)
        if planned_ms is not None and planned_ms <= at_ms:
            return
        self._planned[camera_id] = at_ms
        self._agenda.at(at_ms, lambda now_ms: self._in_turn(camera_id, now_ms))

    def _in_turn(self, camera_id: str, at_ms: int) -> None:
        if self._planned.get(camera_id) == at_ms:
            del self._planned[camera_id]
            self._look(camera_id, at_ms, asked=False)

    def _slot(self, camera_id: str, at_ms: int) -> int:
        """The next moment from then on at which the camera has its turn."""
        phase_ms = self._phase_ms[camera_id]
        return at_ms + (phase_ms - at_ms) % _SLOT_MS


def faults_of(site: Site, from_ms: int, to_ms: int, seed: int) -> list[tuple[str, Fault]]:
    """When cameras fail: on average one in four in a month, for some hours."""
    found = []
    views = (ViewHealth.OFFLINE, ViewHealth.COVERED, ViewHealth.DARK, ViewHealth.FROZEN)
    for camera_id in site.cameras:
        random = chance_of(seed, "faults", camera_id)
        for _time in range(occurrences(random, 0.25 * (to_ms - from_ms) / (30 * 86_400_000))):
            begins_ms = random.randrange(from_ms, to_ms)
            lasts_ms = round(about(random, 3 * 3_600_000, 0.8))
            found.append((camera_id, Fault(begins_ms, begins_ms + lasts_ms, random.choice(views))))
    return found
