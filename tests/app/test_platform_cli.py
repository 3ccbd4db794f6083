"""`longcheng platform`: what waits, what was given up, and whether the platform takes what we send."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from config.load import load_site
from storage.case_opening import open_cases
from tests.cases.city import make_site
from tests.cases.platform.receiver import SECRET, Platform, open_platform
from tests.contract.case_store.samples import CASE, fill


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform in a thread of its own."""
    loop, ready, found = asyncio.new_event_loop(), threading.Event(), []
    ending = asyncio.Event()

    async def run() -> None:
        async with open_platform() as opened:
            found.append(opened)
            ready.set()
            await ending.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[run()])
    thread.start()
    assert ready.wait(60)
    yield found[0]
    loop.call_soon_threadsafe(ending.set)
    thread.join(60)
    loop.close()


@pytest.fixture
def folder(tmp_path: Path, platform: Platform) -> Path:
    """A site that has it, with one case of which it has not been told."""
    folder = tmp_path / "site"
    make_site(folder)
    file = folder / "site.yaml"
    told = f'platform: {{url: "{platform.url}?key=hidden", secrets: ["{SECRET}"]}}\n'
    file.write_text(file.read_text(encoding="utf-8") + told, encoding="utf-8")
    store = open_cases(load_site(str(folder), {}).settings, serves=True)
    fill(store)
    store.close()
    return folder


def run(folder: Path, *words: str) -> tuple[int, str]:
    """Exit status and output."""
    result = CliRunner().invoke(cli, ["platform", *words, "--site", str(folder)])
    return result.exit_code, result.output


def told(folder: Path, *words: str) -> dict[str, object]:
    """Its JSON."""
    found: dict[str, object] = json.loads(run(folder, *words, "--json")[1])
    return found


def test_status_says_what_waits_and_no_key(folder: Path) -> None:
    """The sample's case is of 1970, so it is late; a script sees that by the exit status."""
    code, text = run(folder, "status")
    said = told(folder, "status")

    assert (code, said["pending"], said["dead"], said["late"]) == (1, 1, 0, True)
    assert said["next"] == f"{CASE.id}/1"
    assert "/longcheng" in text
    assert "hidden" not in text


def test_list_and_show(folder: Path) -> None:
    """What waits, and one of it as the platform would read it."""
    code, text = run(folder, "list", "--case", CASE.id)
    assert code == 0
    assert CASE.id in text
    assert told(folder, "list", "--state", "sent") == {"events": []}

    code, text = run(folder, "show", f"{CASE.id}/1")
    assert (code, json.loads(text)["case"]["service_request_id"]) == (0, CASE.id)
    assert run(folder, "show", "nothing/1")[0] != 0


def test_retry_brings_back_what_was_given_up_and_nothing_else(folder: Path) -> None:
    """By key, or all."""
    store = open_cases(load_site(str(folder), {}).settings)
    (event,) = store.next_events(1_000, 9)
    key = event.key
    assert run(folder, "retry", key)[0] != 0
    assert run(folder, "retry")[0] != 0
    for words in ([key], ["--all"]):
        store.mark_event_dead(event.id, "the platform answered 422", 1_000)
        assert run(folder, "status")[0] == 1
        assert "422" in run(folder, "list", "--state", "dead")[1].replace("\n", "")
        assert run(folder, "retry", *words) == (0, "1 events go out again\n")
        assert store.backlog().dead == 0
    store.close()


def test_a_ping_is_signed_and_about_no_case(folder: Path, platform: Platform) -> None:
    """It says what came of it, also if that is nothing good."""
    assert run(folder, "test") == (0, "taken\n")
    assert platform.unsigned == 0
    assert platform.bodies[0]["what"] == "ping"

    platform.behave = lambda _case_id, _time: 401
    code, text = run(folder, "test")
    assert (code, text) == (1, "the platform answered 401: no\n")


def test_without_a_platform_it_says_so(tmp_path: Path) -> None:
    """Instead of an empty table."""
    folder = tmp_path / "site"
    site = make_site(folder)
    open_cases(site.settings).close()

    assert run(folder, "status") == (0, "there is no platform: platform.url is not set\n")
    assert "platform.url is not set" in str(
        CliRunner().invoke(cli, ["platform", "test", "--site", str(folder)]).exception
    )
