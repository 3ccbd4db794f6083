"""Cases with a real browser: from opened to closed by clicking, somebody quicker, the slider, the keys."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.console import Console
from domain.case import Case, CaseState, LogEntry
from domain.case_order import CaseAct, CaseOrder
from domain.permission import Role
from tests.console.access.people import People
from tests.console.reader import TOKEN, Client
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.desk import FakeDesk
from tests.fakes.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]
S = CaseState
WIDE = 1440


@pytest.fixture
def console() -> Console:
    return Console(api_token=TOKEN, open="none")


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


async def sat_down(door: Client, people: People, tab: Tab, role: Role, path: str) -> Person:
    """Somebody of this role before a page that is live."""
    started = await people.started(role)
    url = str(door.make_url("/"))
    await tab.call("Network.setCookie", name="longcheng_session", value=started.secret, url=url)
    await tab.open(str(door.make_url(path)), width=WIDE)
    person = Person(tab)
    await person.is_live()
    return person


def put(desk: FakeDesk, n: int, state: CaseState) -> Case:
    """One of the invented cases, in a state."""
    case = replace(desk.all_cases[n], state=state, closed_ms=None, closed_reason=None)
    desk.all_cases[n] = case
    return case


def meanwhile(desk: FakeDesk, case: Case, act: CaseAct, who: str, said: str) -> None:
    """Somebody else orders something, and it stands in the story."""
    desk.handle(CaseOrder(case_id=case.id, act=act, who=who, why=said))
    facts: dict[str, str | float | int | None] = {"person": who, "why": said}
    desk.lines.append(LogEntry(id=9001, at_ms=case.opened_ms, who=who, what="case_said", facts=facts, case_id=case.id))


WAY = (
    ("受理", None, "已受理。", S.PENDING_DISPATCH),
    ("派遣", "assign", "已派遣，单位会收到通知。", S.PENDING_HANDLE),
    ("开始处置", None, "已开始处置。", S.HANDLING),
    ("反馈办结", "report", "已反馈，等待核实。", S.PENDING_VERIFY),
    ("核实通过", "verify", "已核实。", S.VERIFIED),
    ("结案", "close", "已结案。", S.CLOSED),
    ("评价", "rate", "已评价。", S.RATED),
)
"""The button that stands first, the dialog that it opens, what is said when it is done, and where the case is then."""


async def test_from_opened_to_rated_by_clicking(door: Client, people: People, tab: Tab, desk: FakeDesk) -> None:
    """Each next act is the one that stands first; the page follows by itself."""
    case = put(desk, 0, S.PENDING_CHECK)
    person = await sat_down(door, people, tab, Role.ADMINISTRATOR, f"/cases/{case.id}")
    for version, (button, dialog, said, state) in enumerate(WAY, start=2):
        await person.click(button)
        if dialog:
            await person.until(f"document.getElementById('act-{dialog}').open")
            if dialog == "report":
                await person.fill("做了什么", "已断电，更换插座")
            await submit(tab, dialog)
        await person.until(f"document.getElementById('said-now').textContent === '{said}'")
        now = desk.case(case.id)
        assert now is not None
        assert (now.state, now.version) == (state, version)
        desk.touch()
        await person.until(f"document.querySelector('#case [data-version]').dataset.version === '{version}'")

    assert [order.act for order in desk.case_orders] == [
        CaseAct.ACCEPT,
        CaseAct.ASSIGN,
        CaseAct.TAKE,
        CaseAct.REPORT,
        CaseAct.VERIFY,
        CaseAct.CLOSE,
        CaseAct.RATE,
    ]
    assert {order.who for order in desk.case_orders} == {"administrator-1"}
    assert [order.version for order in desk.case_orders] == [1, 2, 3, 4, 5, 6, 7]
    assert (desk.case_orders[3].why, desk.case_orders[-1].rating) == ("已断电，更换插座", 5)
    assert tab.complaints == []


async def submit(tab: Tab, act: str) -> None:
    """What the button in a dialog does."""
    await tab.run(f"document.querySelector('#act-{act} form').requestSubmit()")


async def test_somebody_was_quicker(door: Client, people: People, tab: Tab, desk: FakeDesk) -> None:
    """What they did and who is said, nothing typed is lost, and the second try is of what is there now."""
    case = put(desk, 1, S.HANDLING)
    person = await sat_down(door, people, tab, Role.REVIEWER, f"/cases/{case.id}")
    await person.click("反馈办结")
    await person.fill("做了什么", "已扶正支撑")
    meanwhile(desk, case, CaseAct.TAKE, "li", "我来处理")  # the page has not heard of it yet
    await submit(tab, "report")
    await person.until("document.querySelector('#act-report [role=alert] li')")
    told = await tab.run("document.querySelector('#act-report [role=alert]').textContent")
    assert "其他人刚刚改动过" in told
    assert "我来处理" in told
    assert await tab.run("document.querySelector('#act-report textarea').value") == "已扶正支撑"
    assert desk.case_orders[-1].who == "li"
    assert await tab.run("document.querySelector('#case [data-version]').dataset.version") == "2"

    await submit(tab, "report")
    await person.until("!document.getElementById('act-report').open")
    last = desk.case_orders[-1]
    assert (last.act, last.why, last.version) == (CaseAct.REPORT, "已扶正支撑", 2)


async def test_what_can_no_longer_be_done_is_said(door: Client, people: People, tab: Tab, desk: FakeDesk) -> None:
    """And the words are still there."""
    case = put(desk, 1, S.HANDLING)
    person = await sat_down(door, people, tab, Role.REVIEWER, f"/cases/{case.id}")
    await person.click("反馈办结")
    await person.fill("做了什么", "已扶正支撑")
    meanwhile(desk, case, CaseAct.FORCE_CLOSE, "zhang", "另案处理")
    await submit(tab, "report")
    await person.until("document.querySelector('#act-report [role=alert]').textContent.includes('现在已不能')")
    assert "另案处理" in await tab.run("document.querySelector('#act-report [role=alert]').textContent")
    assert await tab.run("document.querySelector('#act-report textarea').value") == "已扶正支撑"


async def test_an_update_takes_nothing_from_who_is_typing(
    door: Client, people: People, tab: Tab, desk: FakeDesk
) -> None:
    """The dialog stays open with its words and its focus, while the page behind it goes on."""
    case = put(desk, 1, S.HANDLING)
    person = await sat_down(door, people, tab, Role.REVIEWER, f"/cases/{case.id}")
    await person.click("反馈办结")
    await person.fill("做了什么", "写到一半")
    meanwhile(desk, case, CaseAct.TAKE, "li", "同时有人接手")
    desk.touch()
    await person.reads("同时有人接手")
    assert await tab.run("document.getElementById('act-report').open")
    assert await tab.run("document.activeElement.value") == "写到一半"


async def test_the_slider_by_keyboard(door: Client, people: People, tab: Tab, desk: FakeDesk) -> None:
    """Arrows move the line between before and after; an update leaves it where it is."""
    case = desk.all_cases[2]
    person = await sat_down(door, people, tab, Role.WALL, f"/cases/{case.id}")
    cut = "getComputedStyle(document.querySelector('.compare-frame')).getPropertyValue('--cut')"
    assert await tab.run(cut) == "50%"
    await tab.run("document.querySelector('.compare input').focus()")
    for _ in range(3):
        await person.press("ArrowLeft")
    assert await tab.run(cut) == "47%"
    await person.press("Home")
    assert await tab.run(cut) == "0%"
    meanwhile(desk, case, CaseAct.VERIFY, "li", "看过了")
    desk.touch()
    await person.reads("看过了")
    assert await tab.run(cut) == "0%"
    assert await tab.run("document.querySelector('.compare input').getAttribute('aria-label')")


async def test_an_original_is_asked_for_with_a_reason(door: Client, people: People, tab: Tab, desk: FakeDesk) -> None:
    """The dialog leads to the picture's own address, in which no reason stands; without a reason it leads nowhere."""
    case = desk.all_cases[2]
    person = await sat_down(door, people, tab, Role.REVIEWER, f"/cases/{case.id}")
    await person.click("看原图：确认")
    await person.until("document.getElementById('see-original').open")
    form = "document.querySelector('#see-original form')"
    assert case.confirmed is not None
    assert await tab.run(f"new URL({form}.action).pathname") == f"/originals/{case.confirmed.picture}.jpg"
    assert await tab.run(f"{form}.checkValidity()") is False
    await person.type("复核商户异议")
    assert await tab.run(f"{form}.checkValidity()") is True
    await tab.run(f"{form}.target = ''")  # in this tab, to see where it leads
    await tab.follow(f"{form}.requestSubmit()")
    assert await tab.run("document.contentType") == "image/jpeg"
    address = await tab.run("location.href")
    assert address.endswith(f"/originals/{case.confirmed.picture}.jpg")
    assert desk.seen == [(case.confirmed.picture, "reviewer-1", "复核商户异议", "127.0.0.1")]


