"""The long lists of the API but cases and alarms, each a page at a time."""

from typing import Any

from console.api import answers as out
from console.api import asks
from console.api.paging import below, newest, paged
from console.api.reads import Read, Room
from console.city import Reach, cameras_now, devices_now
from domain.choices import LadderChoice, NoticeChoice, SilenceChoice, Waiting
from domain.sighting import ViewHealth

_LETTERS = "deadletters"


def silences(room: Room, ask: asks.AskOpen) -> out.SilencesOut:
    """Silences that people have ordered: whom they cover, whose they are, why, and until when."""
    page = room.desk.silences_page(SilenceChoice(open=ask.open), cursor=ask.cursor, limit=ask.limit)
    items = [room.rows.silence(silence) for silence in page.items]
    return out.SilencesOut(items=items, next=page.next, total=page.total or 0)


def ladders(room: Room, ask: asks.AskLadders) -> out.LaddersOut:
    """Shops being asked to correct something, what waits for a person before that, and how earlier ones ended."""
    waiting = None if ask.waiting is None else Waiting(ask.waiting)
    choice = LadderChoice(open=ask.open, waiting=waiting, matter=ask.matter)
    page = room.desk.ladders_page(choice, cursor=ask.cursor, limit=ask.limit)
    items = [room.rows.ladder(ladder) for ladder in page.items]
    return out.LaddersOut(items=items, next=page.next, total=page.total or 0)


def cameras(room: Room, ask: asks.AskCameras) -> out.CamerasOut:
    """Cameras by the health of their views, those that cannot see first, then those that have not for longest."""
    found = cameras_now(room.desk.cameras(), room.site, room.now_ms)
    fitting = [now for now in found if ask.view in {None, now.view}]
    page = paged(
        fitting,
        "cameras",
        lambda now: (int(now.view == ViewHealth.HEALTHY), now.healthy_ms or 0, now.camera.camera_id),
        cursor=ask.cursor,
        limit=ask.limit,
    )
    return out.CamerasOut(items=[room.rows.camera(now) for now in page.items], next=page.next, total=len(fitting))


def devices(room: Room, ask: asks.AskDevices) -> out.DevicesOut:
    """Devices, those out of reach first, then the longest unheard."""
    found, ranks = devices_now(room.desk.devices(), room.site, room.now_ms), list(Reach)
    fitting = [now for now in found if ask.kind in {None, now.device.kind} and ask.reach in {None, now.reach}]
    page = paged(
        fitting,
        "devices",
        lambda now: (ranks.index(now.reach), now.seen_ms or 0, now.device.device_id),
        cursor=ask.cursor,
        limit=ask.limit,
    )
    return out.DevicesOut(items=[room.rows.device(now) for now in page.items], next=page.next, total=len(fitting))


def deadletters(room: Room, ask: asks.AskLetters) -> out.DeadLettersOut:
    """Messages, or parts of them, that could not be used."""
    rows, desk, before_id = room.rows, room.desk, below(ask.cursor, _LETTERS, ask.before_id)
    total = desk.deadletter_count(reason=ask.reason, topic_contains=ask.topic)
    found = desk.deadletters(limit=ask.limit + 1, before_id=before_id, reason=ask.reason, topic_contains=ask.topic)
    page = newest(found, _LETTERS, lambda letter: letter.id, ask.limit)
    items = [rows.dead_letter(letter) for letter in page.items]
    return out.DeadLettersOut(items=items, next=page.next, total=total)


def notices(room: Room, ask: asks.AskNotices) -> out.NoticesOut:
    """Messages to people and machines, and whether they got through."""
    page = room.desk.notices_page(NoticeChoice(case_id=ask.case_id), cursor=ask.cursor, limit=ask.limit)
    return out.NoticesOut(items=[room.rows.notice(notice) for notice in page.items], next=page.next)


READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/silences", ask=asks.AskOpen, answer=silences, shape=out.SilencesOut),
    Read(path="/api/v1/ladders", ask=asks.AskLadders, answer=ladders, shape=out.LaddersOut),
    Read(path="/api/v1/cameras", ask=asks.AskCameras, answer=cameras, shape=out.CamerasOut),
    Read(path="/api/v1/devices", ask=asks.AskDevices, answer=devices, shape=out.DevicesOut),
    Read(path="/api/v1/deadletters", ask=asks.AskLetters, answer=deadletters, shape=out.DeadLettersOut),
    Read(path="/api/v1/notices", ask=asks.AskNotices, answer=notices, shape=out.NoticesOut),
)
