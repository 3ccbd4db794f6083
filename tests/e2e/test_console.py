"""A watch from sign-in to sign-out, in a real browser over the real product."""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.duty import LEAK, PASSWORD, QUIET, Duty, on_duty
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def duty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Duty]:
    """One product for all of this file: each test uses things of its own in it."""
    async with on_duty(tmp_path_factory.mktemp("duty")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tab]:
    async with chromium(tmp_path_factory.mktemp("browser") / "profile") as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def person(duty: Duty, tab: Tab) -> AsyncIterator[Person]:
    """Somebody at a browser in English that knows nobody; in the end nothing in it has complained."""
    await tab.call("Network.clearBrowserCookies")
    await tab.call("Network.setCookie", name="lang", value="en", url=duty.address, httpOnly=True)
    tab.complaints.clear()
    yield Person(tab)
    assert tab.complaints == []


async def test_signing_in_and_out(duty: Duty, person: Person) -> None:
    """A page asked for leads to the form; a wrong password is told and the right one leads on; out means out."""
    tab = person.tab
    await tab.open(f"{duty.address}/account", width=1440)
    await person.at("/sign-in")
    await person.fill("Name", "li")
    await person.fill("Password", "not this one")
    await person.press("Enter")
    await person.reads("The name or the password is wrong.")
    refused = [said for said in tab.complaints if "401" in said]
    tab.complaints[:] = [said for said in tab.complaints if said not in refused]
    await person.fill("Password", PASSWORD)
    await person.press("Enter")
    await person.at("/account")
    assert await tab.run("document.cookie") == ""  # no script can read the session
    await person.click("Sign out")
    await person.at("/sign-in")
    await tab.open(f"{duty.address}/account", width=1440)
    await person.at("/sign-in")


async def test_the_other_language(duty: Duty, person: Person) -> None:
    """One click, and it stays so; the page is what it was."""
    await duty.sign_in(person, "li")
    await person.click("中文", "link")
    await person.until("document.documentElement.lang === 'zh-CN' && document.readyState === 'complete'")
    await person.is_live()
    await person.reads("退出")
    await person.tab.open(f"{duty.address}/account", width=1440)
    assert await person.tab.run("document.documentElement.lang") == "zh-CN"


async def test_an_alarm_is_taken_on(duty: Duty, person: Person) -> None:
    """It comes to an open page by itself, is taken on by a click with a reason, and says by whom."""
    await duty.sign_in(person, "li")
    await person.is_live()
    await duty.says("cs-1", LEAK)
    await person.reads("38 mA")
    await person.click("Take on")
    await person.click("seen, seeing to it")
    await person.until("document.getElementById('alarms').innerText.includes('li')")
    await duty.until(
        "/api/v1/alarms",
        lambda told: any(one["device_id"] == "cs-1" and one["state"] == "acked" for one in told["items"]),
    )


async def test_rubbish_is_mended_and_put_through(duty: Duty, person: Person) -> None:
    """A message with a misspelt metric: the fix is tried, put through, and its reading is there."""
    await duty.sign_in(person, "zhang", "/deadletters")
    await person.is_live()
    await duty.says("cs-2", {"port": 5, "metrics": {"voltage": 219.5}})
    await person.reads("voltage")
    await person.tab.follow("document.querySelector('main a[href^=\"/deadletters/\"]').click()")
    await person.is_live()
    body = '{"port": 5, "metrics": {"voltage_v": 219.5}}'
    await person.fill("Payload", body)
    await person.fill("What was wrong", "misspelt by the gateway")
    await person.click("Check")
    await person.until("!document.querySelector('#mend-form [type=submit]').disabled")
    await person.tab.run("document.querySelector('#mend-form [type=submit]').focus()")
    await person.press("Enter")
    await person.at("/deadletters")
    await person.until("!document.querySelector('main').innerText.includes('voltage')")
    asked = "/api/v1/readings/latest?kind=charger&device_id=cs-2&port=5"
    await duty.until(asked, lambda told: "219.5" in str(told))


async def test_a_case_to_its_end(duty: Duty, person: Person) -> None:
    """Begun, reported, verified and closed, step by step on its page, each by who may; the story has every step."""
    await duty.sign_in(person, "zhang")
    await duty.says("cs-3", LEAK)
    number = await duty.case_of("cs-3")
    await person.tab.open(f"{duty.address}/cases/{number}", width=1440)
    await person.is_live()
    await person.click("Begin")
    await person.click("Report as done")
    await person.fill("What was done", "insulation renewed")
    await person.press("Tab")
    await person.press("Enter")
    await duty.until(f"/api/v1/cases/{number}", lambda told: told["case"]["state"] == "pending_verify")
    await duty.says("cs-3", QUIET)
    await duty.until("/api/v1/alarms", lambda told: "cs-3" not in {one["device_id"] for one in told["items"]})
    await person.click("Verified as done")
    await person.fill("What you saw there", "dry, and quiet")
    await person.press("Tab")
    await person.press("Enter")
    await person.click("Close")
    await person.until("document.activeElement.closest('#act-close')")
    await person.press("Tab")
    await person.press("Tab")
    await person.press("Enter")
    await duty.until(f"/api/v1/cases/{number}", lambda told: told["case"]["state"] == "closed")
    await person.reads("insulation renewed")


