"""Links to the page of one episode: nobody makes one, alters one, or uses one for another episode."""

import base64
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from cases.notices.wording import SINGLE_SMS
from cases.shop_links import KEY_FILE, ShopLinks
from domain.ladder import Ladder, LadderStep

NOW_MS = 1_787_293_500_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LADDER = Ladder(
    id=4711, alarm_id=9, subject="cam-1/front", matter="09010", camera_id="cam-1", shop_id="S1",
    step=LadderStep.NOTICE_1, started_ms=NOW_MS - 5, recheck_ms=NOW_MS + HOUR_MS,
)  # fmt: skip
KEY = "a key of sixteen or more"
IDS = st.integers(1, 2**63 - 1)


def _links(folder: Path, *keys: str, site: str = "here", url: str = "https://shops.example") -> ShopLinks:
    return ShopLinks(site=site, url=url, keys=keys, key_file=folder / KEY_FILE, lasting_ms=7 * DAY_MS)


OURS = _links(Path("/nowhere"), KEY)


def _opens(links: ShopLinks, token: str, ladder: Ladder, now_ms: int = NOW_MS) -> bool:
    claim = links.claim(token)
    return claim is not None and links.holds(claim, ladder, now_ms)


@given(IDS, st.integers(0, 2**40))
@example(1, 0)
@example(255, 0)
@example(256, 0)
@example(65_535, 0)
@example(65_536, 0)
def test_a_link_opens_its_own_episode_and_says_which(ladder_id: int, started_ms: int) -> None:
    """For any ladder; it names the ladder before anything is looked up."""
    ladder = replace(LADDER, id=ladder_id, started_ms=started_ms)
    token = OURS.token(ladder, NOW_MS)
    claim = OURS.claim(token)
    assert claim is not None
    assert claim.ladder_id == ladder_id
    assert OURS.holds(claim, ladder, NOW_MS)
    assert len(token) <= (24 if ladder_id < 65_536 else 32)


@given(st.integers(0, 10_000), IDS)
def test_a_link_with_any_bit_changed_opens_nothing(bit: int, ladder_id: int) -> None:
    """Not even the ladder that it then names."""
    ladder = replace(LADDER, id=ladder_id)
    token = OURS.token(ladder, NOW_MS)
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    altered = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    claim = OURS.claim(altered)
    named = replace(ladder, id=claim.ladder_id) if claim else ladder
    assert claim is None or not OURS.holds(claim, named, NOW_MS)


@given(st.integers(0, 23), st.sampled_from(string.ascii_letters + string.digits + "-_+/=. %é\n"))
def test_a_link_with_any_character_changed_opens_nothing(place: int, character: str) -> None:
    """Also one that decodes to the same bytes: each link is written in one way only."""
    token = OURS.token(LADDER, NOW_MS)
    assume(token[place] != character)
    assert not _opens(OURS, token[:place] + character + token[place + 1 :], LADDER)


@given(st.text(max_size=80))
def test_no_text_is_a_link_by_chance(text: str) -> None:
    """And none of them breaks anything."""
    assert not _opens(OURS, text, LADDER)


@pytest.mark.parametrize("change", ["", "x", "=", "\n", " "])
def test_what_is_added_or_missing_is_told(change: str) -> None:
    """At either end."""
    token = OURS.token(LADDER, NOW_MS)
    assert not _opens(OURS, f"{change}{token}" if change else token[1:], LADDER)
    assert not _opens(OURS, f"{token}{change}" if change else token[:-1], LADDER)


@given(IDS)
def test_a_link_opens_no_other_episode(other: int) -> None:
    """Not one of another number, nor one of the same number in a book that began anew."""
    claim = OURS.claim(OURS.token(LADDER, NOW_MS))
    assert claim is not None
    assume(other != LADDER.id)
    assert not OURS.holds(claim, replace(LADDER, id=other), NOW_MS)
    assert not OURS.holds(claim, replace(LADDER, started_ms=LADDER.started_ms + other), NOW_MS)


def test_another_key_or_site_opens_nothing(tmp_path: Path) -> None:
    """Two sites with the same secret are two."""
    token = OURS.token(LADDER, NOW_MS)
    assert not _opens(_links(tmp_path, KEY + "."), token, LADDER)
    assert not _opens(_links(tmp_path, KEY, site="there"), token, LADDER)


def test_it_ends_when_it_says(tmp_path: Path) -> None:
    """Seven days from when its notice may go out, to the next full hour."""
    token = OURS.token(LADDER, NOW_MS)
    assert _opens(OURS, token, LADDER, NOW_MS + 7 * DAY_MS - 1)
    assert not _opens(OURS, token, LADDER, NOW_MS + 7 * DAY_MS + HOUR_MS)
    tomorrow = OURS.token(LADDER, NOW_MS + DAY_MS)
    assert _opens(OURS, tomorrow, LADDER, NOW_MS + 8 * DAY_MS - 1)


def test_the_first_key_signs_and_all_are_believed(tmp_path: Path) -> None:
    """So that a key can be changed while links are out."""
    new = _links(tmp_path, "the new key, sixteen", KEY)
    assert _opens(new, OURS.token(LADDER, NOW_MS), LADDER)
    assert _opens(new, new.token(LADDER, NOW_MS), LADDER)
    assert not _opens(OURS, new.token(LADDER, NOW_MS), LADDER)
    assert new.token(LADDER, NOW_MS) == _links(tmp_path, "the new key, sixteen").token(LADDER, NOW_MS)


def test_a_link_leaves_room_in_a_short_message() -> None:
    """With an address of 30 characters there is as much left in the first SMS."""
    link = OURS.link(LADDER, NOW_MS)
    assert link is not None
    assert link.startswith("https://shops.example/n/")
    assert len(link) - len("https://shops.example") <= 27
    assert SINGLE_SMS - len(link) > 20


def test_without_an_address_there_is_no_link_and_no_key(tmp_path: Path) -> None:
    """Nothing is made that nobody asked for."""
    assert _links(tmp_path, url="").link(LADDER, NOW_MS) is None
    assert not (tmp_path / KEY_FILE).exists()


def test_a_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    """Every process of the folder signs with it, whoever came first; and none is left half made."""
    with ThreadPoolExecutor(16) as crowd:
        tokens = list(crowd.map(lambda _n: _links(tmp_path / "data").token(LADDER, NOW_MS), range(64)))
    assert len(set(tokens)) == 1
    path = tmp_path / "data" / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) >= 32
    assert [one.name for one in path.parent.iterdir()] == [KEY_FILE]
    assert not _opens(_links(tmp_path / "other"), tokens[0], LADDER)
