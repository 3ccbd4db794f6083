"""Alarms as a list: filtered, worst first, page by page."""

from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlencode

from msgspec import Meta

from config.load import Site
from console.alarms_found import kept
from console.pages.alarms import alarm_row
from console.pages.looking import AskPage, Found, Looking
from console.pages.pictures import Pictures
from domain.alarm_choice import AlarmChoice, Standing
from domain.finding import Severity

_PAGE: Final = 40
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class AskAlarmsPage(AskPage, frozen=True, kw_only=True):
    """Those that fit all that is named."""

    state: Standing = Standing.OPEN
    severity: Severity | None = None
    kind: Text | None = None
    rule: Text | None = None
    sub_district: Text | None = None
    silenced: bool | None = None
    text: Text | None = None
    cursor: Annotated[str, Meta(max_length=400)] | None = None


def alarms_view(looking: Looking) -> Found:
    """A page of the list. Whatever else is named, it stands in the address of the next page, too."""
    ask, desk, words, site = looking.view.as_(AskAlarmsPage), looking.desk, looking.words, looking.site
    choice = AlarmChoice(
        standing=ask.state, severity=ask.severity, kind=ask.kind, rule_id=ask.rule, silenced=ask.silenced
    )
    keep = kept(site, text=ask.text, sub_district=ask.sub_district)
    page = desk.alarm_list.chosen(choice, limit=_PAGE, cursor=ask.cursor, keep=keep)
    orders, pictures = desk.alarm_list.orders_waiting(), Pictures(desk)
    counts = desk.counts()
    asked = [(key, value) for key, value in looking.view.asked if key != "cursor"]
    facts: dict[str, object] = {
        "ask": ask,
        "rows": [alarm_row(alarm, site, words, pictures, orders) for alarm in page.items],
        "total": counts.alarms_open if ask.state is Standing.OPEN else counts.alarms_total,
        "next": urlencode([*asked, ("cursor", page.next)]) if page.next else None,
        "begin": urlencode(asked) if ask.cursor else None,
        "narrowed": any(key != "state" for key, _ in asked),
    }
    name = site.settings.name
    title = words.say("alarm_page.page_title", city=words.pick(name.zh, name.en))
    return title, {"alarm_filters": _filters(ask, site), "alarm_list": facts}


def _filters(ask: AskAlarmsPage, site: Site) -> dict[str, object]:
    return {
        "ask": ask,
        "standings": list(Standing),
        "severities": list(reversed(Severity)),
        "kinds": _kinds(site),
        "streets": _streets(site),
    }


def _kinds(site: Site) -> Sequence[str]:
    return sorted({device.kind for device in site.devices.values()} | ({"camera"} if site.cameras else set()))


def _streets(site: Site) -> Sequence[str]:
    streets = {device.location.sub_district for device in site.devices.values()}
    streets |= {camera.location.sub_district for camera in site.cameras.values()}
    return sorted(streets | {shop.location.sub_district for shop in site.shops.values()})
