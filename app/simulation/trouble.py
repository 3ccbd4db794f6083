"""What goes wrong in front of shops, how often, and who puts it right."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from msgspec import Struct

from app.simulation.account import Stood
from app.simulation.chance import about, chance_of, occurrences
from cases.kpi.period import Period
from config.load import Site
from domain.clock import epoch_ms
from domain.register import ZoneRole

_MINUTE_S: Final = 60.0
_A_MONTH: Final = 1.45
"""Of a shop that is neither tidy nor careless."""


class Inclination(StrEnum):
    """How a shop takes a reminder."""

    PROMPT = "prompt"
    SLOW = "slow"  # most often after the re-check only
    DEAF = "deaf"  # hears the second reminder at best
    NEVER = "never"


class Trouble(Struct, frozen=True, kw_only=True):
    """A thing that may come to stand in a zone."""

    label: str
    rule_id: str
    matter: str
    hours: tuple[float, float]
    """Between which hours of the day it comes."""
    leaves: float
    """The share that is gone by itself, told or not."""
    leaves_after_s: float


BIKES = Trouble(
    label="bicycle", rule_id="bike-misparked", matter="09010", hours=(6.5, 23.5), leaves=0.2, leaves_after_s=2400
)
CAR = Trouble(label="car", rule_id="car-on-pavement", matter="09009", hours=(7, 22.5), leaves=0.3, leaves_after_s=1800)
TABLES = Trouble(
    label="chair", rule_id="out-of-store", matter="09005", hours=(7.5, 21), leaves=0.1, leaves_after_s=7200
)
BLOCKED = Trouble(
    label="truck", rule_id="fire-lane-blocked", matter="09012", hours=(0, 24), leaves=0.2, leaves_after_s=1200
)
GARBAGE = Trouble(
    label="garbage", rule_id="garbage-exposed", matter="06010", hours=(6, 23), leaves=0.9, leaves_after_s=5400
)
"""Nobody is written to about it: the shipped rule only shows it."""
ALL: Final = (BIKES, CAR, TABLES, BLOCKED, GARBAGE)
_OF_ROLE: Final[Mapping[ZoneRole, tuple[tuple[Trouble, float], ...]]] = {
    ZoneRole.FRONTAGE: ((BIKES, 0.55), (TABLES, 0.28), (CAR, 0.13), (GARBAGE, 0.04)),
    ZoneRole.PAVEMENT: ((BIKES, 0.8), (CAR, 0.2)),
    ZoneRole.FIRE_LANE: ((BLOCKED, 1.0),),
}


class Coming(Struct, frozen=True, kw_only=True):
    """That something comes to stand in a zone."""

    at_ms: int
    camera_id: str
    zone: str
    shop_id: str | None
    trouble: Trouble

    def stood(self) -> Stood:
        """As the account has it."""
        return Stood(
            camera_id=self.camera_id,
            zone=self.zone,
            shop_id=self.shop_id,
            label=self.trouble.label,
            matter=self.trouble.matter,
            from_ms=self.at_ms,
        )


def inclination_of(seed: int, whose: str) -> Inclination:
    """How a shop, or the keeper of a place without one, takes reminders."""
    drawn = chance_of(seed, "inclination", whose).random()
    for share, inclination in ((0.8, Inclination.PROMPT), (0.9, Inclination.SLOW), (0.96, Inclination.DEAF)):
        if drawn < share:
            return inclination
    return Inclination.NEVER


def corrected_after_s(inclination: Inclination, step: str, random: Random) -> float | None:
    """How long after a reminder it is put right; None: not on this one."""
    second = step == "notice_2"
    match inclination:
        case Inclination.PROMPT:
            return about(random, 7 * _MINUTE_S, 0.7) if random.random() < (0.6 if second else 0.96) else None
        case Inclination.SLOW:
            return about(random, (10 if second else 26) * _MINUTE_S, 0.4) if random.random() < 0.85 else None
        case Inclination.DEAF:
            return about(random, 10 * _MINUTE_S, 0.5) if second and random.random() < 0.55 else None
        case Inclination.NEVER:
            return None


def comings(site: Site, period: Period, seed: int) -> Iterator[Coming]:
    """All that comes to stand in a period by itself, zone by zone. Some shops have it again and again within days."""
    days = (period.to_ms - period.from_ms) / 86_400_000
    for camera in site.cameras.values():
        for zone in camera.zones:
            random = chance_of(seed, "comings", camera.camera_id, zone.zone)
            careless = zone.shop_id is not None and random.random() < 0.03
            usual = 0.25 if zone.shop_id is None else random.choice((0.2, 0.5, 1.0, 2.2))
            for _time in range(occurrences(random, usual * _A_MONTH * days / 30)):
                for at_ms in _moments(period, random, 5 if careless else 1):
                    found = _drawn(_OF_ROLE[zone.role], random)
                    yield Coming(
                        at_ms=_in_hours(at_ms, found, random, site),
                        camera_id=camera.camera_id,
                        zone=zone.zone,
                        shop_id=zone.shop_id,
                        trouble=BIKES if careless else found,
                    )


def _moments(period: Period, random: Random, most: int) -> Iterator[int]:
    at_ms = random.randrange(period.from_ms, period.to_ms)
    for _time in range(most):
        if at_ms >= period.to_ms:
            return
        yield at_ms
        at_ms += round(random.uniform(0.7, 2.2) * 86_400_000)


def _drawn(troubles: tuple[tuple[Trouble, float], ...], random: Random) -> Trouble:
    return random.choices([trouble for trouble, _share in troubles], [share for _trouble, share in troubles])[0]


def _in_hours(at_ms: int, trouble: Trouble, random: Random, site: Site) -> int:
    """The same day at an hour at which such a thing comes."""
    day = datetime.fromtimestamp(at_ms / 1000, site.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = trouble.hours
    return epoch_ms(day + timedelta(hours=random.uniform(first, last)))
