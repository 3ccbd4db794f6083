"""How an alarm came about, in the words of the catalogue: what was found, with units, and no more digits than told."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import Struct

from config.load import Site
from console.explained import AboutAlarm
from console.explaining import Say, facts_of
from console.words import Words
from domain.case import Alarm
from domain.finding import AlarmState, Change, Finding, Severity
from domain.reading import Value


class Moment(Struct, frozen=True, kw_only=True):
    """Fits console.explained.Step."""

    findings: Sequence[Finding]
    at_ms: int = 0
    before: AlarmState | None = None
    after: AlarmState | None = None
    value: Value | None = None
    values: int = 0
    least: float | None = None
    most: float | None = None


FACTS: dict[str, Any] = {
    "rule_id": "charger-silent", "rule_version": "3f9a", "title_zh": "充电站失联", "title_en": "Station silent",
    "subject": "charger-01", "kind": "charger", "device_id": "charger-01", "severity": Severity.WARN, "since_ms": 0,
    "value": 220.004, "limit": 15.0, "limit_source": "chargers.yaml:296 charger-silent",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "facts", "said"),
    [
        ("zh-CN", {}, "解除 · 警告 · 无消息 3 分钟 40 秒，限值 15 秒 · chargers.yaml:296 charger-silent"),
        ("en", {}, "over · Warning · silent for 3 min 40 s, limit 15 s · chargers.yaml:296 charger-silent"),
        (
            "zh-CN",
            {"metric": "residual_ma", "value": 31.2041, "limit": 30.0, "limit_source": None},
            "解除 · 警告 · 漏电流 31.2 mA，限值 30 mA",
        ),
        ("zh-CN", {"value": None, "limit": None, "limit_source": None}, "解除 · 警告"),
        ("en", {"text_en": "It is over."}, "It is over."),
    ],
)
def test_a_step_without_words_of_its_rule(site: Site, language: str, facts: dict[str, Any], said: str) -> None:
    """And where the rule has words, those."""
    finding = Finding(**(FACTS | {"change": Change.RESOLVED, "at_ms": 220_004} | facts))
    say = Say(site, Words(site, language, 300_000))
    assert list(say.told(Moment(findings=[finding]))) == [said]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_change_has_a_word(site: Site, language: str) -> None:
    """None is left as the code has it."""
    say = Say(site, Words(site, language, 0))
    for change in Change:
        (said,) = say.told(Moment(findings=[Finding(**(FACTS | {"change": change, "at_ms": 0}))]))
        assert said.partition(" · ")[0] != change.value or language == "en", change


def test_the_facts_of_a_silence_are_times(site: Site) -> None:
    """Seconds without a unit say nothing."""
    alarm = Alarm(id=8, state=AlarmState.RESOLVED, raised_ms=15_720, seen_ms=15_720, **(FACTS | {"value": 15.72}))
    about = AboutAlarm(
        key=("charger-silent", "charger-01"), alarm=alarm, judged=None, rule=None, steps=(), said=0,
        start_ms=0, stop_ms=0, log=(),
    )  # fmt: skip
    facts = facts_of(about, Say(site, Words(site, "zh-CN", 300_000)))
    assert (facts["value"], facts["limit"]) == ("无消息 16 秒", "15 秒")
