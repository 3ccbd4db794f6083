"""What is packed on its way, and that no secret can be read from its length."""

import re

import pytest

from console.access.secrets import MASK_PREFIX, masked, new_secret, unmasked
from domain.permission import Role
from tests.console.access.people import People
from tests.console.reader import Client

TOKEN = re.compile(r'name="csrf" (?:content|value)="([^"]+)"')


@pytest.mark.parametrize(
    ("path", "packed"),
    [("/", True), ("/api/v1/cameras", True), ("/account", False), ("/accounts", False), ("/api/v1/session", False)],
)
async def test_long_answers_without_secrets_are_packed(door: Client, people: People, path: str, packed: bool) -> None:
    """For readers who say that they can unpack."""
    started = await people.started(Role.ADMINISTRATOR)
    headers = {"Cookie": f"longcheng_session={started.secret}"}
    async with door.get(path, headers=headers | {"Accept-Encoding": "gzip"}) as answer:
        assert answer.status == 200
        assert ("Content-Encoding" in answer.headers) is packed
        whole = await answer.text()
    async with door.get(path, headers=headers | {"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        if path.startswith("/api/"):
            assert await answer.text() == whole


async def test_a_page_never_shows_its_token_twice_alike(door: Client, people: People) -> None:
    """Neither on one page nor on two; and each opens what the token opens, but never another session."""
    started, other = await people.started(Role.OPERATOR), await people.started(Role.OPERATOR)
    cookie = {"Cookie": f"longcheng_session={started.secret}"}
    shown = []
    for _ in range(2):
        async with door.get("/", headers=cookie) as answer:
            page = await answer.text()
            assert started.session.csrf not in page
            shown += TOKEN.findall(page)
    assert len(shown) == len(set(shown)) == 4
    assert {unmasked(one) for one in shown} == {started.session.csrf}
    order = {**cookie, "Sec-Fetch-Site": "same-origin"}
    for token, status in (
        (masked(other.session.csrf), 403),
        (f"{MASK_PREFIX}é", 403),
        (MASK_PREFIX, 403),
        (shown[0], 400),
    ):
        async with door.post("/api/v1/alarms/1/ack", data=b"{", headers={**order, "X-CSRF-Token": token}) as answer:
            assert answer.status == status, token


def test_masks_come_off() -> None:
    """And leave what is none as it is."""
    secret = new_secret()
    assert masked(secret) != masked(secret)
    assert unmasked(masked(secret)) == secret
    for one in (secret, "", "m", "m.!", "m.abc"):
        assert isinstance(unmasked(one), str)
