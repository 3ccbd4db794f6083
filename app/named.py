"""What a person may call a place by: the names and roads in the registers."""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from config.load import Site
from domain.case_choice import CaseChoice
from domain.register import Camera, Device, Shop

Place = TypeVar("Place", Shop, Camera, Device)


def with_named(choice: CaseChoice, site: Site) -> CaseChoice:
    """A choice with the shops, and the cameras and devices, that its text names."""
    if choice.text is None:
        return choice
    text = choice.text.casefold()
    return replace(
        choice,
        named_shops=frozenset(shop.shop_id for shop in _named(site.shops.values(), text)),
        named_devices=frozenset(
            [camera.camera_id for camera in _named(site.cameras.values(), text)]
            + [device.device_id for device in _named(site.devices.values(), text)]
        ),
    )


def _named(places: Iterable[Place], text: str) -> Iterable[Place]:
    return (one for one in places if text in one.name.casefold() or text in one.location.road.casefold())
