"""What the API refuses is told in the language of the page where a person asks, and in English to a program."""

import pytest

from domain.permission import Permission, Role
from tests.console.access.people import People
from tests.console.access.test_languages import CHINESE, SENTENCE
from tests.console.reader import Client

ASKED = (
    ("GET", "alarms/999", None, 404),
    ("GET", "alarms?limit=x", None, 400),
    ("GET", "alarms?strange=1", None, 400),
    ("GET", "alarms?cursor=x", None, 400),
    ("GET", "cases/none", None, 404),
    ("GET", "devices/none", None, 404),
    ("GET", "devices/none/explain", None, 404),
    ("GET", "devices/charger-01?port=99", None, 404),
    ("GET", "cameras/none/zones", None, 404),
    ("GET", "rules/none", None, 404),
    ("GET", "replays/none", None, 404),
    ("GET", "deadletters/999", None, 404),
    ("GET", "kpi?strange=1", None, 400),
    ("POST", "silences", {"why": "x"}, 400),
    ("POST", "silences", {"why": "", "until": "2026-08-23T00:00:00Z"}, 400),
    ("POST", "silences", {"why": "x", "until": "2026-08-23T00:00:00"}, 400),
    ("POST", "silences", {"who": "zhang", "why": "x", "until": "2026-08-23T00:00:00Z"}, 400),
    ("POST", "deadletters/purge", {"ids": [1], "reason": "decode"}, 400),
    ("POST", "deadletters/purge", {"ids": [0]}, 400),
    ("POST", "deadletters/purge", {"ids": [999]}, 404),
    ("POST", "accounts", {"name": "administrator-1", "role": "operator"}, 409),
    ("POST", "accounts", {"name": "Zhang San", "role": "operator"}, 400),
    ("POST", "accounts/999", {"display_name": "x"}, 404),
    ("POST", "accounts", {"name": "keeper-2", "role": "keeper"}, 400),
    ("POST", "originals", {"name": "x", "reason": "for nothing"}, 404),
)


async def _detail(door: Client, asked: tuple[str, str, object, int], headers: dict[str, str]) -> str:
    method, path, body, status = asked
    async with door.request(method, f"/api/v1/{path}", json=body, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        told = await answer.json(content_type="application/problem+json")
    assert isinstance(told["detail"], str)
    return told["detail"]


@pytest.fixture
async def administrator(people: People) -> dict[str, str]:
    """A browser's session, as a person has it."""
    started = await people.started(Role.ADMINISTRATOR)
    return {"Cookie": f"longcheng_session={started.secret}", "X-CSRF-Token": started.session.csrf}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked[0]} {asked[1]}")
async def test_a_refusal_is_in_the_language_of_the_page(
    door: Client, administrator: dict[str, str], asked: tuple[str, str, object, int]
) -> None:
    """Whatever was asked: a thing that is not there, a value that cannot be, an account; also to readers of English."""
    chinese = await _detail(door, asked, administrator | {"Accept-Language": "zh-CN"})
    assert CHINESE.search(chinese), chinese
    assert not SENTENCE.search(chinese), chinese
    english = {"Cookie": f"{administrator['Cookie']}; lang=en", "Accept-Language": "en"}
    told = await _detail(door, asked, administrator | english)
    assert told
    assert not CHINESE.search(told), told


async def test_a_program_is_told_in_english(door: Client, people: People) -> None:
    """It says nothing of languages; and what it may not is told in Chinese to a person."""
    _, token = people.token(Role.WALL, Permission.READ)
    headers = {"Authorization": f"Bearer {token}"}
    refused: tuple[str, str, object, int] = ("POST", "silences", {}, 403)
    for asked in (ASKED[0], ASKED[1], refused):
        told = await _detail(door, asked, headers)
        assert told
        assert not CHINESE.search(told)
        assert CHINESE.search(await _detail(door, asked, headers | {"Accept-Language": "zh"}))
