"""Trees and charging stations: quiet but for a rare alarm, and only what leads to one is said."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final

from app.simulation.account import Account, Said
from app.simulation.agenda import Agenda
from app.simulation.chance import chance_of, occurrences
from config.load import Site
from domain.reading import Reading
from domain.register import Device

_PORT_MS: Final = 30_000
_TREE_MS: Final = 600_000
_A_MONTH: Final = 0.15
Tell = Callable[[Reading, Said], None]


class Danger(StrEnum):
    """What a sensor says when something is wrong."""

    LEAKS = "leaks"  # residual current over the limit
    LEAKS_A_LITTLE = "leaks a little"  # over the milder limit only: shown, no case
    SMOKES = "smokes"  # latched: a person has to end it
    LEANS = "leans"  # latched, too


class Story:
    """One thing that is wrong with one device, until somebody has been there."""

    def __init__(self, device: Device, danger: Danger, port: int | None) -> None:
        self.device, self.danger, self.port = device, danger, port
        self.over = False

    @property
    def subject(self) -> str:
        """As rules call it."""
        return self.device.device_id if self.port is None else f"{self.device.device_id}/{self.port}"

    @property
    def rule_id(self) -> str:
        """The rule that speaks of it."""
        return {Danger.SMOKES: "charger-smoke", Danger.LEANS: "tree-tilt"}.get(self.danger, "charger-residual")

    @property
    def latched(self) -> bool:
        """Whether only a person's word ends it."""
        return self.danger in {Danger.SMOKES, Danger.LEANS}

    def metrics(self) -> dict[str, float | int | bool]:
        """What is read just now."""
        if self.device.kind == "tree":
            return {"tilt_deg": round(self.device.baseline["tilt_deg"] + 2.1, 2), "wind_m_s": 2.0}
        leak_ma = {Danger.LEAKS: 42.0, Danger.LEAKS_A_LITTLE: 20.0}.get(self.danger, 1.2)
        smokes = self.danger is Danger.SMOKES and not self.over
        return {"residual_ma": 1.2 if self.over else leak_ma, "smoke": smokes, "voltage_v": 221.0}


class Sensors:
    """All of them. `tell` gets each reading."""

    def __init__(self, agenda: Agenda, account: Account, tell: Tell) -> None:
        self._agenda = agenda
        self._account = account
        self._tell = tell
        self.stories: dict[str, Story] = {}

    def plan(self, site: Site, from_ms: int, to_ms: int, seed: int) -> None:
        """All that goes wrong in a time."""
        for device in site.devices.values():
            random = chance_of(seed, "danger", device.device_id)
            for _time in range(occurrences(random, _A_MONTH * (to_ms - from_ms) / (30 * 86_400_000))):
                port = random.randint(1, device.ports) if device.ports else None
                kinds = [Danger.LEAKS, Danger.LEAKS_A_LITTLE, Danger.SMOKES] if port else [Danger.LEANS]
                story = Story(device, random.choice(kinds), port)
                self._agenda.at(random.randrange(from_ms, to_ms), partial(self._begin, story))

    def ends(self, story: Story, at_ms: int) -> None:
        """Somebody has put it right; its next readings say so. A tree that is propped still leans."""
        story.over = True
        self.stories.pop(story.subject, None)
        if story.danger is Danger.LEANS:
            return
        for number in range(3):
            self._agenda.at(at_ms + number * self._every_ms(story), lambda now_ms: self._say(story, now_ms))

    def _begin(self, story: Story, at_ms: int) -> None:
        if story.subject in self.stories:
            return
        self.stories[story.subject] = story
        for number in range(4):  # it goes on to say the same: nothing new comes of that
            self._agenda.at(at_ms + number * self._every_ms(story), lambda now_ms: self._say_if_on(story, now_ms))
        if story.danger is Danger.LEAKS_A_LITTLE:
            self._agenda.at(at_ms + 3_600_000, lambda now_ms: self.ends(story, now_ms))

    def _say_if_on(self, story: Story, at_ms: int) -> None:
        if not story.over:
            self._say(story, at_ms)

    def _say(self, story: Story, at_ms: int) -> None:
        device, metrics = story.device, story.metrics()
        reading = Reading(
            kind=device.kind,
            device_id=device.device_id,
            port=story.port,
            at_ms=at_ms,
            received_ms=at_ms + 500,
            metrics=metrics,
        )
        said = Said(device_id=device.device_id, port=story.port, at_ms=at_ms, metrics=metrics)
        self._account.said.append(said)
        self._tell(reading, said)

    def _every_ms(self, story: Story) -> int:
        return _TREE_MS if story.device.kind == "tree" else _PORT_MS
