"""Alarms over HTTP: found by what is named, page by page, and one with all that is on its way about it."""

from typing import Annotated, Any

from aiohttp import web
from msgspec import Meta

from console.alarms_found import kept
from console.api import answers as out
from console.api import asks
from console.api.reads import Read, Room
from console.api.shapes import AlarmOut, NoticeOut, OrderOut, Out, StoryLineOut
from domain.alarm_choice import AlarmChoice, Standing
from domain.finding import Severity
from domain.page import Page

_NOTICES = 50


class AskAlarms(asks.AskOpen, frozen=True, kw_only=True):
    """Alarms that fit all that is named."""

    state: Annotated[Standing, Meta(description="in place of `open`")] | None = None
    severity: Severity | None = None
    kind: Annotated[asks.Name, Meta(description="of device, such as charger")] | None = None
    rule: asks.Name | None = None
    sub_district: asks.Name | None = None
    silenced: Annotated[bool, Meta(description="only what nobody is told of now, or only the others")] | None = None
    text: Annotated[asks.Name, Meta(description="in its title, its words, its place or its subject")] | None = None
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the answer before")] | None = None

    @property
    def standing(self) -> Standing:
        """Which of them, by either name."""
        return self.state or (Standing.OPEN if self.open else Standing.ALL)

    @property
    def choice(self) -> AlarmChoice:
        """What the desk can choose by itself."""
        return AlarmChoice(
            standing=self.standing,
            severity=self.severity,
            kind=self.kind,
            rule_id=self.rule,
            silenced=self.silenced,
        )


class AlarmStoryOut(Out, frozen=True, kw_only=True):
    """One alarm with everything that happened, what people have said of it, whether that is in force yet (`orders` are
    on their way), and who was told."""

    alarm: AlarmOut
    story: list[StoryLineOut]
    orders: list[OrderOut]
    notices: list[NoticeOut]


def alarms(room: Room, ask: AskAlarms) -> out.AlarmsOut:
    """Alarms: open ones worst first and those that are silenced last, all others newest first."""
    counts = room.desk.counts()
    total = counts.alarms_open if ask.standing is Standing.OPEN else counts.alarms_total
    keep = kept(room.site, text=ask.text, sub_district=ask.sub_district)
    page: Page[Any] = room.desk.alarm_list.chosen(ask.choice, limit=ask.limit, cursor=ask.cursor, keep=keep)
    return out.AlarmsOut(items=[room.rows.alarm(one) for one in page.items], total=total, next=page.next)


def alarm(room: Room, ask: asks.AskAlarm) -> AlarmStoryOut:
    """One alarm, open or not, with its whole story."""
    found, rows = room.desk.alarm(ask.id), room.rows
    if found is None:
        raise web.HTTPNotFound(text=f"there is no alarm {ask.id}")
    desk = room.desk.alarm_list
    return AlarmStoryOut(
        alarm=rows.alarm(found),
        story=[rows.line(entry) for entry in room.desk.log(alarm_id=ask.id)],
        orders=[rows.order(order) for order in desk.orders_waiting() if order.alarm_id == ask.id],
        notices=[rows.notice(notice) for notice in desk.notices_about(ask.id, limit=_NOTICES)],
    )


READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/alarms", ask=AskAlarms, answer=alarms, shape=out.AlarmsOut),
    Read(path="/api/v1/alarms/{id}", ask=asks.AskAlarm, answer=alarm, shape=AlarmStoryOut),
)
