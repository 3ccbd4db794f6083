"""kill -9 at every step from a look to a case, and of every message: none is lost, none is there twice, and the story
is the one that it would have been.

A message can come twice at one place only: it has gone, and the process dies before the case store knows, be it there
(`sent`) or, at that very moment, elsewhere. Then the next start sends it again with the same key, and the same words;
whoever keeps keys has it once. `tests/cases/test_power_cut.py` has every statement in between.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.case import CaseState
from domain.notice import Notice, NoticeState
from tests.cases.notices.receivers import post_office
from tests.fakes.brokers import Mosquitto
from tests.scenario.corner import Bureau, Corner
from tests.scenario.product import Product
from tests.scenario.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(400)]

FILED = ["case_collected", "case_filed", "case_limit", "case_dispatched"]
Got = list[tuple[str, bytes]]


@pytest.fixture
def bureau() -> Iterator[Bureau]:
    """One for each story."""
    bureau = Bureau()
    yield bureau
    bureau.close()


def without_repeats(lines: list[str], what: str) -> list[str]:
    """The story, in which a camera that did not answer may have been asked again."""
    return [line for number, line in enumerate(lines) if line != what or lines[number - 1 : number] != [what]]


def _corrected(product: Product) -> int:
    """What the indicators say of self-correction."""
    return int(product.json("api/v1/kpi")["self_correction"]["corrected"])


def account(got: Got, notices: list[Notice], *, deaths: int, sent_unknown: int = 0, refused: int = 0) -> None:
    """Each notice came by the one key that it has, always in the same words.

    It came more often for each of `sent_unknown` deaths, and each that was `refused`, and perhaps for other `deaths`.
    """
    assert Counter((one.recipient, one.subject, one.step) for one in notices).most_common(1)[0][1] == 1
    assert {one.state for one in notices} == {NoticeState.SENT}
    words = defaultdict(set)
    for key, body in got:
        words[key].add(body)
    assert set(words) == {one.key for one in notices}
    assert [key for key, said in words.items() if len(said) > 1] == []
    assert sent_unknown <= len(got) - len(words) - refused <= deaths


def test_from_a_look_to_a_case(tmp_path: Path, broker: Mosquitto, bureau: Bureau) -> None:
    """Two notices and a case, killed before and after everything that is written and sent; the bureau's system refuses
    the first word once, and hangs at the last one while the process is killed from outside."""
    corner = Corner(tmp_path / tmp_path.name, broker, {"webhook_url": bureau.url}, ["shop:S0"])
    bureau.answers = [500]
    corner.known_to_the_broker()
    corner.look()
    corner.look()
    with corner.watched():
        corner.dies_at("notice_1>committed", "sent", "look_asked>ticked")
        corner.dies_at("notice_2>committed", "sent", "case_filed", "case_filed>committed")
        bureau.hangs_at = "case_shop"
        with corner.running() as product:
            until(lambda: "case_shop" in bureau.steps(), lambda: "the case's word is on its way")
            product.kill()
        bureau.hangs_at = ""
        bureau.released.set()
        with corner.running() as product:
            notices = corner.settled("notice_1", "notice_2", "case_shop")
            cases, corrected = product.json("api/v1/cases")["items"], _corrected(product)
    corner.close()

    account(bureau.got, notices, deaths=8, sent_unknown=3, refused=1)
    assert len(cases) == 1
    asked = without_repeats(corner.story(of="C1/door-0"), "look_asked")
    assert asked == ["alarm_seen", "notice_1", "look_asked", "notice_2", "look_asked", "still_there", *FILED]
    with corner.book() as store:
        assert [case.state for case in store.cases()] == [CaseState.PENDING_HANDLE]
        assert store.counts().self_corrected == 0
    assert corrected == 0


def test_two_shops_that_correct_it_and_share_a_mailbox(tmp_path: Path, broker: Mosquitto) -> None:
    """One mail with both reminders: the same Message-ID and bytes at a repeat. Both are corrected, once each."""
    with post_office() as post:
        smtp = {"host": "127.0.0.1", "port": post.port, "security": "none", "sender": "no-reply@city.example"}
        notices: dict[str, Any] = {"smtp": smtp, "group_wait": "300ms", "group_interval": "300ms"}
        corner = Corner(tmp_path / tmp_path.name, broker, notices, ["smtp:market@city.example"] * 2)
        corner.known_to_the_broker()
        corner.look()
        corner.look()
        corner.dies_at("claimed", "sent")
        corner.clear = {"door-0", "door-1"}
        with corner.watched():
            corner.dies_at("self_corrected")
            with corner.running() as product:
                product.until(lambda one: _corrected(one) == 2, "both are corrected")
                told = corner.settled("notice_1")
        corner.close()

    assert [(one.step, one.state) for one in told] == [("notice_1", NoticeState.SENT)] * 2
    assert len({one.digest for one in told}) == 1
    first, *again = post.mails
    assert 1 <= len(again) <= 2
    assert {mail["Message-ID"] for mail in again} == {first["Message-ID"]}
    assert {mail.as_bytes() for mail in again} == {first.as_bytes()}
    for door in ("door-0", "door-1"):
        asked = without_repeats(corner.story(of=f"C1/{door}"), "look_asked")
        assert asked == ["alarm_seen", "notice_1", "look_asked", "alarm_clear_seen", "self_corrected"]
    with corner.book() as store:
        assert store.cases() == []
        assert store.counts().self_corrected == 2


def test_smoke_that_nobody_answers(tmp_path: Path, broker: Mosquitto, bureau: Bureau) -> None:
    """The desk, then the chief: each once, whatever dies between."""
    notices: dict[str, Any] = {"webhook_url": bureau.url, "recipients": {"*": ["webhook"]}}
    notices |= {"escalation": ["duty-desk", "chief"], "escalate_after": "1s"}
    corner = Corner(tmp_path / tmp_path.name, broker, notices, ["shop:S0"])
    corner.known_to_the_broker()
    corner.smoke()
    corner.dies_at("alarm_escalated", "escalated")
    with corner.running() as product:
        told = corner.settled("case_sensor", "escalated")
        cases = product.json("api/v1/cases")["items"]
    corner.close()

    account(bureau.got, told, deaths=2)
    assert [(one.step, one.recipient) for one in told] == [("case_sensor", "duty-desk"), ("escalated", "chief")]
    assert len(cases) == 1
    assert corner.story(of="E1") == ["alarm_raised", *FILED, "alarm_escalated"]
