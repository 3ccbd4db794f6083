"""Which words of people are kept."""

import pytest

from domain.case_order import CaseAct, CaseOrder, wrong_case_order
from domain.order import AlarmOrder, OrderKind, wrong_order
from domain.said import wrong_words
from domain.silence import Silence, wrong_silence

WRONG = [
    ("x" * 1001, "why has 1001 characters; 1000 are kept at most"),
    ("a\0b", "why has the control character U+0000; leave it out"),
    ("\x1b[2J", "why has the control character U+001B; leave it out"),
    ("\ud800", "why has the control character U+D800; leave it out"),
]


@pytest.mark.parametrize(("why", "problem"), WRONG, ids=range(len(WRONG)))
def test_too_many_and_control_characters_are_refused_everywhere(why: str, problem: str) -> None:
    """Of cases, of alarms and of silences, the same."""
    case = CaseOrder(case_id="1", act=CaseAct.RETURN, who="王工", why=why)
    alarm = AlarmOrder(id=0, kind=OrderKind.ACK, alarm_id=1, who="王工", why=why, given_ms=0)
    silence = Silence(id=0, who="王工", why=why, given_ms=0, from_ms=0, until_ms=9, rule_id="smoke")

    assert wrong_case_order(case, 0) == wrong_order(alarm) == wrong_silence(silence) == problem


def test_lines_and_a_thousand_characters_are_kept() -> None:
    """As the API takes them."""
    assert wrong_words({"who": "王" * 200, "why": "一\n二\t" * 250, "unit": None}) is None
    assert wrong_words({"who": "王" * 201}) == "who has 201 characters; 200 are kept at most"
