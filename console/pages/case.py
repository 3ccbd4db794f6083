"""One case, whole: what it is, what can be done with it, its pictures, its deadlines, its story."""

from collections.abc import Sequence
from urllib.parse import urlencode

from msgspec import Struct

from cases.scene import scene_of
from config.load import Site
from console.access.caller import Caller
from console.compared import figure_said_of, limit_said_of, value_now, went_offline
from console.pages.case_acts import offers, theirs
from console.pages.case_due import countdown, marked
from console.pages.case_times import times_of
from console.pages.cases import case_card
from console.pages.looking import Found, Looking
from console.pages.pictures import Pictures, Shot
from console.words import Words
from domain.case import Alarm, Case
from domain.overdue import TIME_RUNS_IN
from domain.permission import MAY, Permission, Role

_NOTICES = 50


class Compared(Struct, frozen=True, kw_only=True):
    """Two pictures of one place, one laid over the other."""

    before: Shot
    after: Shot

    @property
    def key(self) -> str:
        """Other pictures, another key: the slider begins anew."""
        return f"{self.before.url}|{self.after.url}"


class Cause(Struct, frozen=True, kw_only=True):
    """The alarm that a case was filed for, in words."""

    id: int
    rule_id: str
    version: str
    text: str
    figure: str | None
    limit: str | None
    source: str | None
    state: str
    stands: bool


class Other(Struct, frozen=True, kw_only=True):
    """Another case at the same place."""

    id: str
    title: str
    state: str
    open: bool
    opened_ms: int
    into: bool
    """Whether this one can be merged into it."""


def case_view(looking: Looking) -> Found | None:
    """The page's title, and what its sections are filled with; None if there is no such case."""
    desk, site, words, case_id = looking.desk, looking.site, looking.words, looking.view.about
    case = desk.case(case_id)
    if case is None:
        return None
    caller, log, hand = looking.seat.caller, desk.log(case_id=case_id), desk.at_hand(case)
    card = case_card(case, log, site, words, Pictures(desk))
    alarm = desk.alarm(case.alarm_id)
    matter, originals = site.matters.get(case.matter), caller is not None and caller.may(Permission.READ_ORIGINALS)
    head: dict[str, object] = {
        "case": case,
        "card": card,
        "offers": offers(case, hand.possible, caller, words),
        **_standing(hand.possible.standing, caller, words),
        "same": [one.id for one in hand.possible.into] if "merge" in theirs(caller) else [],
        "times": times_of(case, log, site, words),
    }
    facts: dict[str, object] = {
        "case": case,
        "card": card,
        "matter": case.matter if matter is None else f"{case.matter} {words.pick(matter.zh, matter.en)}",
        "map_link": _map_link(case, site),
        "cause": _cause(alarm, words) if alarm else None,
        "others": [_other(one, hand.possible.into, words) for one in hand.alike],
        "may_merge": "merge" in theirs(caller),
    }
    acts: dict[str, object] = {"case": case, "acts": theirs(caller), "possible": hand.possible, "originals": originals}
    return f"{card.title} · {case.id}", {
        "case": head,
        "case_pictures": {"card": card, "compared": compared(card.shots), "originals": originals},
        "case_facts": facts,
        "case_story": {"card": card, "notices": desk.notices(limit=_NOTICES, case_id=case_id)},
        "case_acts": acts,
    }


def _standing(alarms: Sequence[Alarm], caller: Caller | None, words: Words) -> dict[str, object]:
    """Its alarms that are not over; and who ends those that only a person ends, where whoever looks may not."""
    by_hand = any(one.latch or one.orphaned for one in alarms)
    roles = [words.term("role", role) for role in Role if Permission.RELEASE in MAY[role]]
    others = by_hand and caller is not None and not caller.may(Permission.RELEASE)
    return {
        "standing": [(one.id, words.pick(one.title_zh, one.title_en)) for one in alarms],
        "by_hand": by_hand,
        "released_by": words.say("case.roles_joint").join(roles) if others else "",
    }


def compared(shots: Sequence[Shot]) -> Compared | None:
    """The place with the thing beside the place without it, as far as there are pictures of both."""
    there = {shot.what: shot for shot in shots if shot.url}
    seen = there.get("confirmed") or there.get("onset")
    if seen is None:
        return None
    if cleared := there.get("cleared"):
        return Compared(before=seen, after=cleared)
    context = there.get("context")
    return Compared(before=context, after=seen) if context else None


def _cause(alarm: Alarm, words: Words) -> Cause:
    return Cause(
        id=alarm.id,
        rule_id=alarm.rule_id,
        version=alarm.rule_version,
        text=words.pick(alarm.text_zh, alarm.text_en),
        figure=figure_said_of(alarm, value_now(alarm, words.now_ms), words),
        limit=limit_said_of(alarm, words),
        source=None if went_offline(alarm) else alarm.limit_source,
        state=words.term("alarm_state", alarm.state),
        stands=alarm.resolved_ms is None,
    )


def _other(other: Case, into: Sequence[Case], words: Words) -> Other:
    is_open, state = other.closed_ms is None, words.term("case_state", other.state)
    return Other(
        id=other.id,
        title=words.pick(other.title_zh, other.title_en),
        state=words.say("case.other_open", state=state, left=countdown(other, other.due_ms, words))
        if other.state in TIME_RUNS_IN
        else marked(other, state, words),
        open=is_open,
        opened_ms=other.opened_ms,
        into=other.id in {one.id for one in into},
    )


def _map_link(case: Case, site: Site) -> str | None:
    location = scene_of(case, site).location
    if location is None:
        return None
    at = f"{location.lon_deg:.6f},{location.lat_deg:.6f},17"
    return f"/map?{urlencode({'at': at, 'pick': f'case:{case.id}'}, safe=',:')}"
