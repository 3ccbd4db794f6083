"""Who or what a subject is, and where it stands."""

from typing import Final, Literal

from msgspec import Struct

from config.load import Site
from console.words import Words
from domain.case import MANY
from domain.register import Location
from domain.service import SERVICE

Section = Literal["cameras", "devices"]
CAMERAS: Final = "cameras"
DEVICES: Final = "devices"


class Place(Struct, frozen=True, kw_only=True):
    """A subject in words."""

    name: str
    where: str
    """Sub-district, road and, for a shop, the camera that saw it; empty where the register does not know it."""


def place_of(site: Site, words: Words, device_id: str, *, shop_id: str | None = None, port: int | None = None) -> Place:
    """The shop where one answers for it, else the device or camera; an unregistered one goes by its id.

    A part of the product itself is a place too, and so are the many that one alarm stands for.
    """
    if device_id.startswith(SERVICE):
        part = device_id.removeprefix(SERVICE)
        return Place(name=words.term("service.part", part), where=words.say("service.where"))
    if device_id.startswith(MANY):
        return Place(name=words.say("alarms.many"), where="")
    camera = site.cameras.get(device_id)
    shop = site.shops.get(shop_id or "")
    if shop is not None:
        where = _where(shop.location)
        return Place(name=shop.name, where=f"{where} · {camera.name}" if camera else where)
    if camera is not None:
        return Place(name=camera.name, where=_where(camera.location))
    device = site.devices.get(device_id)
    name = device_id if device is None else device.name
    if port is not None:
        name = f"{name} · {words.say('subject.port', n=port)}"
    return Place(name=name, where="" if device is None else _where(device.location))


def section_of(site: Site, device_id: str) -> Section | None:
    """Whether a subject's own page is among those of cameras or of devices; None where no register knows it."""
    if device_id in site.cameras:
        return CAMERAS
    return DEVICES if device_id in site.devices else None


def _where(location: Location) -> str:
    return f"{location.sub_district} · {location.road}"
