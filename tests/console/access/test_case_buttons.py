"""The buttons on the page of a case: each state and role has exactly those whose orders are carried out."""

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from config.console import Console
from domain.case import Case, CaseState, ClosedReason
from domain.case_order import CaseAct
from domain.permission import Permission, Role
from tests.console.access.people import MINE, People
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk

A, S = CaseAct, CaseState
BODIES: dict[CaseAct, dict[str, Any]] = {
    A.ACCEPT: {},
    A.TAKE: {},
    A.ASSIGN: {"unit": "值守台"},
    A.VERIFY: {},
    A.DEFER: {"why": "等材料", "until": "2026-08-25T09:00:00+08:00"},
    A.RATE: {"rating": 4},
}


@pytest.fixture
def console() -> Console:
    return Console(api_token=TOKEN, open="none")


def put(desk: FakeDesk, state: CaseState) -> Case:
    """A case of MINE in a state, beside another of the same that is open."""
    case = next(one for one in desk.all_cases if one.device_id == "charger-01")
    case = replace(case, id="202608223204000001", state=state, closed_ms=7 if state.is_closed else None)
    case = replace(case, closed_reason=ClosedReason.FIXED if state.is_closed else None, sub_district=MINE)
    other = replace(case, id="202608223204000099", state=S.HANDLING, closed_ms=None, closed_reason=None)
    desk.all_cases = [case, other]
    return case


def buttons(page: str) -> list[CaseAct]:
    """As they are named."""
    return [CaseAct(name) for name in re.findall(r'data-act="([a-z-]+)"', page)]


async def signed_in(people: People, role: Role) -> dict[str, str]:
    started = await people.started(role)
    return {
        "Cookie": f"longcheng_session={started.secret}",
        "X-CSRF-Token": started.session.csrf,
        "Sec-Fetch-Site": "same-origin",
    }


async def ordered(door: Client, headers: dict[str, str], case: Case, act: CaseAct, reason: str) -> int:
    """The status of an order with what it needs."""
    body = BODIES.get(act, {"why": "到场查看过"})
    if act is A.CLOSE:
        body = {"why": "到场查看过", "reason": reason}
    if act is A.MERGE:
        body = body | {"into": "202608223204000099"}
    path = f"/api/v1/cases/{case.id}/{act}"
    match = {"If-Match": f'"{case.version}"'}
    async with door.post(path, data=json.dumps(body), headers=headers | match) as answer:
        return answer.status


@pytest.mark.parametrize("role", Role)
async def test_what_is_shown_is_what_is_done(door: Client, people: People, desk: FakeDesk, role: Role) -> None:
    """Every act in every state: shown, and carried out; or neither."""
    headers = await signed_in(people, role)
    for state in CaseState:
        case = put(desk, state)
        async with door.get(f"/cases/{case.id}", headers=headers) as answer:
            page = await answer.text()
            assert answer.status == 200
        shown = buttons(page)
        assert len(shown) == len(set(shown)), (state, shown)
        reasons = re.findall(r'data-field="reason" data-only="([a-z_ ]+)"', page)
        for act in CaseAct:
            reason = reasons[0].split()[0] if reasons else "transferred"
            done = await ordered(door, headers, put(desk, state), act, reason) == 200
            assert (act in shown) is done, (role, state, act)


async def test_the_obvious_next_act_stands_first(door: Client, people: People, desk: FakeDesk) -> None:
    """From the first look at a case to its rating; where nothing presses, nothing does."""
    headers = await signed_in(people, Role.ADMINISTRATOR)
    first = {}
    for state in CaseState:
        case = put(desk, state)
        async with door.get(f"/cases/{case.id}", headers=headers) as answer:
            page = await answer.text()
        found = re.findall(r'class="button first"[^>]* data-act="([a-z-]+)"', page)
        first[state] = found[0] if found else None
    assert first == {
        S.PENDING_CHECK: "accept",
        S.PENDING_DISPATCH: "assign",
        S.PENDING_HANDLE: "take",
        S.RETURNED: "take",
        S.HANDLING: "report",
        S.DEFERRED: "resume",
        S.PENDING_VERIFY: "verify",
        S.VERIFIED: "close",
        S.NOT_ACCEPTED: None,
        S.CLOSED: "rate",
        S.FORCE_CLOSED: "rate",
        S.RATED: None,
    }


