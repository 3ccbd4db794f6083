"""What a site may say, though it is hardly meant. `check-config` tells it; nothing is refused for it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from config.addresses import leads_nowhere
from config.load import Site
from config.mistakes import near
from config.source import line_of
from config.tiers import NAME as TIERS
from config.units import NAME as UNITS
from config.workdays import NAME as WORKDAYS
from domain.register import Camera, Zone, ZoneRole

_DAY = 24 * 60
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NEXT_YEAR_IS_OUT = (11, 30)
"""Month and day by which the State Council has published next year's holidays; it did so on 12 and 4 November."""
_BESIDE_A_BAY = frozenset({ZoneRole.FRONTAGE, ZoneRole.PAVEMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something to look at again, and where it stands."""

    path: Path
    line: int | None = None
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.line is None else f"{self.path} line {self.line}: {self.problem}"


def doubts(site: Site, today: date | None = None) -> list[Doubt]:
    """Cameras, zones, tiers and a shops' page that do less than their owner may think, in the order of their files.

    With `today`, holidays too that deadlines need and nobody has entered.
    """
    found = [*_of_cameras(site), *_of_zones(site), *_of_tiers(site), *_of_shop_page(site), *_of_contacts(site)]
    found += _of_deadlines(site, today) if today else ()
    return sorted(found, key=lambda doubt: (str(doubt.path), doubt.line or 0))


def workday_doubts(site: Site, today: date) -> list[Doubt]:
    """The years that are needed now or soon and whose holidays nobody has entered: they count as any other days."""
    soon = (today.month, today.day) >= _NEXT_YEAR_IS_OUT
    known = ", ".join(map(str, sorted(site.workdays.years))) or "none"
    return [
        Doubt(
            path=site.folder / WORKDAYS,
            problem=f"it does not have the holidays and make-up workdays of {year}, only {known}; add those that the "
            "State Council has published",
        )
        for year in ((today.year, today.year + 1) if soon else (today.year,))
        if year not in site.workdays.years
    ]


def _of_contacts(site: Site) -> Iterator[Doubt]:
    """Who is to be told and has no address, where the site has ways to people."""
    notices = site.settings.notices
    if not notices.has_ways_to_people:
        return
    instead = "it goes to the webhook" if notices.webhook_url else "nobody is told by it, and who comes next is"
    shops, lines = site.folder / "shops.csv", _lines(site.folder / "shops.csv", "shop_id")
    for shop in site.shops.values():
        if shop.contact and (problem := leads_nowhere(shop.contact, notices)):
            said = f"the contact of shop {shop.shop_id!r}: {problem}; {instead}"
            yield Doubt(path=shops, line=lines.get((shop.shop_id,)), problem=said)
    for unit in site.units.lines:
        if unit.recipient and (problem := leads_nowhere(unit.recipient, notices)):
            said = f"the recipient of unit {unit.name!r}: {problem}; {instead}"
            yield Doubt(path=site.folder / UNITS, problem=said)


def _of_shop_page(site: Site) -> Iterator[Doubt]:
    page, where = site.settings.shop_page, site.folder / "site.yaml"
    if not page.url:
        return
    line = line_of(("shop_page", "url"), site.lines)
    if urlsplit(page.url).scheme == "http" and urlsplit(page.url).hostname not in _LOOPBACK:
        problem = "shop_page.url is http: whoever listens on the way has the link, and may answer for the shop"
        yield Doubt(path=where, line=line, problem=problem)
    if site.settings.cases.url and not page.secret:
        problem = (
            "shop_page has no secret, so each data_dir makes its own: links of one machine do not open on another that "
            "shares cases.url"
        )
        yield Doubt(path=where, line=line, problem=problem)


def _of_deadlines(site: Site, today: date) -> Iterator[Doubt]:
    limits = {limit for matter in site.matters.values() for limit in matter.handle_within.values()}
    if not all(limit.unit.is_continuous for limit in limits):
        for lacking in workday_doubts(site, today):
            yield replace(
                lacking, problem=f"{lacking.problem}: deadlines in working time would take only its weekends off"
            )


def _of_cameras(site: Site) -> Iterator[Doubt]:
    path = site.folder / "cameras.csv"
    lines = _lines(path, "camera_id")
    for camera in site.cameras.values():
        if all(zone.role is ZoneRole.MASK for zone in camera.zones):
            yield Doubt(
                path=path,
                line=lines.get((camera.camera_id,)),
                problem=f"camera {camera.camera_id!r} has no zones: whatever it sees counts for nothing; draw some in "
                "zones.csv",
            )


def _of_zones(site: Site) -> Iterator[Doubt]:
    path = site.folder / "zones.csv"
    lines = _lines(path, "camera_id", "zone")
    for camera in site.cameras.values():
        for zone in camera.zones:
            for problem in _of_zone(zone, camera):
                yield Doubt(
                    path=path,
                    line=lines.get((zone.camera_id, zone.zone)),
                    problem=f"zone {zone.zone!r} of camera {zone.camera_id!r} {problem}",
                )


def _of_zone(zone: Zone, camera: Camera) -> Iterator[str]:
    if zone.role is ZoneRole.FRONTAGE and zone.shop_id is None:
        yield "is a frontage of no shop: its notices go to the street keeper; fill in shop_id, or make it a pavement"
    if zone.role is ZoneRole.BIKE_BAY and not any(other.role in _BESIDE_A_BAY for other in camera.zones):
        yield (
            "is a bike_bay with no frontage or pavement beside it: only bicycles that touch its lines are told of, "
            "none that stand well outside them"
        )
    if zone.hours is not None and camera.duty is not None and not minutes_of(zone.hours) & minutes_of(camera.duty):
        yield f"counts at {zone.hours}, when its camera is never looked at: its duty is {camera.duty}"


def _of_tiers(site: Site) -> Iterator[Doubt]:
    """Tiers of places at which nothing is: most likely they are called otherwise."""
    path = site.folder / TIERS
    lines = _lines(path, "sub_district", "road")
    registers = (site.devices, site.cameras, site.shops)
    places = [one.location for register in registers for one in register.values()]
    known = {(at.sub_district, at.road) for at in places}
    known |= {("", at.road) for at in places} | {(at.sub_district, "") for at in places}
    names = sorted({" ".join(filter(None, place)) for place in known})
    for place in site.tiers.named:
        if place not in known:
            shown = " ".join(filter(None, place))
            problem = f"{shown!r} has a tier, but no camera, device or shop is there{near(shown, names)}"
            yield Doubt(path=path, line=lines.get(place), problem=problem)


@lru_cache(maxsize=256)
def minutes_of(hours: str) -> frozenset[int]:
    """The minutes of the day that lie in `07:00-22:00`; hours may cross midnight."""
    begin, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours.split("-"))
    return frozenset(minute % _DAY for minute in range(begin, end if begin < end else end + _DAY))


def _lines(path: Path, *columns: str) -> dict[tuple[str, ...], int]:
    """Where each row of a register stands, by these columns."""
    if not path.exists():
        return {}
    with io.StringIO(path.read_text(encoding="utf-8-sig"), newline="") as file:
        reader = csv.DictReader(file)
        return {tuple(row[column].strip() for column in columns): reader.line_num for row in reader}
