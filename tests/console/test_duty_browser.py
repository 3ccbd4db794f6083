"""Live, paused and resumed, and a dead letter mended, in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from msgspec.structs import replace

from config.load import Site
from console.access.passwords import Passwords
from console.server import make_app
from console.watch import Rhythm
from domain.case import LogEntry
from domain.clock import ManualClock
from domain.finding import Severity
from domain.permission import Role
from tests.console.access.people import PASSWORD, QUICK, people_in
from tests.fakes.chromium import BINARY, PageLeft, Tab, chromium
from tests.fakes.desk import FakeDesk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium: `apt-get install chromium`"),
]
LIVELY = Rhythm(poll_s=0.02, gap_s=0.05, refresh_s=30.0, beat_s=0.5)


@pytest.fixture
async def server(site: Site, clock: ManualClock, desk: FakeDesk) -> AsyncIterator[TestServer]:
    """A console that everybody may look at."""
    running = TestServer(make_app(desk, site, clock, rhythm=LIVELY))
    async with running:
        yield running


@pytest.fixture
async def peopled(site: Site, clock: ManualClock, desk: FakeDesk, tmp_path: Path) -> AsyncIterator[TestServer]:
    """A console with accounts."""
    people = people_in(tmp_path, site, clock)
    app = make_app(desk, site, clock, rhythm=LIVELY, accounts=people.store, passwords=Passwords(QUICK))
    running = TestServer(app)
    async with running:
        yield running


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "chromium") as opened:
        yield opened


async def until(tab: Tab, script: str) -> None:
    """A JavaScript expression comes true."""
    async with asyncio.timeout(60):
        while True:
            try:
                if await tab.run(script):
                    return
            except PageLeft:
                pass
            await asyncio.sleep(0.05)


def happens(desk: FakeDesk, what: str = "alarm_raised") -> int:
    """One more event, about the first alarm; its id."""
    alarm, number = desk.all_alarms[0], max(one.id for one in desk.lines) + 1
    facts: dict[str, str | float | int | None] = {
        "title_zh": alarm.title_zh, "title_en": alarm.title_en, "since_ms": 1, "severity": "critical",
        "rule_id": alarm.rule_id, "rule_version": "ab12",
    }  # fmt: skip
    at_ms = max(one.at_ms for one in desk.lines)
    line = LogEntry(id=number, at_ms=at_ms, who="rules", what=what, facts=facts, alarm_id=alarm.id)
    desk.lines.append(line)
    desk.touch()
    return number


async def test_what_is_paused_stands_still_and_counts(server: TestServer, desk: FakeDesk, tab: Tab) -> None:
    """Until somebody goes on: then what came meanwhile is there, and what comes next comes by itself."""
    desk.lines = [replace(one, id=n) for n, one in enumerate(desk.lines, 1)]
    await tab.open(str(server.make_url("/events")), width=1440)
    first = happens(desk)
    there = "!!document.querySelector('[data-key=\"event-%d\"]')"
    await until(tab, there % first)
    await tab.run("document.getElementById('events-pause').click()")
    while_paused = happens(desk)
    await until(tab, "/1/.test(document.getElementById('events-waiting').textContent)")
    assert not await tab.run(there % while_paused)
    await tab.run("document.getElementById('events-pause').click()")
    await until(tab, there % while_paused)
    await until(tab, there % happens(desk))
    assert await tab.run("document.getElementById('events-waiting').hidden")
    assert tab.complaints == []


async def test_a_new_critical_alarm_is_told_to_who_asked_for_it(server: TestServer, desk: FakeDesk, tab: Tab) -> None:
    """Nobody who did not ask is startled; who did is told, and that is remembered."""
    alarm = next(one for one in desk.all_alarms if one.severity is Severity.CRITICAL)
    shown = "!document.getElementById('events-alert').hidden"
    await tab.open(str(server.make_url("/events")), width=390)
    desk.all_alarms.append(replace(alarm, id=901, subject="one"))
    seen = happens(desk)
    await until(tab, f"document.getElementById('events-now').dataset.ids.includes('{seen}')")
    assert not await tab.run(shown)
    await tab.run("document.getElementById('events-sound').click()")
    await tab.open(str(server.make_url("/events")), width=390)
    assert await tab.run("document.getElementById('events-sound').getAttribute('aria-pressed')") == "true"
    desk.all_alarms.append(replace(alarm, id=902, subject="two"))
    happens(desk)
    await until(tab, shown)
    assert await tab.run("document.documentElement.scrollWidth <= innerWidth")
    assert tab.complaints == []


async def test_a_dead_letter_is_mended_with_the_hands(peopled: TestServer, desk: FakeDesk, tab: Tab) -> None:
    """Nothing goes through before it was tried, nor after it was changed again."""
    await tab.open(str(peopled.make_url("/sign-in?next=/deadletters/3")), width=1440)
    await tab.run(f"document.querySelector('[name=name]').value = '{Role.OPERATOR.value}-1'")
    await tab.run(f"document.querySelector('[name=password]').value = '{PASSWORD}'")
    await tab.follow("document.querySelector('main form').requestSubmit()")
    go = "document.querySelector('#mend-form [type=submit]')"
    assert await tab.run(f"{go}.disabled")
    await tab.run(
        "(() => { const form = document.getElementById('mend-form'); form.elements.topic.value = 'a/tree/tree-1/b';"
        "form.elements.why.value = 'the record says so';"
        "const text = form.elements.payload ?? form.appendChild(Object.assign(document.createElement('textarea'),"
        "{ name: 'payload' })); text.value = '{}'; form.querySelector('[data-checks]').click(); })()"
    )
    await until(tab, f"!{go}.disabled")
    assert await tab.run("document.querySelector('[data-trial]').textContent.includes('tree-1')")
    await tab.run(
        "document.querySelector('#mend-form [name=topic]').dispatchEvent(new Event('input', { bubbles: true }))"
    )
    assert await tab.run(f"{go}.disabled")
    await tab.run("document.querySelector('[data-checks]').click()")
    await until(tab, f"!{go}.disabled")
    await tab.follow(f"{go}.click()")
    assert [(one.letter_id, one.who, one.why) for one in desk.mended_ones] == [
        (3, f"{Role.OPERATOR.value}-1", "the record says so")
    ]
    assert 3 not in {one.id for one in desk.letters}
    assert tab.complaints == []


async def test_what_is_typed_and_why_it_was_refused_stay_while_the_page_goes_on(
    peopled: TestServer, desk: FakeDesk, tab: Tab
) -> None:
    """Lines before and after a form come and go; the form stays the same one, with its words, its focus, its answer."""
    alarm = next(one for one in desk.all_alarms if one.device_id == "charger-01" and one.resolved_ms is None)
    desk.all_alarms = desk.all_rules.all_alarms = desk.rulebook.all_alarms = [alarm]
    await tab.open(str(peopled.make_url("/sign-in?next=/devices/charger-01")), width=1440)
    await tab.run(f"document.querySelector('[name=name]').value = '{Role.OPERATOR.value}-1'")
    await tab.run(f"document.querySelector('[name=password]').value = '{PASSWORD}'")
    await tab.follow("document.querySelector('main form').requestSubmit()")
    await until(tab, "document.getElementById('live').classList.contains('on')")
    # The page as it stood before something above the form went: a line without a name, and one that was put in by hand.
    await tab.run(f"""(() => {{
        window.form = document.querySelector('[data-api="POST /api/v1/alarms/{alarm.id}/ack"]');
        form.before(document.createElement('hr'), ' ', document.createElement('form'), ' ');
        form.closest('details').open = true;
        form.elements.why.value = 'somebody is on the way';
        window.fetch = () => Promise.reject(new TypeError('the line is cut'));
        form.requestSubmit();
    }})()""")
    await until(tab, "form.querySelector('[role=alert]').textContent !== '' && !form.hasAttribute('aria-busy')")
    await tab.run("form.elements.why.focus()")
    desk.all_alarms.append(replace(alarm, id=77, port=9))
    desk.touch()
    await until(tab, "document.querySelector('[data-key=life-77]') && !document.querySelector('.lives hr')")
    assert await tab.run("form.isConnected && document.activeElement === form.elements.why")
    assert await tab.run("form.elements.why.value") == "somebody is on the way"
    assert await tab.run("form.querySelector('[role=alert]').textContent") != ""
    assert tab.complaints == []
