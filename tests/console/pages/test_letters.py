"""Dead letters: seen, understood, mended, put through, let go."""

import base64

import pytest
from msgspec.structs import replace

from config.load import Site
from console.pages.letters import register_row
from domain.message import DeadLetter, RejectReason
from tests.console.reader import TOKEN, Client, json_of, post, text_of
from tests.fakes.desk import FakeDesk

_AS_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


def letter(**other: object) -> DeadLetter:
    """One that nobody has registered."""
    plain = DeadLetter(
        id=99, seq=7, topic="longcheng/v1/tree/tree-77/telemetry", payload=b'{"ts": 1}', qos=1, retain=False, dup=False,
        received_ms=1_787_338_000_000, reason=RejectReason.UNKNOWN_DEVICE, part="", detail="no device tree-77",
        decoder="1.0",
    )  # fmt: skip
    return replace(plain, **other)


async def test_the_list_is_by_reason_and_counts(client: Client, desk: FakeDesk) -> None:
    """Each reason with its number leads to its own; what to do about it is said."""
    desk.letters += [letter(id=n) for n in range(100, 180)]
    page = await text_of(client, "/deadletters?lang=en")
    assert 'href="/deadletters?reason=unknown_device"' in page
    assert page.count('data-key="letter-') == 50
    some = await text_of(client, "/deadletters?reason=decode")
    assert 'href="/deadletters/3"' in some
    assert "What to do:" in some
    assert 'data-key="letter-100"' not in some


async def test_a_page_is_followed_by_the_next(client: Client, desk: FakeDesk) -> None:
    """Down to the oldest, none left out."""
    desk.letters = [letter(id=n) for n in range(1, 121)]
    second = await text_of(client, "/deadletters?before=71")
    assert 'href="/deadletters/70"' in second
    assert 'href="/deadletters/21"' in second
    assert 'href="/deadletters/71"' not in second
    assert 'rel="next" href="/deadletters?before=21"' in second


async def test_one_letter_is_shown_whole(client: Client, desk: FakeDesk) -> None:
    """Laid out, in hexadecimal, with the line that the register lacks."""
    desk.letters.append(letter())
    page = await text_of(client, "/deadletters/99?lang=en")
    assert "&#34;ts&#34;: 1" in page
    assert "7b 22 74 73" in page
    assert "devices.csv: tree-77," in page
    await text_of(client, "/deadletters/98", status=404)
    await text_of(client, "/deadletters/none", status=404)


def test_a_register_is_named_only_where_the_topic_says_it(site: Site) -> None:
    """A foreign topic names no device of ours; nothing is invented."""
    assert (register_row(letter(topic="longcheng/v1/camera/cam-9/sighting"), site) or "").startswith(
        "cameras.csv: cam-9,"
    )
    assert register_row(letter(topic="v3/app/devices/x/up"), site) is None
    assert register_row(letter(reason=RejectReason.DECODE), site) is None


async def test_buttons_are_there_for_who_may(client: Client, keyed: Client) -> None:
    """Who only looks sees no form that would be refused."""
    assert "mend-form" not in await text_of(client, "/deadletters/1")
    async with keyed.get("/deadletters/1", headers=_AS_TOKEN) as answer:
        assert "mend-form" in await answer.text()


async def test_a_mended_message_is_tried_before_it_goes(keyed: Client, desk: FakeDesk) -> None:
    """The check changes nothing, says by what it would be read and into what, or why not."""
    path = "/api/v1/deadletters/3/check"
    tried = await post(keyed, path, {"topic": "longcheng/v1/tree/tree-1/telemetry", "payload": "{}"})
    assert (tried["is_read"], tried["reader"], tried["made"][0]["name"]) == (True, "telemetry (tree)", "tree-1")
    raw = base64.b64encode(b"\x00\x01").decode()
    refused = await post(keyed, path, {"payload_base64": raw})
    assert (refused["is_read"], refused["rejects"][0]["reason"]) == (False, "decode")
    assert [one.id for one in desk.letters] == [1, 2, 3]


async def test_mending_keeps_who_and_why(keyed: Client, desk: FakeDesk) -> None:
    """The letter goes, and what it was stays beside what was put through; what nobody could read is refused."""
    path = "/api/v1/deadletters/3/mend"
    order = {"payload": "{}", "who": "李姐", "why": "the installer's record"}
    await post(keyed, path, {**order, "payload": "still nothing"}, status=400)
    await post(keyed, path, {"payload": "{}", "who": "李姐"}, status=400)
    before = desk.letters[2].payload
    done = await post(keyed, path, order)
    assert (done["who"], done["why"], base64.b64decode(done["payload_base64"])) == ("李姐", order["why"], before)
    assert [one.id for one in desk.letters] == [1, 2]
    listed = await json_of(keyed, "/api/v1/mended-letters")
    assert [one["letter_id"] for one in listed["items"]] == [3]
    assert "the installer&#39;s record" in await text_of(keyed, "/deadletters")
    await post(keyed, path, order, status=404)


async def test_a_replay_is_counted_first(keyed: Client, desk: FakeDesk) -> None:
    """Nothing is done by counting."""
    counted = await post(keyed, "/api/v1/deadletters/replay/count", {"ids": [1, 3]})
    assert counted == {"messages": 2, "replayed": 1, "letters": 1, "still_refused": 1}
    assert len(desk.letters) == 3


@pytest.mark.parametrize("path", ["/deadletters/3/mend", "/deadletters/3/check", "/deadletters/replay/count"])
async def test_who_may_only_read_mends_nothing(keyed: Client, desk: FakeDesk, path: str) -> None:
    """Without a token that may."""
    await post(keyed, f"/api/v1{path}", {"ids": [3], "payload": "{}", "who": "x", "why": "y"}, token=None, status=401)
    assert len(desk.letters) == 3