async def test_who_cannot_go_on_is_told_who_can(door: Client, people: People, desk: FakeDesk) -> None:
    """An operator before what has to be verified; a wall before anything."""
    case = put(desk, S.PENDING_VERIFY)
    for role, said in ((Role.OPERATOR, "“核实通过”由审核员、管理员办理"), (Role.REVIEWER, None)):
        async with door.get(f"/cases/{case.id}", headers=await signed_in(people, role)) as answer:
            page = await answer.text()
        assert ("办理</p>" in page) is bool(said)
        assert said is None or said in page
    async with door.get(f"/cases/{case.id}", headers=await signed_in(people, Role.WALL)) as answer:
        page = await answer.text()
    assert '<dialog id="act-' not in page
    assert "see-original" not in page


async def test_a_dialog_names_the_version_that_was_seen(door: Client, people: People, desk: FakeDesk) -> None:
    """And only those who may see originals are asked why."""
    case = put(desk, S.HANDLING)
    async with door.get(f"/cases/{case.id}", headers=await signed_in(people, Role.REVIEWER)) as answer:
        page = await answer.text()
    assert f"data-match='\"{case.version}\"'" in page
    assert 'id="see-original"' in page
    async with door.get(f"/cases/{case.id}", headers=await signed_in(people, Role.OPERATOR)) as answer:
        assert 'id="see-original"' not in await answer.text()


async def test_a_keeper_is_offered_nothing_of_elsewhere(door: Client, people: People, desk: FakeDesk) -> None:
    """Neither beside the case nor to merge it into; who sees the whole city is."""
    case = put(desk, S.HANDLING)
    desk.all_cases[1] = replace(desk.all_cases[1], sub_district="红梅街道")
    for role, seen in ((Role.KEEPER, False), (Role.REVIEWER, True)):
        async with door.get(f"/cases/{case.id}", headers=await signed_in(people, role)) as answer:
            page = await answer.text()
        assert (desk.all_cases[1].id in page) is seen, role
    _, token = people.registry.add_token(
        people.accounts[Role.REVIEWER], "street", (Permission.CLOSE_CASE, Permission.READ), sub_districts=(MINE,)
    )
    async with door.get(f"/cases/{case.id}", headers={"Authorization": f"Bearer {token}"}) as answer:
        page = await answer.text()
    assert A.MERGE not in buttons(page)
    assert A.FORCE_CLOSE in buttons(page)


@pytest.mark.parametrize("reason", ["fixed", "transferred"])
async def test_the_book_is_told_why_in_its_own_terms(door: Client, people: People, desk: FakeDesk, reason: str) -> None:
    """It writes the reason into the story, and a mere text is none of its reasons."""
    headers = await signed_in(people, Role.REVIEWER)
    assert await ordered(door, headers, put(desk, S.VERIFIED), A.CLOSE, reason) == 200
    assert isinstance(desk.case_orders[-1].reason, ClosedReason)
    assert desk.case_orders[-1].reason == ClosedReason(reason)


@pytest.mark.parametrize(
    ("role", "latch", "said"),
    [
        (Role.OPERATOR, True, ("须人工解除，不会自行结束",)),
        (Role.REVIEWER, True, ("须人工解除，不会自行结束", "解除由值班员、管理员办理。")),
        (Role.REVIEWER, False, ("恢复之前不能按“已解决”结案",)),
    ],
)
async def test_a_case_that_waits_for_its_alarm_leads_there(
    door: Client, desk: FakeDesk, people: People, role: Role, latch: bool, said: tuple[str, ...]
) -> None:
    """What is reported as done while its alarm stands: who ends that, and where; the cause, too, is a link."""
    case = put(desk, S.PENDING_VERIFY)
    (alarm,) = [one for one in desk.all_alarms if one.id == case.alarm_id]
    desk.all_alarms = [replace(alarm, latch=latch)]
    headers = await signed_in(people, role)
    async with door.get(f"/cases/{case.id}", headers=headers) as answer:
        page = await answer.text()
    still = page[page.index('class="advice still"') :].partition("</div>")[0]
    assert f'href="/alarms/{alarm.id}"' in still
    assert all(one in still for one in said)
    assert ("解除由" in still) == (len(said) == 2)
    cause = page[page.index('<section id="case_facts"') :].partition("</section>")[0]
    assert f'<a href="/alarms/{alarm.id}">' in cause
    async with door.get(f"/alarms/{alarm.id}", headers=headers) as answer:
        assert ("release-dialog" in await answer.text()) == (role is Role.OPERATOR)
