"""A month through the real book, against what is known of it beforehand."""

from collections import Counter, defaultdict
from dataclasses import replace as with_

from msgspec.structs import replace

from cases.kpi.bulletin import Bulletin, make_bulletin
from cases.kpi.period import Period, Span
from cases.kpi.place import By
from cases.kpi.share import Share
from config.figures import Figures
from tests.fakes.invented_month import DAY_MS, STEP_MS, Episode, Month


def _struck(month: Month) -> set[Episode]:
    """Those that were the third or later of their shop within seven days: a case at once, and nobody told."""
    struck = set()
    by_shop: dict[str, list[Episode]] = defaultdict(list)
    for one in sorted(month.episodes, key=lambda one: one.at_ms):
        before = [other for other in by_shop[one.shop_id] if other.at_ms > one.at_ms - 7 * DAY_MS]
        if len(before) >= 2:
            struck.add(one)
        by_shop[one.shop_id].append(one)
    return struck


def test_the_months_figures_are_what_happened(month: Month, bulletin: Bulletin) -> None:
    """Counted from what was invented, which knows nothing of ladders, cases or their tables."""
    struck = _struck(month)
    told = [one for one in month.episodes if one not in struck]
    corrected = [one for one in told if one.stays < 2]
    uncorrected = [one for one in told if one.stays == 2]
    city = bulletin.city

    assert city.self_correction == Share(len(corrected), len(told))
    assert city.self_correction_strict == Share(len(corrected), len(month.episodes))
    chargers = city.finds - len(month.episodes)
    assert chargers == sum(case.kind == "charger" for case in month.store.cases(limit=1000)) > 0
    assert city.filing == Share(len(struck) + len(uncorrected) + chargers, city.finds)
    assert city.time_to_correct.n == len(corrected)
    assert city.time_to_correct.p90_ms == 2 * STEP_MS
    assert len(struck) > 0 < len(uncorrected)


def test_closing_is_what_people_did(month: Month, bulletin: Bulletin) -> None:
    """Of the cases due in October."""
    due = [case for case in month.store.cases(limit=1000) if bulletin.period.holds(case.due_ms)]
    closed = [month.closed[case.id] <= case.due_ms for case in due if case.id in month.closed]

    assert bulletin.city.closing == Share(len(closed), len(due))
    assert bulletin.city.on_time == Share(sum(closed), len(due))


def test_shops_and_roads_have_their_own(month: Month, bulletin: Bulletin) -> None:
    """Each shop's finds; and a road's are those of its shops."""
    of_shop = Counter(one.shop_id for one in month.episodes)
    counted = {part.key[0]: part.sheet.self_correction_strict.denominator for part in bulletin.parts[By.SHOP]}

    assert counted == dict(of_shop)
    whole = sum(part.sheet.self_correction_strict.denominator for part in bulletin.parts[By.ROAD])
    assert whole == len(month.episodes)
    assert len([part for part in bulletin.parts[By.ROAD] if part.key[1] == "双桂街"]) == 2  # of two districts


def test_its_days_add_up(bulletin: Bulletin) -> None:
    """31 of them."""
    assert len(bulletin.trend) == 31
    assert sum(sheet.finds for _day, sheet in bulletin.trend) == bulletin.city.finds


def test_who_was_told_too_seldom_is_not_ranked(month: Month, bulletin: Bulletin) -> None:
    """The others by their rate, of equals who was told more often first."""
    told = Counter(one.shop_id for one in month.episodes if one not in _struck(month))
    least = sorted(told.values())[len(told) // 2]  # so that some were told exactly so often
    settings = month.site.settings.model_copy(update={"figures": Figures(min_n=least)})
    bulletin = replace(bulletin, site=with_(month.site, settings=settings))
    ranked = bulletin.ranked(By.SHOP)
    order = [(-(part.sheet.self_correction.value or 0), -part.sheet.self_correction.denominator) for part in ranked]

    assert {part.key[0] for part in ranked} == {shop_id for shop_id, n in told.items() if n >= least}
    assert order == sorted(order)
    assert bulletin.unranked(By.SHOP) == sum(0 < n < least for n in told.values()) > 0


def test_a_report_as_of_an_earlier_moment_knows_no_more(month: Month) -> None:
    """And its period before is empty: nothing had happened."""
    period = Period.read(Span.DAY, "2026-10-15", month.site.timezone)
    noon_ms = period.from_ms + DAY_MS // 2
    early = make_bulletin(month.store, month.site, period, noon_ms)
    late = make_bulletin(month.store, month.site, period, period.to_ms + DAY_MS)

    begun = [one for one in month.episodes if period.from_ms <= one.at_ms <= noon_ms]
    assert early.city.self_correction_strict.denominator == len(begun)
    assert late.city.finds >= early.city.finds
    assert [part.name for part, _sheet in late.trend][-1] == "2026-10-15"


def test_overdue_cases_are_named_the_longest_first(month: Month, bulletin: Bulletin) -> None:
    """Those that nobody closed. Closed ones are not in the list, however late they were."""
    open_ones = [case for case in month.store.cases(limit=1000) if case.closed_ms is None]
    late = sorted((case.due_ms, case.id) for case in open_ones if case.due_ms < bulletin.as_of_ms)

    assert [(case.due_ms, case.id) for case in bulletin.overdue] == late


def test_it_is_too_early_to_praise(bulletin: Bulletin) -> None:
    """One month is no half year."""
    assert bulletin.praise.too_early
    assert replace(bulletin.praise, too_early=False).shops == ()
