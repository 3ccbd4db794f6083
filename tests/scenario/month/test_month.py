"""A month of a small city through the real code: every figure agrees with what happened, and nothing is told twice."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.commands.report_view import as_data
from app.simulation.account import Message
from app.simulation.city import Size, write_city
from app.simulation.month import STEP_MS, Month
from cases.kpi.bulletin import make_bulletin
from cases.kpi.period import Period, Span
from config.load import load_site
from domain.case import LogEntry
from domain.notice import Notice
from tests.scenario.month.count import Count
from tests.scenario.month.figures import Figures

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MOST = 1_000_000


class Lived(NamedTuple):
    """A month that is over, what reports say of it, and what was counted of it apart."""

    month: Month
    report: dict[str, Any]
    figures: Figures
    counted: Count
    notices: list[Notice]


def live(folder: Path, *, days: int = 30, cameras: int = 24, shops: int = 140, restarts: bool = False) -> Lived:
    """September 2026, with 中秋节 on its 25th and a Sunday that is worked, the 20th."""
    write_city(folder, Size.of(cameras, shops), 1)
    site = load_site(str(folder), {})
    first = date(2026, 9, 1)
    period = Period(Span.MONTH, first, first + timedelta(days=days), site.timezone)
    month = Month(site, period, 1, restarts=restarts)
    asyncio.run(month.run())
    count = Count(month.account, folder, period.from_ms, period.to_ms, STEP_MS)
    report = as_data(make_bulletin(month.product.store, site, period, period.to_ms))
    return Lived(month, report, Figures(count), count, list(reversed(month.product.store.notices(limit=MOST))))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """One month for all tests of this file."""
    found = live(tmp_path_factory.mktemp("month") / "site")
    yield found
    found.month.product.close()


def as_counted(value: Any) -> Any:
    """A figure of the report as it is counted here."""
    if isinstance(value, dict) and "numerator" in value:
        return value["numerator"], value["denominator"]
    if isinstance(value, dict) and "median_ms" in value:
        return value["n"], value["median_ms"], value["p90_ms"]
    return value


def differing(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Figures that are not the same: what was counted, and what the report says."""
    return {
        name: (value, as_counted(theirs[name])) for name, value in ours.items() if value != as_counted(theirs[name])
    }


def test_it_was_a_month_worth_counting(lived: Lived) -> None:
    """Whatever can become of a find has happened; else the agreement below says little."""
    city = lived.figures.sheet()
    corrected, told = city["self_correction"]
    assert told > 120
    assert 0.8 < corrected / told < 0.95
    assert city["self_correction_strict"][1] > told, "nobody was told of some"
    assert city["closing"][1] > 15
    assert city["on_time"][0] < city["closing"][0], "some were closed late"
    assert city["rework"][0] > 0
    assert city["repeat"][0] > 0
    assert {deed.what for deed in lived.month.account.deeds} >= {
        "upheld",
        "dismissed",
        "says corrected",
        "confirmed",
        "rejected",
    }
    assert any(one.struck for one in lived.counted.finds)
    account = lived.month.account
    assert {message.step for message in account.messages} >= {"notice_1", "notice_2", "case_sensor", "digest"}
    assert any(refused.final for refused in account.refused)
    assert any(not look.healthy for look in account.looks)


def test_every_figure_of_the_city_agrees(lived: Lived) -> None:
    """Each with what it is a share of."""
    assert differing(lived.figures.sheet(), lived.report["city"]) == {}


@pytest.mark.parametrize("by", ["district", "sub_district", "road", "shop", "matter"])
def test_every_figure_of_every_part_agrees(lived: Lived, by: str) -> None:
    """And there are no parts but these."""
    theirs = {tuple(part["key"]): part for part in lived.report["parts"][by]}
    ours = lived.figures.parts(by)
    assert theirs.keys() == ours.keys()
    wrong = {key: found for key, part in ours.items() if (found := differing(part, theirs[key]))}
    assert wrong == {}


def test_the_same_are_praised(lived: Lived) -> None:
    """By the criteria of the site, which a month is long enough for."""
    shops, roads = lived.figures.praised()
    assert not lived.report["exemplary"]["too_early"]
    assert [one["name"][0] for one in lived.report["exemplary"]["shops"]] == shops
    assert [tuple(one["name"]) for one in lived.report["exemplary"]["roads"]] == roads
    assert shops


def test_each_deadline_is_what_the_calendar_says(lived: Lived) -> None:
    """Also over the holiday and the Sunday that is worked; and the running numbers of cases have no gap."""
    store = lived.month.product.store
    kept = {case.id: (case.opened_ms, case.due_ms, case.closed_ms) for case in store.cases(limit=MOST)}
    assert kept == {case.id: (case.at_ms, case.due_ms, case.closed_ms) for case in lived.counted.cases}


def arrived(lived: Lived) -> list[tuple[str, Message]]:
    """Every notice to a person with the message it came in, once for each time that the provider took it."""
    people = [message for message in lived.month.account.messages if message.channel != "command"]
    return [(key, message) for message in people for key in message.members]


