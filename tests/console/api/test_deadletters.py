"""Dead letters over HTTP: found by what is asked, and changed only by who has the token."""

from typing import Any

import msgspec
import pytest

from console.api.openapi import openapi
from console.api.writes import WRITES
from domain.errors import JournalFull
from tests.console.reader import TOKEN, Client, json_of, post
from tests.fakes.desk import FakeDesk

REPLAY, PURGE = "/api/v1/deadletters/replay", "/api/v1/deadletters/purge"


async def test_one_reason_one_device(client: Client) -> None:
    """What does not fit is neither listed nor counted; a reason there is not is refused."""
    by_reason = await json_of(client, "/api/v1/deadletters?reason=decode")
    assert ([letter["id"] for letter in by_reason["items"]], by_reason["total"]) == ([3], 1)
    by_topic = await json_of(client, "/api/v1/deadletters?topic=/tree-1/")
    assert ([letter["id"] for letter in by_topic["items"]], by_topic["total"]) == ([1], 1)
    both = await json_of(client, "/api/v1/deadletters?topic=/tree-1/&reason=decode")
    assert (both["items"], both["total"]) == ([], 0)
    await json_of(client, "/api/v1/deadletters?reason=bad_mood", status=400)


async def test_one_letter(client: Client) -> None:
    """By its id; another id is 404 and says so, no id at all 400."""
    assert (await json_of(client, "/api/v1/deadletters/1"))["part"] == "tilt_degrees"
    assert "7" in (await json_of(client, "/api/v1/deadletters/7", status=404))["detail"]
    await json_of(client, "/api/v1/deadletters/first", status=400)
    await json_of(client, "/api/v1/deadletters/0", status=400)


async def test_replay_says_what_came_of_it(keyed: Client, desk: FakeDesk) -> None:
    """By ids or by reason; what would be refused again is counted and stays."""
    assert await post(keyed, REPLAY, {"ids": [1, 3]}) == {
        "messages": 2,
        "replayed": 1,
        "letters": 1,
        "still_refused": 1,
    }
    assert await post(keyed, REPLAY, {"reason": "schema"}) == {
        "messages": 1,
        "replayed": 1,
        "letters": 1,
        "still_refused": 0,
    }
    assert [letter.id for letter in desk.letters] == [3]


async def test_purge_says_how_many(keyed: Client, desk: FakeDesk) -> None:
    """By ids or by reason."""
    assert await post(keyed, PURGE, {"ids": [1, 2]}) == {"letters": 2}
    assert await post(keyed, PURGE, {"reason": "range"}) == {"letters": 0}
    assert [letter.id for letter in desk.letters] == [3]


@pytest.mark.parametrize("path", [REPLAY, PURGE])
async def test_without_a_token_in_the_settings_nothing_is_changed(client: Client, desk: FakeDesk, path: str) -> None:
    """403 that names what to set, whatever the request brings along, be it an empty token."""
    for token in (TOKEN, "", None):
        problem = await post(client, path, {"reason": "decode"}, token=token, status=403)
        assert "console.api_token" in problem["detail"]
    assert len(desk.letters) == 3


@pytest.mark.parametrize("path", [REPLAY, PURGE])
@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \xe9"])
async def test_a_wrong_token_changes_nothing(keyed: Client, desk: FakeDesk, path: str, given: str | None) -> None:
    """401 with how to ask, before the body is even looked at."""
    headers = {} if given is None else {"Authorization": given}
    async with keyed.post(path, data=b"rubbish", headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert TOKEN not in await answer.text()
    assert len(desk.letters) == 3


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "ids or reason"),
        ({"ids": [1], "reason": "decode"}, "ids or reason"),
        ({"ids": []}, "ids"),
        ({"ids": ["1"]}, "ids"),
        ({"ids": [0]}, "ids"),
        ({"ids": None}, "ids"),
        ({"ids": list(range(1, 1002))}, "ids"),
        ({"reason": "bad_mood"}, "bad_mood"),
        ({"reasons": "decode"}, "reasons"),
        ([], "array"),
        (b"", "truncated"),
        (b"{'ids': [1]}", "malformed"),
    ],
)
async def test_a_wrong_body_is_told(keyed: Client, desk: FakeDesk, body: object, says: str) -> None:
    """400 that names what is wrong; nothing happens."""
    problem = await post(keyed, REPLAY, body, status=400)
    assert says in problem["detail"]
    assert len(desk.letters) == 3


@pytest.mark.parametrize("path", [REPLAY, PURGE])
async def test_an_id_there_is_not_stops_it_all(keyed: Client, desk: FakeDesk, path: str) -> None:
    """404 with every such id, and the others are left alone."""
    problem = await post(keyed, path, {"ids": [1, 8, 9]}, status=404)
    assert "8, 9" in problem["detail"]
    assert len(desk.letters) == 3


async def test_a_full_journal_is_told(keyed: Client, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with what the journal says, to be tried again."""

    def full(**_asked: object) -> None:
        raise JournalFull("journal.db has reached its bound; 200 messages were replayed before that")

    monkeypatch.setattr(desk, "replay", full)
    problem = await post(keyed, REPLAY, {"reason": "decode"}, status=503)
    assert "200 messages" in problem["detail"]


async def test_a_write_is_no_read(keyed: Client) -> None:
    """GET on its address changes nothing."""
    async with keyed.get(PURGE) as answer:
        assert answer.status in {400, 405}


@pytest.mark.parametrize("write", [write for write in WRITES if "deadletters" in write.path], ids=lambda w: w.path)
async def test_writes_are_described_as_they_are(keyed: Client, write: Any) -> None:
    """The document says who may, what the body is, and what comes back; and the answer is that."""
    document = openapi()
    operation = document["paths"][write.path]["post"]
    schemas = document["components"]["schemas"]
    body = schemas[operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]]
    assert (body["minProperties"], body["maxProperties"], body["additionalProperties"]) == (1, 1, False)
    assert body.get("required", []) == []
    assert set(body["properties"]) == {"ids", "reason"}
    assert operation["security"] == [{"token": []}, {"session": [], "csrf": []}]
    assert operation["x-permission"] == "deadletters"
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert set(operation["responses"]) >= {"200", "400", "401", "403", "404", "503"}

    answer = await post(keyed, write.path, {"reason": "decode"})
    assert set(answer) == set(schemas[write.shape.__name__]["required"])
    assert msgspec.convert(answer, write.shape, strict=True)
