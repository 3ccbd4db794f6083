"""What lies in some sub-districts, in the terms that stores keep: ids."""

from msgspec import Struct


class Ground(Struct, frozen=True, kw_only=True):
    """A part of the city.

    A thing lies where it says itself or, without, where its shop is, else where its device or camera is; what is in no
    register lies nowhere.
    """

    sub_districts: frozenset[str]
    shops: frozenset[str]
    """Ids of the shops there."""
    devices: frozenset[str]
    """Ids of the devices and cameras there."""
    elsewhere: frozenset[str]
    """Ids of the shops in all other sub-districts."""

    def holds(self, device_id: str, shop_id: str | None = None, sub_district: str | None = None) -> bool:
        """Whether such a thing lies there."""
        if sub_district is not None:
            return sub_district in self.sub_districts
        return shop_id in self.shops or (shop_id not in self.elsewhere and device_id in self.devices)