async def test_the_board_by_keyboard(door: Client, people: People, tab: Tab, desk: FakeDesk) -> None:
    """Along a column, across, to search, help, and into a case."""
    for n, state in enumerate((S.PENDING_CHECK, S.HANDLING, S.HANDLING)):
        put(desk, n, state)
    person = await sat_down(door, people, tab, Role.OPERATOR, "/cases")
    here = "document.activeElement.closest('[data-key^=case]')?.dataset.key"
    columns = [
        await tab.run(f"[...document.querySelectorAll('[data-key={name}] [data-item]')].map(a => a.pathname)")
        for name in ("column-dispatch", "column-hand")
    ]
    await person.press("j")
    assert await tab.run("document.activeElement.pathname") == columns[0][0]
    await person.press("l")
    assert await tab.run("document.activeElement.pathname") == columns[1][0]
    await person.press("j")
    assert await tab.run("document.activeElement.pathname") == columns[1][1]
    await person.press("k")
    await person.press("h")
    assert await tab.run("document.activeElement.pathname") == columns[0][0]
    await person.press("2")
    assert await tab.run("document.activeElement.pathname") == columns[1][0]
    assert await tab.run(here)
    await person.press("/")
    assert await tab.run("document.activeElement.name") == "text"
    await person.type("j")  # a letter, not a move
    assert await tab.run("document.activeElement.value") == "j"
    await person.press("Escape")
    await person.press("?")
    assert await tab.run("document.getElementById('cases-keys').open")
    await person.press("Escape")
    await person.press("2")
    await person.press("Enter")
    await person.at(columns[1][0])


async def test_filters_hold_at_once_and_stand_in_the_address(
    door: Client, people: People, tab: Tab, desk: FakeDesk
) -> None:
    """Only what is asked stands there."""
    person = await sat_down(door, people, tab, Role.OPERATOR, "/cases")
    await tab.run("""(() => {
        const field = document.querySelector("[name=severity]");
        field.value = "critical";
        field.dispatchEvent(new Event("change", { bubbles: true }));
    })()""")
    await person.until("location.search.includes('severity')")
    assert "text" not in await tab.run("location.search")
    await person.is_live()
    assert len(desk.all_cases) > await tab.run("document.querySelectorAll('[data-key^=case-]').length")
    assert tab.complaints == []


@pytest.mark.parametrize("width", [390, 1440, 1920])
@pytest.mark.parametrize("path", ["/cases", "/cases?look=list", "/cases/202608223204000003"])
async def test_pages_fit(door: Client, people: People, tab: Tab, path: str, width: int) -> None:
    """No sideways scrolling of the page, nothing refused."""
    await sat_down(door, people, tab, Role.ADMINISTRATOR, path)
    await tab.open(str(door.make_url(path)), width=width)
    assert await tab.run("document.documentElement.scrollWidth") == width
    assert tab.complaints == []
