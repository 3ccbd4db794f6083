"""The shop's page in a real browser: what only a browser can tell."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cases.shop_links import Holder
from domain.ladder import LadderStep, ReplyKind
from tests.console.reader import Client
from tests.console.shop.street import Street
from tests.fakes.chromium import BINARY, Tab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]

_LOWEST_CONTRAST = """(() => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => channels(colour).slice(0, 3).map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const behind = element => {
        for (let one = element; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor;
            if (channels(colour)[3] !== 0) return colour;
        }
        return matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(0,0,0)" : "rgb(255,255,255)";
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let lowest = 21;
    while (walker.nextNode()) {
        if (!walker.currentNode.textContent.trim()) continue;
        const element = walker.currentNode.parentElement;
        const pair = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
        lowest = Math.min(lowest, (pair[0] + 0.05) / (pair[1] + 0.05));
    }
    return lowest;
})()"""
_SMALLEST_TARGET = """Math.min(...Array.from(document.querySelectorAll("button, summary, .choice"))
    .filter(one => one.getClientRects().length).map(one => one.getBoundingClientRect().height))"""
_SMALLEST_TEXT = """Math.min(...Array.from(document.querySelectorAll("p, dt, dd, h1, h2, button, label, summary, a"))
    .map(one => parseFloat(getComputedStyle(one).fontSize)))"""
_STATES = {
    "asked": lambda street: street,
    "again": lambda street: street.publish(step=LadderStep.NOTICE_2),
    "contested": lambda street: street.said(ReplyKind.CONTEST, 3).publish(contested_ms=street.ago(3)),
    "corrected": lambda street: street.publish(step=LadderStep.SELF_CORRECTED, ended_ms=street.ago(2)),
    "case": lambda street: street.becomes_a_case(),
}


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


async def _open(tab: Tab, phone: Client, street: Street, *, width: int = 390, dark: bool = False) -> None:
    await tab.open(str(phone.make_url(street.path)), width=width, dark=dark)


async def _follow(tab: Tab, script: str) -> str:
    """What stands on the page that a press leads to."""
    await tab.follow(script)
    return str(await tab.run("document.body.innerText"))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("state", sorted(_STATES))
async def test_it_can_be_read(phone: Client, tab: Tab, scene: Street, state: str, dark: bool) -> None:
    """Contrast of 7:1 and letters of 16 px at least, fields for a thumb, nothing that the policy refuses."""
    _STATES[state](scene)
    await _open(tab, phone, scene, dark=dark)
    await tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert await tab.run(_LOWEST_CONTRAST) >= 7
    assert await tab.run(_SMALLEST_TEXT) >= 16
    assert await tab.run(_SMALLEST_TARGET) >= 48
    assert tab.complaints == []


@pytest.mark.parametrize("width", [195, 320, 390, 768])
async def test_it_fits(phone: Client, tab: Tab, scene: Street, width: int) -> None:
    """No sideways scrolling, at 320 px, and at 390 px with letters of twice the size (195 px)."""
    await _open(tab, phone, scene, width=width)
    await tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert await tab.run("document.documentElement.scrollWidth") <= width
    assert tab.complaints == []


async def test_one_press_says_that_it_is_done(phone: Client, tab: Tab, scene: Street) -> None:
    """Without any script of the page; as a browser really sends it. Going back and forth sends nothing again."""
    await _open(tab, phone, scene)
    assert "收到了，我们会再看一次" in await _follow(tab, "document.querySelector('button.main').click()")
    assert await tab.run("location.pathname") == scene.path
    assert "收到了，我们会再看一次" in await _follow(tab, "location.reload()")
    assert [reply.kind for reply in scene.desk.all_shops.all_replies] == [ReplyKind.CORRECTED]
    assert tab.complaints == []


async def test_a_contest_is_sent_with_its_reason(phone: Client, tab: Tab, scene: Street) -> None:
    """Opened, chosen, typed, sent; without a reason the browser itself asks for one."""
    await _open(tab, phone, scene)
    await tab.run("document.querySelector('details.card').open = true")
    await tab.run("document.querySelector('details.card button').click()")
    assert await tab.run("document.querySelector('input[type=radio]').validity.valueMissing")
    assert scene.desk.all_shops.all_replies == []
    await tab.run("document.querySelector('input[value=not_mine]').click()")
    await tab.run("document.querySelector('textarea').value = '隔壁的'")
    assert "收到了，会有人核实" in await _follow(tab, "document.querySelector('details.card button').click()")
    assert [reply.words for reply in scene.desk.all_shops.all_replies] == ["这不是我的店：隔壁的"]
    assert tab.complaints == []


async def test_the_photo_goes_along(phone: Client, tab: Tab, scene: Street, tmp_path: Path) -> None:
    """Chosen from the phone."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + b"\x01" * 2_000_000)
    await _open(tab, phone, scene)
    root = (await tab.call("DOM.getDocument"))["root"]["nodeId"]
    field = (await tab.call("DOM.querySelector", nodeId=root, selector="#photo"))["nodeId"]
    await tab.call("DOM.setFileInputFiles", nodeId=field, files=[str(photo)])
    assert "收到了，我们会再看一次" in await _follow(tab, "document.querySelector('button.main').click()")
    assert scene.desk.all_shops.photos == [photo.read_bytes()]


async def test_the_switch_leads_to_english_and_back(phone: Client, tab: Tab, scene: Street) -> None:
    """And a form sent in English answers in English."""
    await _open(tab, phone, scene)
    assert "Please look at your shop front" in await _follow(tab, "document.querySelector('.language').click()")
    assert "Thank you. We will look again" in await _follow(tab, "document.querySelector('button.main').click()")
    assert "收到了，我们会再看一次" in await _follow(tab, "document.querySelector('.language').click()")


@pytest.mark.parametrize("width", [195, 320, 390])
async def test_who_is_asked_can_read_and_answer(phone: Client, tab: Tab, scene: Street, width: int) -> None:
    """The same for the page of a question: letters, contrast, thumbs, no sideways scrolling; without any script."""
    scene.publish(step=LadderStep.CONFIRM)
    token = scene.links.token(scene.ladder, scene.ladder.started_ms, Holder.KEEPER)
    await tab.open(str(phone.make_url(f"/n/{token}")), width=width)
    assert await tab.run(
        "Array.from(document.querySelectorAll('button.main, summary.button'))"
        ".every(one => one.getBoundingClientRect().height >= 64)"
    )
    await tab.run("document.querySelector('details.card').open = true")
    assert await tab.run(_LOWEST_CONTRAST) >= 7
    assert await tab.run(_SMALLEST_TEXT) >= 16
    assert await tab.run(_SMALLEST_TARGET) >= 48
    assert await tab.run("document.documentElement.scrollWidth") <= width
    await tab.run("document.querySelector('input[value=passerby]').click()")
    assert "已核实：不属实" in await _follow(tab, "document.querySelector('details.card button').click()")
    assert scene.desk.all_shops.answered == [(12, Holder.KEEPER, False, "路人的，只是临时停一下")]
    assert tab.complaints == []