def test_leave_is_kept(lived: Lived) -> None:
    """What a shop may do leads to no word and no case; leave that is over, or for another matter, helps nobody."""
    ladders = [one for one in lived.month.product.store.ladders(open_only=False, limit=MOST) if one.permit]
    assert {(one.subject, one.started_ms) for one in ladders} == {
        (one.subject, one.at_ms) for one in lived.counted.allowed
    }
    assert ladders
    assert {one.id for one in ladders}.isdisjoint(notice.ladder_id for notice in lived.notices)
    told = {(one.place.shop_id, one.place.matter) for one in lived.counted.finds if one.told_ms is not None}
    permits = lived.counted.registers.permits
    assert told & {(shop_id, matter) for shop_id, matter, _first, last in permits if last < date(2026, 9, 1)}
    assert told & {(shop_id, "09010") for shop_id, _matter, _first, last in permits if last > date(2026, 9, 30)}


def test_nobody_is_told_twice(lived: Lived) -> None:
    """One word for each recipient, episode and step; what came again, its answer lost, had the same key."""
    assert max(Counter(key for key, message in arrived(lived) if message.accepted).values()) == 1
    words = Counter(
        (notice.recipient, notice.ladder_id, notice.step)
        for notice in lived.notices
        if notice.step.startswith("notice_")
    )
    assert max(words.values()) == 1


def test_no_shop_is_woken(lived: Lived) -> None:
    """From 21:00 to 08:00 nothing goes to a shop or a keeper but what is critical."""
    reminders = [message for _key, message in arrived(lived) if message.channel == "sms" and not message.urgent]
    hours = [datetime.fromtimestamp(message.at_ms / 1000, lived.month.site.timezone).hour for message in reminders]
    assert reminders
    assert all(8 <= hour < 21 for hour in hours)


def test_nobody_is_told_of_anothers_shop(lived: Lived) -> None:
    """A reminder goes to the contact of the shop whose zone it is, to the keeper of its sub-district, or the desk."""
    site = lived.month.site
    shops = {
        f"{camera.camera_id}/{zone.zone}": site.shops.get(zone.shop_id or "")
        for camera in site.cameras.values()
        for zone in camera.zones
    }
    for notice in lived.notices:
        if not notice.step.startswith("notice_"):
            continue
        shop = shops[notice.subject]
        place = shop.location if shop else site.cameras[notice.subject.partition("/")[0]].location
        allowed = {f"street-keeper:{place.sub_district}", "duty-desk", shop.contact if shop else None}
        assert notice.recipient in allowed
    address = {notice.key: notice.recipient.removeprefix("sms:") for notice in lived.notices}
    told = [(address[key], message) for key, message in arrived(lived) if address[key].startswith("+86139")]
    assert told
    assert all(message.address == to for to, message in told)


def test_no_case_without_pictures(lived: Lived) -> None:
    """Where a ladder led to it: one of before or of its coming, and the one that proves it."""
    cases = [case for case in lived.month.product.store.cases(limit=MOST) if case.ladder_id is not None]
    assert cases
    for case in cases:
        pictures = [look.picture for look in (case.context, case.onset, case.confirmed) if look and look.picture]
        assert len(set(pictures)) >= 2, case.id


def test_no_case_twice_for_the_same(lived: Lived) -> None:
    """While a case of a matter at a place is open, there is no other of it."""
    for case in lived.counted.cases:
        others = [one for one in lived.counted.cases if one.scope == case.scope and one.at_ms > case.at_ms]
        assert all(case.closed_ms is not None and case.closed_ms <= one.at_ms for one in others)


def test_every_story_is_complete_and_in_order(lived: Lived) -> None:
    """From what was seen to how it ended, each line not earlier than the one before it."""
    store = lived.month.product.store
    for case in store.cases(limit=MOST):
        lines = store.log(case_id=case.id)
        said = [line.what for line in lines if line.case_id == case.id]
        assert said[:4] == ["case_collected", "case_filed", "case_limit", "case_dispatched"], case.id
        assert [line.at_ms for line in lines] == sorted(line.at_ms for line in lines), case.id
        assert (case.closed_ms is None) == ("case_closed" not in said), case.id
        if case.ladder_id is not None:
            assert _names(lines)[0] == "alarm_seen", case.id
            assert {"still_there", "strike"} & set(_names(lines)), case.id


def _names(lines: list[LogEntry]) -> list[str]:
    return [line.what for line in lines]


def test_nothing_critical_waits(lived: Lived) -> None:
    """It goes alone or as urgent, and in the step in which it was written, unless the provider refuses it."""
    refused = {one.key for one in lived.month.account.refused}
    critical = [message for message in lived.month.account.messages if message.urgent]
    assert critical
    assert all(message.step != "digest" for message in critical)
    assert all(message.at_ms == message.created_ms for message in critical if message.key not in refused)


def in_order(lived: Lived) -> list[Message]:
    """Its messages by time, then by channel."""
    return sorted(lived.month.account.messages, key=lambda message: (message.at_ms, message.channel))


def test_the_same_seed_gives_the_same_month_though_it_begins_again_every_night(tmp_path: Path) -> None:
    """A product that remembers nothing but its store counts the same; and what is left to chance is the seed's.

    Of one moment, what goes by two channels may go in either order.
    """
    once, again = (live(tmp_path / name, days=6, restarts=name == "restarted") for name in ("plain", "restarted"))
    assert once.report == again.report
    assert in_order(once) == in_order(again)
    for each in (once, again):
        each.month.product.close()
