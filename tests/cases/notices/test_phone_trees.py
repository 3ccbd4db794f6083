"""Who is called one after the other when it burns, or when a tree may fall."""

from collections.abc import Iterator
from dataclasses import replace as replaced
from pathlib import Path

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from cases.notices.escalation import Escalation
from config.notices import Notices
from domain.finding import Change, Finding, Severity
from domain.notice import Notice
from domain.order import OrderKind
from tests.cases.city import Town, charger, clock_ms, make_site, tree

TREES = {
    "charger": ["duty-desk", {"tell": "call:fire-warden", "answer_within": "2m"}, "sms:chief"],
    "tree": [{"tell": "call:keeper", "answer_within": "3m"}, {"tell": "call:parks", "answer_within": "90s"}],
    "09012": ["call:traffic"],
}
NOTICES = Notices.model_validate(
    {"escalation": ["duty-desk", "boss"], "escalate_after": "5m", "repeat_every": "15m", "phone_trees": TREES}
)
SMOKE = charger(Change.RAISED, clock_ms("09:00"), rule_id="smoke", metric="smoke", value=1.0, limit=None)
LEAN = tree(Change.RAISED, clock_ms("09:00"))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with phone trees."""
    site = make_site(tmp_path / "site")
    town = Town(replaced(site, settings=site.settings.model_copy(update={"notices": NOTICES})), tmp_path)
    yield town
    town.store.close()


def called(town: Town, finding: Finding, *times: str) -> list[tuple[str, str]]:
    """When who was told, all of it sent at once; looked at every second of these minutes."""
    town.record(finding)
    known: set[str] = set()

    def news(at: str) -> list[tuple[str, str]]:
        new = [notice for notice in town.notices() if notice.key not in known]
        known.update(notice.key for notice in new)
        return [(at, notice.recipient) for notice in new]

    said = news("09:00")
    for at in times:
        Escalation(town.site).tick(town.store, clock_ms(at))
        town.send(clock_ms(at))
        said += news(at)
    return said


def minutes(first: int, last: int) -> list[str]:
    """Of the hour after nine."""
    return [f"09:{minute:02d}" for minute in range(first, last + 1)]


def test_a_station_s_tree_is_climbed_one_by_one(town: Town) -> None:
    """The desk has what `escalate_after` says, the warden two minutes; when all were told, all of them again."""
    assert called(town, SMOKE, *minutes(1, 38)) == [
        ("09:00", "duty-desk"),
        ("09:05", "call:fire-warden"),
        ("09:07", "sms:chief"),
        *[(at, one) for at in ("09:22", "09:37") for one in ("duty-desk", "call:fire-warden", "sms:chief")],
    ]


def test_the_first_of_a_tree_is_called_beside_the_desk(town: Town) -> None:
    """In the same transaction as the case, at once and as urgently."""
    assert called(town, LEAN, *minutes(1, 6)) == [
        ("09:00", "duty-desk"),
        ("09:00", "call:keeper"),
        ("09:03", "call:parks"),
    ]
    desk, keeper, _parks = town.notices()
    assert (keeper.urgent, keeper.not_before_ms, keeper.case_id) == (True, desk.not_before_ms, desk.case_id)
    assert keeper.body == desk.body


def test_who_answers_ends_it(town: Town) -> None:
    """The keeper takes it on after two minutes: nobody else is called."""
    assert len(called(town, LEAN, *minutes(1, 2))) == 2
    (alarm,) = town.store.alarms(open_only=True)
    town.give(OrderKind.ACK, alarm, clock_ms("09:02"))
    town.obey(clock_ms("09:02"))

    Escalation(town.site).tick(town.store, clock_ms("10:30"))
    assert len(town.notices()) == 2


def test_a_matter_goes_before_its_kind_and_all_others_take_the_general_order(town: Town) -> None:
    """By what is blocked, whatever saw it; a kind of device without a tree has the order for all."""
    blocked = replace(SMOKE, matter="09012")
    assert called(town, blocked, *minutes(1, 4)) == [("09:00", "duty-desk"), ("09:00", "call:traffic")]
    gateway = replace(SMOKE, kind="gateway", device_id="T1", subject="T1")
    assert NOTICES.order_of(gateway.kind, gateway.matter) == (("duty-desk", 300.0), ("boss", 300.0))
    assert NOTICES.called_at_once(gateway.kind, gateway.matter) is None


def test_what_is_told_anew_puts_nobody_off(town: Town) -> None:
    """The tree leans more while the keeper's three minutes run: the parks are called when those are over."""
    town.record(replace(LEAN, severity=Severity.WARN))
    town.record(replace(LEAN, change=Change.RENEWED, at_ms=clock_ms("09:02")))
    Escalation(town.site).tick(town.store, clock_ms("09:03"))

    said = [(notice.recipient, notice.step) for notice in town.notices()]
    both = [(one, step) for step in ("case_sensor", "case_worse") for one in ("duty-desk", "call:keeper")]
    assert said == [*both, ("call:parks", "escalated")]


def test_nobody_stands_in_a_tree_twice() -> None:
    """They are told again when all were told."""
    with pytest.raises(ValidationError, match="'boss' stands there twice"):
        Notices.model_validate({"phone_trees": {"charger": ["boss", "duty-desk", "boss"]}})


def test_the_words_of_the_next_say_how_long_nobody_has_answered(town: Town) -> None:
    """With what the first was told behind it."""
    called(town, LEAN, "09:03")
    word: Notice = town.notices()[-1]
    assert str(word.body["text_zh"]).startswith("【升级】3 分钟前已通知值班台、call:keeper，至今无人确认或处置。")
