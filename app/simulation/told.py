"""The account of a simulated month as a text that people read, and as figures."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.simulation.account import Account, Stood
from cases.kpi.bulletin import Bulletin
from config.load import Site


def summary(account: Account) -> dict[str, Any]:
    """How much of what happened in the world."""
    reminders = Counter(message.step for message in account.messages if message.accepted)
    return {
        "stood": len(account.stood),
        "went": dict(sorted(Counter(stood.why or "still there" for stood in account.stood).items())),
        "looks": len(account.looks),
        "looks_ordered": sum(look.asked for look in account.looks),
        "looks_blind": sum(not look.healthy for look in account.looks),
        "readings": len(account.said),
        "messages": dict(sorted(reminders.items())),
        "messages_refused": len(account.refused),
        "answers_lost": sum(not message.accepted for message in account.messages),
        "deeds": dict(sorted(Counter(deed.what for deed in account.deeds).items())),
    }


def account_text(account: Account, site: Site, bulletin: Bulletin) -> Iterator[str]:
    """Line by line: what stood where and why it went, what was said to whom, and what people did."""
    period = bulletin.period
    yield f"{site.settings.name.zh} {period.name}: {len(site.cameras)} cameras, {len(site.shops)} shops, invented"
    yield ""
    for name, value in summary(account).items():
        yield f"{name}: {value}"
    yield ""
    yield "time\twhat\twhere\tmore"
    for at_ms, line in sorted(_lines(account, site), key=lambda one: one[0]):
        yield f"{datetime.fromtimestamp(at_ms / 1000, site.timezone):%m-%d %H:%M:%S}\t{line}"


def _lines(account: Account, site: Site) -> Iterator[tuple[int, str]]:
    for stood in account.stood:
        yield stood.from_ms, f"comes\t{_where(stood, site)}\t{stood.label}"
        if stood.gone_ms is not None:
            yield stood.gone_ms, f"goes\t{_where(stood, site)}\t{stood.label}, {stood.why}"
    for message in account.messages:
        if message.channel == "command":
            continue
        lost = "" if message.accepted else ", its answer was lost"
        about = message.case_id or message.subject
        many = f", {len(message.members)} notices" if len(message.members) > 1 else ""
        yield message.at_ms, f"{message.step}\t{message.channel} {message.address}\t{about}{many}{lost}"
    for refused in account.refused:
        yield refused.at_ms, f"refused\t{refused.address}\t{'no such number' if refused.final else 'busy'}"
    for deed in account.deeds:
        yield deed.at_ms, f"{deed.what}\t{deed.case_id or deed.subject}\t{deed.who}"


def _where(stood: Stood, site: Site) -> str:
    shop = site.shops.get(stood.shop_id or "")
    place = site.cameras[stood.camera_id].location
    return f"{place.road} {shop.name if shop else ''} {stood.camera_id}/{stood.zone}"
