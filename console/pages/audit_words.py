"""What was changed, in words: of a line of the audit."""

from typing import Final

from config.load import Site
from console.words import Words
from domain.account import Audit, Change

_ROLES: Final = frozenset({"zone_added", "zone_removed", "zone_role"})
"""Changes whose `before` and `after` are roles of zones."""


def changes_words(line: Audit, words: Words, site: Site) -> tuple[str, ...]:
    """A sentence for each thing that was changed."""
    return tuple(_said(one, words, site) for one in line.changes)


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
