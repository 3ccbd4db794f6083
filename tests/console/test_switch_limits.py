"""Limits of switches in the words of the rules' pages and of `rules explain`: as people would say them."""

import pytest

from app.rule_cards import card_of
from config.limits import Side
from config.load import Site, load_site
from console.explaining import Say, cleared, happened, raised
from console.pages.rule_words import level_words, meaning
from console.words import Words
from rules.engine import Engine
from rules.explain import judged_by, only
from rules.files import load_rules


@pytest.fixture(scope="module")
def demo() -> Site:
    return load_site("demo")


@pytest.mark.parametrize(
    ("language", "means", "level"),
    [
        ("zh-CN", "烟雾：有或无。", "出现即告警 · 须人工确认后解除"),
        ("en", "smoke: yes or no.", "alarms as soon as it is seen · ends only by a person's word"),
    ],
)
def test_the_shipped_rule_about_smoke(demo: Site, language: str, means: str, level: str) -> None:
    """Its limit is `equals: true` in the file, and on no page."""
    words = Words(demo, language, 0)
    rule = next(one for one in load_rules(demo.rule_files, demo) if one.id == "charger-smoke")
    card = card_of(rule, demo)
    assert meaning(card, words) == means
    (shown,) = level_words(card, words)
    assert shown.text == level


def test_numbers_stand_with_their_sides(demo: Site) -> None:
    """A limit raises when it is reached and clears when it is passed."""
    words = Words(demo, "zh-CN", 0)
    assert raised(Side(above=55.0), "°C", words) == "≥ 55 °C"
    assert cleared(Side(below=50.0), "°C", words) == "< 50 °C 时解除"
    assert cleared(Side(equals=False), "", words) == "消失后解除"
    assert happened(Side(below=3.0), "A", words) == "≤ 3 A"
    assert happened(Side(equals=True), "", words) == "出现"


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "现在 无"), ("en", "now no")])
def test_a_switch_lacks_no_number(demo: Site, language: str, said: str) -> None:
    """What is still missing for an alarm of smoke is not `1`."""
    rule = next(one for one in load_rules(demo.rule_files, demo) if one.id == "charger-smoke")
    device = next(one.device_id for one in demo.devices.values() if one.kind == "charger")
    engine = Engine((rule,), only(device, demo), saved={}, listening_since_ms=0)
    (judged,) = judged_by(device, (rule,), demo, engine, 0, saved={}, newest={device: {"smoke": (0, False)}})
    say = Say(demo, Words(demo, language, 0))
    (one,) = judged.gathering
    assert say.missing(one, judged) == said
