"""Which part of the city something belongs to."""

from enum import StrEnum

from msgspec import Struct

from config.load import Site

Key = tuple[str, ...]
"""Names one part of a grouping: (district,), (district, sub-district), (district, road), (shop id,), (matter,)."""


class By(StrEnum):
    """What figures are shown apart for."""

    SHOP = "shop"
    ROAD = "road"
    SUB_DISTRICT = "sub_district"
    DISTRICT = "district"
    MATTER = "matter"


class Where(Struct, frozen=True, kw_only=True):
    """What, and where. Empty names are not known: no register has the thing any more."""

    matter: str
    shop_id: str | None
    district: str
    sub_district: str
    road: str

    def key(self, by: By) -> Key | None:
        """The part of a grouping that it belongs to; None if to none."""
        match by:
            case By.MATTER:
                return (self.matter,)
            case By.SHOP:
                return (self.shop_id,) if self.shop_id else None
            case By.DISTRICT:
                return (self.district,) if self.district else None
            case By.SUB_DISTRICT:
                return (self.district, self.sub_district) if self.sub_district else None
            case By.ROAD:
                return (self.district, self.road) if self.road else None


def where(site: Site, matter: str, device_id: str, shop_id: str | None) -> Where:
    """By the registers of the site as they are today: a shop's place, else that of the device or camera."""
    found = site.shops.get(shop_id or "") or site.devices.get(device_id) or site.cameras.get(device_id)
    place = found.location if found else None
    return Where(
        matter=matter,
        shop_id=shop_id,
        district=place.district if place else "",
        sub_district=place.sub_district if place else "",
        road=place.road if place else "",
    )
