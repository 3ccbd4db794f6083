"""Gives notices to people the ways they go by, and shops their link: by the settings of who sends, not of who wrote."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from cases.shop_links import Holder
from cases.store import OutboxStore
from config.notices import PEOPLE
from domain.fault import reach
from domain.ladder import Ladder
from domain.notice import Notice

log = logging.getLogger(__name__)

Link = Callable[[Ladder, int, Holder], str | None]
"""The address of a ladder's page, good from a time on, for its holder; None where there is no such page."""
ROUTED: Final = 500
"""At most so many notices at once."""


class Routing:
    """What it gives a notice is written down before it goes, so that a repeat is a repeat."""

    def __init__(
        self,
        store: OutboxStore,
        ways: Callable[[str], Sequence[tuple[str, str]]],
        link: Link,
    ) -> None:
        """`ways(recipient)` are the (channel, address) pairs of a recipient."""
        self._store = store
        self._ways = ways
        self._link = link

    def route(self, now_ms: int) -> int:
        """What is due by `now_ms`. Returns how many there were, ROUTED at most. May raise StoreUnavailable."""
        due = self._store.due_notices(now_ms, ROUTED, channel=PEOPLE)
        if due:
            self._store.route([(self._linked(notice), self._ways(notice.recipient)) for notice in due])
            reach("routed")
        return len(due)

    def _linked(self, notice: Notice) -> Notice:
        waits = _holder(notice) is not None and notice.ladder_id is not None
        ladder = self._store.ladder(notice.ladder_id or 0) if waits else None
        return linked(notice, ladder, self._link)


def unlinked(notice: Notice, holder: Holder) -> Notice:
    """The notice as one whose reader is to get a link to the page of its ladder: until then the holder stands there."""
    return replace(notice, body={**notice.body, "link": int(holder)})


def linked(notice: Notice, ladder: Ladder | None, link: Link) -> Notice:
    """The notice with the link that its reader is to get, or without one if there is none."""
    holder = _holder(notice)
    if holder is None:
        return notice
    body = {name: value for name, value in notice.body.items() if name != "link"}
    try:
        made = link(ladder, notice.not_before_ms, holder) if ladder else None
    except OSError:  # its word must not wait for that, nor all that comes after it
        log.exception("notice %s goes without a link, as none can be signed", notice.key)
        made = None
    return replace(notice, body=body | {"link": made} if made else body)


def _holder(notice: Notice) -> Holder | None:
    """Whose link is still to be made."""
    waits = notice.body.get("link")
    return Holder(waits) if isinstance(waits, int) else None
