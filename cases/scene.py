"""Where an alarm is and who answers for it, as far as the registers know."""

from msgspec import Struct

from config.load import Site
from config.schema import Matter
from domain.case import Alarm, Case
from domain.register import Location, Shop


class Scene(Struct, frozen=True, kw_only=True):
    """The place of an alarm."""

    name: str
    """Of the device or camera; its id where it is no longer in the register."""
    shop: Shop | None
    location: Location | None

    @property
    def frontage(self) -> str:
        """Whose place it is: the shop's name, or else the camera's."""
        return self.shop.name if self.shop else self.name


def scene_of(alarm: Alarm | Case, site: Site) -> Scene:
    """The place of an alarm, or of a case."""
    shop = site.shops.get(alarm.shop_id or "")
    registered = site.devices.get(alarm.device_id) or site.cameras.get(alarm.device_id)
    location = shop.location if shop else registered.location if registered else None
    return Scene(name=registered.name if registered else alarm.device_id, shop=shop, location=location)


def matter_of(code: str, site: Site) -> Matter:
    """A matter by its code. One that has left the catalogue since still has a name and a deadline: its code, a day."""
    gone = {"zh": code, "en": code, "handle_within": "24h", "advice": {"zh": "", "en": ""}, "source": ""}
    return site.matters.get(code) or Matter.model_validate(gone)
