"""The review over HTTP: what waits for a person, one thing after the other, with all that one needs to decide on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from aiohttp import web
from msgspec import Meta

from console.api import asks
from console.api.bodies import Order, Who
from console.api.ladders import RightOut, right_out
from console.api.reads import Read, Room
from console.api.review_now import (
    NowOut,
    ReportedOut,
    ReviewPictureOut,
    ShopDoneOut,
    newest_picture,
    now_out,
    photo_url,
    reported_out,
    shop_done_out,
)
from console.api.shapes import Out, PlaceOut
from console.api.writes import Write
from console.pages.pictures import Pictures
from domain.finding import Evidence, Severity
from domain.ladder import Ladder, LadderStep
from domain.page import cursor_of, key_of
from domain.review import ANSWERS, Queue, Said, Waiting

_ALIKE: Final = 4
_ORDER: Final = "review"
Key = Annotated[str, Meta(min_length=1, max_length=64)]
Seat = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{8,64}$", description="a browser's tab, by a name it has made up")]


class AskReview(asks.Ask, frozen=True, kw_only=True):
    """What waits in a queue, the most urgent first; or one thing of it, whether it still waits or not."""

    queue: Queue = Queue.CONFIRM
    limit: Annotated[int, Meta(ge=1, le=100, description="how many at most")] = 20
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the answer before")] | None = None
    item: Key | None = None
    seat: Annotated[Seat, Meta(description="its own claims are not told")] | None = None


class DecidedOut(Out, frozen=True, kw_only=True):
    """How it was decided; `by` is null where it ended without a person."""

    verdict: str
    by: str | None
    at: datetime | None


class AlikeOut(Out, frozen=True, kw_only=True):
    """An earlier episode of the same matter at the same shop, and how far it has come."""

    ladder_id: int
    started_at: datetime
    step: LadderStep


class ReviewItemOut(Out, frozen=True, kw_only=True):
    """One thing that waits. `key` is what the order names: a ladder's id, a contest's, an alarm's, a case's number.

    `pictures`: the one to judge by comes first. `held_by`: somebody else has it on their screen. `shop_says`: what the
    shop contests; `photo_url` the photo that it sent with it: who fetches it is written down. `right`: how often finds
    of this matter were so, of late. Of a case, `reported` and `shop_done` say who called it done, `now` how it is.
    """

    queue: Queue
    key: str
    alarm_id: int
    case_id: str | None
    version: int | None
    matter: str | None
    title_zh: str
    title_en: str
    severity: Severity
    place: PlaceOut | None
    device_id: str
    shop_id: str | None
    since: datetime
    found_at: datetime
    due: datetime
    late: bool
    text_zh: str
    text_en: str
    advice_zh: str | None
    advice_en: str | None
    shop_says: str | None
    has_photo: bool
    photo_url: str | None
    reported: ReportedOut | None
    shop_done: ShopDoneOut | None
    now: NowOut | None
    pictures: list[ReviewPictureOut]
    right: RightOut | None
    alike: list[AlikeOut]
    held_by: str | None
    decided: DecidedOut | None


class ReviewOut(Out, frozen=True, kw_only=True):
    """A page of a queue. `waiting` counts all of it, `queues` all of each; `done_today` counts the answers that
    anybody gave since midnight, but for alarms that were looked at."""

    items: list[ReviewItemOut]
    next: str | None
    waiting: int
    oldest: datetime | None
    done_today: int
    queues: dict[Queue, int]


class OrderClaim(Order, frozen=True, kw_only=True):
    """What a seat has on its screen or comes next there; anything else that it had is let go."""

    who: Who
    queue: Queue
    seat: Seat
    keys: Annotated[tuple[Key, ...], Meta(max_length=200)]


class ClaimedOut(Out, frozen=True, kw_only=True):
    """For half a minute; claim again before. `held`: by key, who has it on their screen already. `over`: what waits no
    longer, or never did."""

    held: dict[str, str]
    over: list[str]


def review(room: Room, ask: AskReview) -> ReviewOut:
    """What waits for a person, the most urgent first: by when somebody should look, severer things an hour earlier."""
    desk = room.desk.review
    every = desk.waiting(ask.queue)
    chosen, after = _chosen(room, ask, every)
    rights = {one.right.matter: right_out(room.rows, one) for one in room.desk.judge.rights()} if chosen else {}
    held = desk.held(ask.queue, seat=ask.seat or "")
    return ReviewOut(
        items=[_item(room, one, rights, held) for one in chosen],
        next=after,
        waiting=len(every),
        oldest=room.rows.maybe_at(min((one.since_ms for one in every), default=None)),
        done_today=done_today(room.desk.review.said_since(_midnight_ms(room)), ask.queue),
        queues={queue: len(desk.waiting(queue)) for queue in Queue},
    )


def done_today(said: Sequence[Said], queue: Queue) -> int:
    """How many of these answers are of a queue."""
    return sum(ANSWERS.get(one.what) is queue for one in said)


def claim(room: Room, order: OrderClaim, _about: int) -> ClaimedOut:
    """Say what is on one's screen, so that two people do not look at the same thing. It forbids nothing to anybody."""
    desk = room.desk.review
    waits = {one.key for one in desk.waiting(order.queue)}
    keys = [key for key in order.keys if key in waits]
    held = desk.claim(order.queue, keys, seat=order.seat, who=order.who)
    return ClaimedOut(held=dict(held), over=[key for key in order.keys if key not in waits])


