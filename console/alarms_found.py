"""Alarms by what only the registers know: where they are, and what people call it."""

from collections.abc import Callable, Iterator

from config.load import Site
from domain.case import Alarm
from domain.register import Location


def location_of(site: Site, alarm: Alarm) -> Location | None:
    """Where it is: at its shop if one answers for it, else at its camera or device."""
    shop, camera = site.shops.get(alarm.shop_id or ""), site.cameras.get(alarm.device_id)
    found = shop or camera or site.devices.get(alarm.device_id)
    return None if found is None else found.location


def kept(site: Site, *, text: str | None, sub_district: str | None) -> Callable[[Alarm], bool]:
    """Whether an alarm is one of those in a sub-district that have this in their words."""
    wanted = (text or "").casefold()

    def keep(alarm: Alarm) -> bool:
        where = location_of(site, alarm)
        if sub_district is not None and (where is None or where.sub_district != sub_district):
            return False
        return not wanted or any(wanted in part.casefold() for part in _words(site, alarm, where))

    return keep


def _words(site: Site, alarm: Alarm, where: Location | None) -> Iterator[str]:
    yield from (alarm.title_zh, alarm.title_en, alarm.text_zh, alarm.text_en, alarm.subject, alarm.rule_id)
    yield str(alarm.id)
    named = (site.shops.get(alarm.shop_id or ""), site.cameras.get(alarm.device_id), site.devices.get(alarm.device_id))
    yield from (one.name for one in named if one is not None)
    if where is not None:
        yield from (where.sub_district, where.road)
