"""Which unit handles a case, and who is told of it."""

from typing import Final

from cases.emergency import is_the_desks
from cases.notices.letters import Letters
from cases.scene import scene_of
from config.load import Site
from config.mistakes import near
from config.texts import LANGUAGES
from config.units import Unit
from domain.case import Alarm, Case
from domain.errors import OrderRefused
from domain.register import Camera, Device, Shop

_SHOWN: Final = 12


class Assignment:
    """By `units.csv`, where a line fits; else the team of the sub-district. An emergency is the duty desk's."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._letters = letters

    def unit(self, found: Alarm | Case) -> str:
        """Who handles a case of this alarm, or this case."""
        line = self._line(found)
        return line.name if line else self._letters.unit(found)

    def recipient(self, case: Case) -> str | None:
        """Where the unit that has a case is told; None if only the duty desk can tell it."""
        line = self._site.units.of(case.sub_district, case.grid, case.matter)
        if line is None or line.name != case.unit:
            line = self._site.units.called(case.unit)
        return line.recipient if line else None

    def choices(self, case: Case) -> tuple[str, ...]:
        """To whom a case can be given: first the unit that it would go to by itself, then every other, each once."""
        return tuple(dict.fromkeys([self.unit(case), case.unit, *self.every()]))

    def every(self) -> tuple[str, ...]:
        """Every unit that a case can be given to, once."""
        own = self._site.texts.say(self._site.settings.language, "notices.desk")
        return tuple(dict.fromkeys([*self._site.units.names, *self._usual()[len(LANGUAGES) :], own]))

    def named(self, unit: str) -> str:
        """A unit by its name: of units.csv, a team, or the duty desk. Raises OrderRefused for one that there is not."""
        known = [*self._site.units.names, *self._usual()]
        if unit in known:
            return unit
        shown = ", ".join(known[:_SHOWN])
        raise OrderRefused(
            f"there is no unit {unit!r}{near(unit, known)}; there is {shown}", key="unit_missing", unit=unit
        )

    def _line(self, found: Alarm | Case) -> Unit | None:
        if is_the_desks(found, self._site):
            return None
        location = scene_of(found, self._site).location
        grid = self._site.grids.get(found.shop_id or "") or self._site.grids.get(found.device_id)
        return self._site.units.of(location.sub_district if location else None, grid, found.matter or "")

    def _usual(self) -> list[str]:
        """The duty desk, in both languages, and the teams."""
        site = self._site
        places: list[Shop | Camera | Device] = [*site.shops.values(), *site.cameras.values(), *site.devices.values()]
        streets = dict.fromkeys(place.location.sub_district for place in places)
        texts, own = self._site.texts, self._site.settings.language
        teams = (texts.say(own, "notices.team", {"sub_district": street}) for street in streets)
        return [*(texts.say(language, "notices.desk") for language in LANGUAGES), *teams]