def _chosen(room: Room, ask: AskReview, every: Sequence[Waiting]) -> tuple[list[Waiting], str | None]:
    if ask.item is not None:
        found = room.desk.review.one(ask.queue, ask.item)
        if found is None:
            raise web.HTTPNotFound(text=f"there is nothing {ask.item!r} in the queue {ask.queue}")
        return [found], None
    if ask.cursor is not None:
        after = key_of(ask.cursor, f"{_ORDER}-{ask.queue}", int, str)
        every = [one for one in every if (one.urgency_ms, one.key) > after]
    chosen = list(every[: ask.limit])
    if len(every) <= ask.limit:
        return chosen, None
    return chosen, cursor_of(f"{_ORDER}-{ask.queue}", (chosen[-1].urgency_ms, chosen[-1].key))


def _midnight_ms(room: Room) -> int:
    now = room.rows.at(room.now_ms)
    return round(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _item(room: Room, one: Waiting, rights: Mapping[str, RightOut], held: Mapping[str, str]) -> ReviewItemOut:
    rows, alarm, case = room.rows, one.alarm, one.case
    done = room.desk.review.done(one)
    shown = rows.alarm(alarm)
    titles = case or alarm
    return ReviewItemOut(
        queue=one.queue,
        key=one.key,
        alarm_id=alarm.id,
        case_id=case.id if case else None,
        version=case.version if case else None,
        matter=case.matter if case else alarm.matter,
        title_zh=titles.title_zh,
        title_en=titles.title_en,
        severity=alarm.severity,
        place=rows.place(one.device_id, one.shop_id),
        device_id=one.device_id,
        shop_id=one.shop_id,
        since=rows.at(one.since_ms),
        found_at=rows.at(alarm.since_ms),
        due=rows.at(one.due_ms),
        late=one.due_ms < room.now_ms,
        text_zh=alarm.text_zh,
        text_en=alarm.text_en,
        advice_zh=shown.advice_zh,
        advice_en=shown.advice_en,
        shop_says=one.contest.words if one.contest else None,
        has_photo=one.contest is not None and one.contest.picture is not None,
        photo_url=photo_url(one.contest),
        reported=reported_out(room, done.reported),
        shop_done=shop_done_out(room, done.shop_said),
        now=now_out(room, alarm) if case else None,
        pictures=_pictures(room, one),
        right=rights.get(alarm.matter or ""),
        alike=[_alike(room, ladder) for ladder in room.desk.review.alike(one, limit=_ALIKE)],
        held_by=held.get(one.key),
        decided=_decided(room, one),
    )


def _decided(room: Room, one: Waiting) -> DecidedOut | None:
    if one.decided is None:
        return None
    return DecidedOut(verdict=one.decided.verdict, by=one.decided.by, at=room.rows.maybe_at(one.decided.at_ms))


def _alike(room: Room, ladder: Ladder) -> AlikeOut:
    return AlikeOut(ladder_id=ladder.id, started_at=room.rows.at(ladder.started_ms), step=ladder.step)


def _pictures(room: Room, one: Waiting) -> list[ReviewPictureOut]:
    """The one to judge by first; each look once. Of a case that is done that is the newest one of the place."""
    looks = _looks(one)
    first = ("cleared", "confirmed", "onset", "context") if one.case else ("confirmed", "onset", "context", "cleared")
    cleared = one.case.cleared if one.case else None
    newest = newest_picture(room, one, after_ms=cleared.taken_ms if cleared else one.since_ms) if one.case else None
    pictures, out, shown = Pictures(room.desk), [] if newest is None else [newest], set()
    for what in first:
        look = looks.get(what)
        if look is None or look.look_id in shown:
            continue
        shown.add(look.look_id)
        out.append(ReviewPictureOut(what=what, url=pictures.url(look), taken_at=room.rows.at(look.taken_ms)))
    return out


def _looks(one: Waiting) -> dict[str, Evidence | None]:
    story = one.case or one.ladder
    if story is None:
        found = one.alarm.evidence
        return {"confirmed": found, "onset": found and found.onset, "context": found and found.context}
    confirmed = story.confirmed or one.alarm.evidence
    return {"confirmed": confirmed, "onset": story.onset, "context": story.context, "cleared": story.cleared}


READS: tuple[Read[Any], ...] = (Read(path="/api/v1/review", ask=AskReview, answer=review, shape=ReviewOut),)
WRITES: tuple[Write[Any], ...] = (
    Write(path="/api/v1/review/claims", order=OrderClaim, carry_out=claim, shape=ClaimedOut),
)
