"""What the case book refers to: which picture, and whether the story it belongs to goes on."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Text, select, type_coerce

from domain.picture import PictureState, PictureUse
from storage import case_tables as t

Uses = dict[str, set[PictureUse]]
"""By name of the picture."""
Look = dict[str, Any] | None
"""Evidence as it is stored. There are hundreds of thousands: making nouns of them would take most of the time."""

_IN_FACTS = ("picture", "onset_picture", "context_picture")


def picture_uses(connection: Connection) -> Uses:
    """Everything that refers to a picture: alarms, ladders, cases, every line of their stories, and shops' replies."""
    uses: Uses = {}
    of_case: dict[str, PictureUse] = {}
    alarm_of: dict[int, int] = {}
    stories: dict[int, set[PictureUse]] = {}
    a, b, c, r = t.alarms.c, t.ladders.c, t.cases.c, t.shop_replies.c
    alarms = connection.execute(select(a.id, a.resolved_ms, a.evidence).where(a.kind == "camera")).all()
    ladders = connection.execute(select(b.id, b.alarm_id, b.ended_ms, b.context, b.onset, b.confirmed, b.cleared)).all()
    cases = connection.execute(
        select(c.id, c.alarm_id, c.opened_ms, c.closed_ms, c.context, c.onset, c.confirmed, c.cleared).where(
            c.kind == "camera"
        )
    ).all()
    for alarm in alarms:
        stories[alarm.id] = {_over(alarm.resolved_ms)}
    for ladder in ladders:
        alarm_of[ladder.id] = ladder.alarm_id
        stories.setdefault(ladder.alarm_id, set()).add(_over(ladder.ended_ms))
    for case in cases:
        of_case[case.id] = _of_case(case.id, case.opened_ms, case.closed_ms)
        stories.setdefault(case.alarm_id, set()).add(of_case[case.id])
    for alarm in alarms:
        _add(uses, _names((alarm.evidence,)), stories[alarm.id])
    for ladder in ladders:
        _add(uses, _names(ladder[3:]), stories.get(ladder.alarm_id, ()))
    for case in cases:
        _add(uses, _names(case[4:]), (of_case[case.id],))
    for photo, ladder_id in connection.execute(select(r.picture, r.ladder_id).where(r.picture.is_not(None))):
        _add(uses, (photo,), stories.get(alarm_of.get(ladder_id, 0), ()))
    for alarm_id, case_id, names in _logged(connection):
        of_story = {use for use in stories.get(alarm_id or 0, ()) if case_id is None or use.case_id == case_id}
        _add(uses, names, of_story | ({of_case[case_id]} if case_id in of_case else set()))
    return uses


def _over(ended_ms: int | None) -> PictureUse:
    if ended_ms is None:
        return PictureUse(PictureState.OPEN, 0)
    return PictureUse(PictureState.SELF_CORRECTED, ended_ms)


def _of_case(case_id: str, opened_ms: int, closed_ms: int | None) -> PictureUse:
    if closed_ms is None:
        return PictureUse(PictureState.OPEN, opened_ms, case_id)
    return PictureUse(PictureState.CASE_CLOSED, closed_ms, case_id)


def _logged(connection: Connection) -> Iterator[tuple[int | None, str | None, list[str]]]:
    c = t.log.c
    with_picture = type_coerce(c.facts, Text).like('%picture":"%')
    for alarm_id, case_id, facts in connection.execute(select(c.alarm_id, c.case_id, c.facts).where(with_picture)):
        yield alarm_id, case_id, [name for key in _IN_FACTS if (name := facts.get(key))]


def _names(looks: Iterable[Look]) -> list[str]:
    known = [look for look in looks if look]
    earlier = [other for look in known for other in (look.get("onset"), look.get("context")) if other]
    return [look["picture"] for look in (*known, *earlier) if look.get("picture")]


def _add(uses: Uses, names: Iterable[str], found: Iterable[PictureUse]) -> None:
    for name in names:
        uses.setdefault(name, set()).update(found)


def known_hashes(connection: Connection) -> dict[str, str]:
    """The hashes of originals as looks told them when they were taken, by name: a witness beside the store's own."""
    hashes: dict[str, str] = {}
    for columns in (
        (t.alarms.c.evidence,),
        (t.ladders.c.confirmed, t.ladders.c.cleared),
        (t.cases.c.confirmed, t.cases.c.cleared),
    ):
        for row in connection.execute(select(*columns)):
            for look in row:
                if look and look.get("picture") and look.get("picture_sha256"):
                    hashes[look["picture"]] = look["picture_sha256"]
    return hashes
