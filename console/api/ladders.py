"""Ladders over HTTP: what shops contest, what waits for a person, and what people decide. It is done at once."""

from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import Meta

from cases.precision import Standing
from cases.scene import matter_of
from console.api import asks
from console.api.bodies import Order, Who, Why
from console.api.reads import Read, Room
from console.api.review_now import photo_url
from console.api.rows import Rows
from console.api.shapes import LadderOut, Out
from console.api.writes import Write
from domain.choices import ContestChoice
from domain.ladder import Ladder, ShopReply

_MATTER_DIGITS: Final = 5


class AskContests(asks.AskSome, frozen=True, kw_only=True):
    """What shops contest."""

    undecided: Annotated[bool, Meta(description="only what waits for a person")] = True


class ContestOut(Out, frozen=True, kw_only=True):
    """What a shop contests, and what was decided. `photo_url`: the photo that it sent; it is for the people who decide
    (`decide_contest`), and who fetches it is written down."""

    id: int
    ladder: LadderOut | None
    given_at: datetime
    words: str
    has_photo: bool
    photo_url: str | None
    decided_at: datetime | None
    decided_by: str | None
    upheld: bool | None
    why: str | None


class RightOut(Out, frozen=True, kw_only=True):
    """Whether finds of a matter lead to notices without a person. Of `n` finds that people could speak on since
    `since` a person judged `judged`, and `wrong` were none; the others were told, and nobody objected. `low` and `high`
    are the interval of 95 % around `precision`, 0–1."""

    matter: str
    zh: str
    en: str
    needs_person: bool
    lost_at: datetime | None
    restored_at: datetime | None
    restored_by: str | None
    why: str | None
    n: int
    wrong: int
    judged: int
    since: datetime
    precision: float | None
    low: float | None
    high: float | None
    min_precision: float


class ContestsOut(Out, frozen=True, kw_only=True):
    """Contests, the newest first."""

    items: list[ContestOut]
    next: str | None = None
    total: int | None = None


class RightsOut(Out, frozen=True, kw_only=True):
    """Matters that were seen on a ladder of late, or ever lost their right to notices, by their codes; all of them, not
    paged: a catalogue has hundreds at most."""

    items: list[RightOut]


class OrderConfirm(Order, frozen=True, kw_only=True):
    """A person says that it is so."""

    who: Who


class OrderReject(Order, frozen=True, kw_only=True):
    """A person says that it is none."""

    who: Who
    why: Why


class OrderDecide(Order, frozen=True, kw_only=True):
    """A person says whether a shop is right."""

    upheld: Annotated[bool, Meta(description="true: the shop is right, and it never was one")]
    who: Who
    why: Why


def contests(room: Room, ask: AskContests) -> ContestsOut:
    """What shops contest, and how earlier ones were decided."""
    choice = ContestChoice(undecided=ask.undecided)
    page = room.desk.contests_page(choice, cursor=ask.cursor, limit=ask.limit)
    items = [_contest(room, one) for one in page.items]
    return ContestsOut(items=items, next=page.next, total=page.total or 0)


def rights(room: Room, _ask: asks.Ask) -> RightsOut:
    """How often finds of each matter were so, and which need a person before anybody is told."""
    return RightsOut(items=[right_out(room.rows, one) for one in room.desk.judge.rights()])


def confirm(room: Room, order: OrderConfirm, ladder_id: int) -> LadderOut:
    """It is so: the shop is told, as it goes for the matter."""
    return room.rows.ladder(room.desk.judge.confirm(ladder_id, who=order.who))


def reject(room: Room, order: OrderReject, ladder_id: int) -> LadderOut:
    """It is none: nobody is told, there is no case, and its alarm ends."""
    return room.rows.ladder(room.desk.judge.reject(ladder_id, who=order.who, why=order.why))


def decide(room: Room, order: OrderDecide, contest_id: int) -> ContestOut:
    """Whether a shop is right, which it is told. If so, its case is closed as false; if not, its time runs anew."""
    decided = room.desk.judge.decide(contest_id, upheld=order.upheld, who=order.who, why=order.why)
    return _contest(room, decided)


def restore(room: Room, order: OrderReject, matter: int) -> RightOut:
    """A matter may be told without a person again; what is measured begins anew."""
    return right_out(room.rows, room.desk.judge.restore(f"{matter:0{_MATTER_DIGITS}d}", who=order.who, why=order.why))


def contest_out(rows: Rows, reply: ShopReply, ladder: Ladder | None) -> ContestOut:
    """One contest, with the ladder it is about."""
    return ContestOut(
        id=reply.id,
        ladder=rows.ladder(ladder) if ladder else None,
        given_at=rows.at(reply.given_ms),
        words=reply.words,
        has_photo=reply.picture is not None,
        photo_url=photo_url(reply),
        decided_at=rows.maybe_at(reply.decided_ms),
        decided_by=reply.decided_by,
        upheld=reply.upheld,
        why=reply.why,
    )


def right_out(rows: Rows, standing: Standing) -> RightOut:
    """How one matter stands."""
    right, found = standing.right, standing.precision
    matter, (low, high) = matter_of(right.matter, rows.site), found.interval or (None, None)
    return RightOut(
        matter=right.matter,
        zh=matter.zh,
        en=matter.en,
        needs_person=standing.needs_a_person,
        lost_at=rows.maybe_at(right.lost_ms),
        restored_at=rows.maybe_at(right.restored_ms),
        restored_by=right.restored_by,
        why=right.why,
        n=found.n,
        wrong=found.wrong,
        judged=found.judged,
        since=rows.at(max(found.since_ms, 0)),
        precision=found.share,
        low=low,
        high=high,
        min_precision=found.min_precision,
    )


def _contest(room: Room, reply: ShopReply) -> ContestOut:
    return contest_out(room.rows, reply, room.desk.judge.ladder(reply.ladder_id))


READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/contests", ask=AskContests, answer=contests, shape=ContestsOut),
    Read(path="/api/v1/rights", ask=asks.Ask, answer=rights, shape=RightsOut),
)
WRITES: tuple[Write[Any], ...] = (
    Write(path="/api/v1/ladders/{id}/confirm", order=OrderConfirm, carry_out=confirm, shape=LadderOut),
    Write(path="/api/v1/ladders/{id}/reject", order=OrderReject, carry_out=reject, shape=LadderOut),
    Write(path="/api/v1/contests/{id}/decide", order=OrderDecide, carry_out=decide, shape=ContestOut),
    Write(path="/api/v1/rights/{id}/restore", order=OrderReject, carry_out=restore, shape=RightOut),
)