async def test_a_keeper_sees_their_own_streets(duty: Duty, person: Person) -> None:
    """What stands elsewhere is on none of their pages, and not there for who knows its address."""
    await duty.says("cs-2", LEAK)
    await duty.sign_in(person, "zhao")
    await person.is_live()
    await person.reads("双桂街")
    assert not await person.tab.run("document.body.innerText.includes('罗汉路')")
    theirs = await duty.case_of("cs-2")
    await person.tab.open(f"{duty.address}/cases/{theirs}", width=1440)
    await person.until(f"document.querySelector('main').innerText.includes('{theirs}')")
    assert not await person.tab.run("document.body.innerText.includes('Residual')")
    assert [said for said in person.tab.complaints if "404" not in said] == []
    person.tab.complaints.clear()


async def test_a_find_is_confirmed(duty: Duty, person: Person) -> None:
    """A van that a camera sees waits for a person in the review; one key says that it is so, and its ladder begins."""
    found = await duty.until("/api/v1/ladders", lambda told: any(one["step"] == "confirm" for one in told["items"]))
    (ladder,) = [one["id"] for one in found["items"] if one["step"] == "confirm"]
    await duty.sign_in(person, "wang", "/review")
    await person.until("!document.getElementById('review-item').hidden")
    await person.reads("龙城车行")
    await person.tab.run("document.getElementById('review-item').focus()")
    await person.press("y")
    told = await duty.until(
        "/api/v1/ladders?open=false",
        lambda told: any(one["id"] == ladder and one["step"] != "confirm" for one in told["items"]),
    )
    assert [one["confirmed_by"] for one in told["items"] if one["id"] == ladder] == ["wang"]


async def test_a_drawn_zone_changes_what_is_seen(duty: Duty, person: Person) -> None:
    """A camera without a zone, a polygon around what stands there, saved: from the next looks on the van is in it."""
    await duty.sign_in(person, "zhang", "/cameras/C2/zones")
    await person.until("document.querySelector('.zone-canvas')")
    left, top, width, height = await person.tab.run(
        "(() => { const b = document.querySelector('.zone-canvas').getBoundingClientRect();"
        " return [b.left, b.top, b.width, b.height]; })()"
    )
    await person.click("Add a zone")
    for x, y in ((0.78, 0.04), (0.99, 0.04), (0.99, 0.26), (0.78, 0.26), (0.78, 0.04)):
        await person.click_at(left + x * width, top + y * height)
    await person.until("document.querySelectorAll('.zone-choices button').length === 1")
    await person.type("van bay")
    await person.click("Check and save…")
    await person.until("!document.querySelector('#zone-saving [data-save]').disabled")
    await person.click("Save")
    await person.until("!document.querySelector('#zone-saving').open")
    assert "van bay" in (duty.site / "zones.csv").read_text(encoding="utf-8")

    def in_it(told: Any) -> bool:
        zones = [zone for look in told["items"] for zone in look["zones"] if zone["zone"] == "van bay"]
        return any(thing["label"] in {"car", "truck", "bus"} for zone in zones for thing in zone["things"])

    await duty.until("/api/v1/cameras/C2/looks", in_it)


async def test_what_is_registered_later_goes_in_as_it_came(duty: Duty, person: Person) -> None:
    """A station that nobody knew: its message waits, says why, and is put through once the station is registered."""
    await duty.says("cs-9", {"port": 1, "metrics": {"voltage_v": 218.5}})
    told = await duty.until("/api/v1/deadletters?reason=unknown_device", lambda told: "cs-9" in str(told))
    [letter] = [one["id"] for one in told["items"] if "cs-9" in one["topic"]]
    duty.register("cs-9")
    await person.tab.open("about:blank", width=1440)  # a page of before would complain that nobody answers it
    await duty.end()
    await duty.begin()
    await duty.sign_in(person, "zhang", f"/deadletters/{letter}")
    await person.reads("218.5")
    await person.is_live()
    await person.click("Put it through")
    asked = "/api/v1/readings/latest?kind=charger&device_id=cs-9&port=1"
    await duty.until(asked, lambda told: "218.5" in str(told))
    await duty.until("/api/v1/deadletters", lambda told: letter not in [one["id"] for one in told["items"]])
