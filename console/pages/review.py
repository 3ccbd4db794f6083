"""The review: its queues and how far they are; what stands on the screen is fetched by `static/review.js`."""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

from aiohttp import web
from msgspec import Struct

from console.access.caller import Caller
from console.pages.looking import AskPage, Found, Looking
from console.words import Words
from domain.permission import Permission
from domain.review import ANSWERS, Queue, Waiting

NEEDS: Final = {
    Queue.CONFIRM: Permission.CONFIRM,
    Queue.CONTEST: Permission.DECIDE_CONTEST,
    Queue.LOOK: Permission.ACK,
    Queue.VERIFY: Permission.CLOSE_CASE,
}
"""Who may decide what waits in a queue."""


class AskReviewPage(AskPage, frozen=True, kw_only=True):
    """Which queue; the first that one may decide on, if none is named."""

    queue: Queue = Queue.CONFIRM


class QueueTab(Struct, frozen=True, kw_only=True):
    """One queue to choose."""

    queue: Queue
    word: str
    n: int
    here: bool


def review_view(looking: Looking) -> Found:
    """The head of the page: which queues there are for whoever looks, and how far this one is.

    Raises 403 for a queue that they may not decide on: no answer of theirs would ever be taken.
    """
    words, desk = looking.words, looking.desk.review
    queue = looking.view.as_(AskReviewPage).queue
    if looking.seat.caller is not None and not _may(looking.seat.caller, queue):
        raise web.HTTPForbidden(text=f"to decide on the queue {queue} needs the permission {NEEDS[queue]}")
    waiting = {one: desk.waiting(one) for one in Queue if _may(looking.seat.caller, one) or one is queue}
    here = waiting[queue]
    tabs = [
        QueueTab(queue=one, word=words.term("review.queue", one), n=len(found), here=one is queue)
        for one, found in waiting.items()
    ]
    said = desk.said_since(midnight_ms(words))
    name = looking.site.settings.name
    city = words.pick(name.zh, name.en)
    title = words.say("review.page_title", n=len(here), city=city) if here else ""
    facts: dict[str, object] = {
        "tabs": tabs,
        "queue": queue,
        "left": len(here),
        "oldest_ms": min((one.since_ms for one in here), default=None),
        "done_today": sum(ANSWERS.get(one.what) is queue for one in said),
        "stamp": stamp(here),
    }
    return title or words.say("review.page_title_none", city=city), {"review_head": facts}


def stamp(waiting: Sequence[Waiting]) -> str:
    """Differs as soon as something comes or goes."""
    return f"{crc32('/'.join(one.key for one in waiting).encode()):08x}"


def midnight_ms(words: Words) -> int:
    """When today began, on the site's clock."""
    return round(words.local(words.now_ms).replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _may(caller: Caller | None, queue: Queue) -> bool:
    return caller is not None and caller.may(NEEDS[queue])
