"""The lines of the audit in words: what was done, to what, and what was changed by it."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from config.load import Site
from console.access.named import BETWEEN, NAMED
from console.pages.audit_acts import ACTS
from console.words import Words
from domain.account import COMMAND_LINE, Audit, Change

_ROLES: Final = frozenset({"zone_added", "zone_removed", "zone_role"})
"""Changes whose `before` and `after` are roles of zones."""
_NAMED: Final = re.compile(r"(?:id|case_id|camera_id|name|reply|token) (.+)", re.DOTALL)
"""What the part of an address is called whose value is told."""
_BY: Final = re.compile(r"by (link|oidc)(: .*)?", re.DOTALL)
_PAGE: Final = re.compile(r"[A-Z]+ (?:/api/v1)?/(alarms|cases|cameras|accounts)/\{\w+\}")
"""Of addresses about something that has a page of its own."""


class AuditRow(Struct, frozen=True, kw_only=True):
    """One line in words."""

    line: Audit
    act: str
    """What was done; empty if no catalogue has a word for it, as of another version."""
    who: str
    about: str
    href: str
    """The page of what it was about; empty if there is none."""
    address: str
    """Where it came from."""
    changes: tuple[str, ...]
    """A sentence for each thing that was changed."""


def audit_row(line: Audit, words: Words, site: Site, accounts: Mapping[str, str]) -> AuditRow:
    """One line. `accounts` has their names by their numbers, as text."""
    act, page = ACTS.get(line.what), _PAGE.match(line.what)
    in_body = NAMED.get(line.what, ()) not in {(), ("name",)}
    named = None if in_body else _NAMED.fullmatch(line.about)
    about, href = (named[1] if act and named else _about(line.about, words)), ""
    if in_body:
        about = words.say("audit.and").join(_part(one, words) for one in line.about.split(BETWEEN) if one)
    if named and page:
        href = f"/{page[1]}/{quote(about, safe='')}"
        if page[1] == "accounts":
            about, href = accounts.get(about, about), href if about in accounts else ""
    return AuditRow(
        line=line,
        act=words.say(f"audit.act.{act}") if act else "",
        who=words.say("audit.nobody") if line.who == "-" else _here(line.who, words),
        about=about,
        href=href,
        address=_here(line.address, words),
        changes=tuple(_said(one, words, site) for one in line.changes),
    )


def _about(about: str, words: Words) -> str:
    by = _BY.fullmatch(about)
    return words.say(f"audit.by.{by[1]}") + (by[2] or "") if by else about


def _part(told: str, words: Words) -> str:
    """A part of an order's body: what it is called, and its value."""
    name, _, value = told.partition(" ")
    shown = words.term(name, value) if name in {"kind", "reason"} else value
    try:
        return words.say(f"audit.about.{name}", value=shown)
    except KeyError:  # of a newer version
        return told


def _here(said: str, words: Words) -> str:
    if said != COMMAND_LINE and not said.startswith(f"{COMMAND_LINE} ("):
        return said
    return words.say("audit.here") + said.removeprefix(COMMAND_LINE)


def _said(one: Change, words: Words, site: Site) -> str:
    def word(value: str) -> str:
        if not value:
            return words.say("audit.nothing")
        if one.what in _ROLES:
            return words.term("rules.zone", value)
        if one.what == "zone_anchor":
            return words.term("audit.anchor", value)
        shop = site.shops.get(value) if one.what == "zone_shop_id" else None
        return shop.name if shop else value

    if one.what == "zone_redrawn" and one.n:
        return words.count("audit.zone_moved", one.n, thing=one.thing)
    try:
        return words.say(f"audit.{one.what}", thing=one.thing, before=word(one.before), after=word(one.after))
    except KeyError:  # of a newer version
        return f"{one.what} {one.thing}"
