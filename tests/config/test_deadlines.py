"""Time limits and tiers, as files say them."""

from pathlib import Path

import pytest

from config.deadlines import told
from config.load import SHARED, load_site
from config.schema import Emergency, Matters
from config.source import load
from config.texts import LANGUAGES, Texts
from domain.errors import ConfigError
from domain.finding import Severity
from domain.register import Location
from domain.time_limit import Tier, TimeLimit, TimeUnit
from tests.cases.city import make_site

MATTERS = """\
catalogue: gb47678.5-2026
matters:
  "06010":
    zh: 暴露垃圾
    en: Garbage lying open
    handle_within: {limit}
    unit: {unit}
    advice: {{zh: 请清理, en: clear it}}
    source: example
"""
MINUTES, EMERGENCY = TimeUnit.MINUTES, TimeUnit.EMERGENCY_HOURS
HOURS, DAYS, NATURAL = TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS, TimeUnit.NATURAL_DAYS
SHUANGGUI = Location(district="天宁区", sub_district="天宁街道", road="双桂街", lon_deg=119.95, lat_deg=31.78)


def emergency(folder: Path, limit: str, emergency: str) -> Emergency | None:
    """What a file says with `handle_within` and `emergency`."""
    path = folder / "matters.yaml"
    path.write_text(MATTERS.format(limit=f"{limit}\n    emergency: {emergency}", unit="team"), encoding="utf-8")
    return load(path, Matters, {}).matters["06010"].emergency


def test_an_emergency_is_read(tmp_path: Path) -> None:
    """From critical on, unless it says otherwise; by tier or for all."""
    read = emergency(tmp_path, "1 工作日", "{from: warn, handle_within: {A: 30 分钟, B: 1h, C: 2 紧急工作时}}")
    assert read is not None
    assert (read.from_, read.handle_within[Tier.A]) == (Severity.WARN, TimeLimit(30, MINUTES))
    read = emergency(tmp_path, "1 工作日", "{handle_within: 2h}")
    assert read is not None
    assert (read.from_, read.handle_within[Tier.C]) == (Severity.CRITICAL, TimeLimit(2, EMERGENCY))


@pytest.mark.parametrize(
    ("limit", "said", "problem"),
    [
        ("1 工作日", "{handle_within: 4 工作时}", "an emergency runs by night and on holidays too"),
        ("2 工作时", "{handle_within: 3 紧急工作时}", "emergency.handle_within gives more time than handle_within"),
        ("1 工作日", "{from: grave, handle_within: 1h}", "from is 'grave'"),
    ],
)
def test_what_is_no_emergency(limit: str, said: str, problem: str, tmp_path: Path) -> None:
    """It waits for no office, and is never slower than what is none."""
    with pytest.raises(ConfigError, match=problem):
        emergency(tmp_path, limit, said)


def limits(folder: Path, text: str, unit: str = "team") -> dict[Tier, TimeLimit]:
    """What a file says with `handle_within: {text}`."""
    path = folder / "matters.yaml"
    path.write_text(MATTERS.format(limit=text, unit=unit), encoding="utf-8")
    return load(path, Matters, {}).matters["06010"].handle_within


@pytest.mark.parametrize(
    ("text", "n", "unit"),
    [
        ("2 紧急工作时", 2, EMERGENCY),
        ("2紧急工作小时", 2, EMERGENCY),
        ("4 个工作时", 4, HOURS),
        ("1 工作日", 1, DAYS),
        ("0.5 个工作日", 0.5, DAYS),
        ("5 自然日", 5, NATURAL),
        ("30 分钟", 30, MINUTES),
        ("2 emergency hours", 2, EMERGENCY),
        ("1 Emergency Hour", 1, EMERGENCY),
        ("4 working hours", 4, HOURS),
        ("1 working day", 1, DAYS),
        ("10  working  days", 10, DAYS),
        ("5 natural days", 5, NATURAL),
        ("30 minutes", 30, MINUTES),
        ("30m", 30, MINUTES),
        ("8h", 8, EMERGENCY),
        ("1.5h", 1.5, EMERGENCY),
        ("2d", 2, NATURAL),
    ],
)
def test_a_limit_for_all_places(tmp_path: Path, text: str, n: float, unit: TimeUnit) -> None:
    """In Chinese, in English, or as a plain duration, which has always run on."""
    assert limits(tmp_path, text) == dict.fromkeys(Tier, TimeLimit(n, unit))


def test_a_limit_for_each_tier(tmp_path: Path) -> None:
    """Core streets sooner than the outskirts."""
    assert limits(tmp_path, "{A: 2 紧急工作时, B: 4 working hours, C: 1 工作日}") == {
        Tier.A: TimeLimit(2, EMERGENCY),
        Tier.B: TimeLimit(4, HOURS),
        Tier.C: TimeLimit(1, DAYS),
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2 日", "line 6: matters.06010.handle_within is '2 日': write 2 紧急工作时, 4 工作时, 1 工作日, 5 自然日"),
        ("2 hours", "is '2 hours': write 2 紧急工作时"),
        ("2 紧急工作日", "is '2 紧急工作日': write 2 紧急工作时"),
        ("工作日", "is '工作日': write 2 紧急工作时"),
        ("-1 工作日", "is '-1 工作日': write"),
        ("8", "is 8: write 2 紧急工作时"),
        ("0 工作日", "is '0 工作日': no time at all is no limit"),
        ("99999h", "is '99999h': write"),
        ("{A: 2 紧急工作时, B: 4 工作时}", "line 6: matters.06010.handle_within: it has no limit for C; give one for"),
        ("{A: 2h, B: 4 kg, C: 1d}", "matters.06010.handle_within.B is '4 kg': write 2 紧急工作时"),
        ("{A: 2h, B: 4h, C: 1d, D: 9d}", "must be 'A', 'B' or 'C'"),
    ],
)
def test_what_is_no_limit_is_told_with_what_is_allowed(tmp_path: Path, text: str, says: str) -> None:
    """And with file and line, once."""
    with pytest.raises(ConfigError) as wrong:
        limits(tmp_path, text)
    assert says in str(wrong.value)
    assert len(wrong.value.problems) == 1
    assert str(wrong.value).count("紧急工作时, 4") <= 1


@pytest.mark.parametrize("text", ["2 工作时", "1 working day", "{A: 2h, B: 2h, C: 1 工作日}"])
def test_the_duty_desk_does_not_wait_for_office_hours(tmp_path: Path, text: str) -> None:
    """A fire on the eve of a holiday would be due after it."""
    with pytest.raises(ConfigError, match="unit is duty_desk, which works by night and on holidays too"):
        limits(tmp_path, text, unit="duty_desk")
    assert limits(tmp_path, "30 分钟", unit="duty_desk")[Tier.C] == TimeLimit(30, MINUTES)


def test_limits_are_said_in_both_languages() -> None:
    """As one reads them, one or many."""
    texts = Texts.load(SHARED / "texts")
    said = {
        (unit, n): tuple(told(TimeLimit(n, unit), texts, language) for language in LANGUAGES)
        for unit in TimeUnit
        for n in (1, 2.5)
    }
    assert said[EMERGENCY, 1] == ("1 紧急工作时", "1 emergency hour")
    assert said[HOURS, 2.5] == ("2.5 工作时", "2.5 working hours")
    assert said[DAYS, 1] == ("1 工作日", "1 working day")
    assert said[NATURAL, 2.5] == ("2.5 自然日", "2.5 natural days")
    assert said[MINUTES, 1] == ("1 分钟", "1 minute")


def test_what_is_said_can_be_written(tmp_path: Path) -> None:
    """A limit copied from the page into a file is that limit."""
    texts = Texts.load(SHARED / "texts")
    for unit in TimeUnit:
        for n in (1, 0.5, 30):
            for language in LANGUAGES:
                limit = TimeLimit(n, unit)
                assert limits(tmp_path, told(limit, texts, language))[Tier.B] == limit


def settings(folder: Path, text: str) -> Path:
    """A site with these settings of its deadlines."""
    make_site(folder)
    path = folder / "site.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\ndeadlines: {text}\n", encoding="utf-8")
    return path


def test_office_hours_are_the_sites(tmp_path: Path) -> None:
    """In the shipped sites 08:00–12:00 and 14:00–18:00."""
    path = settings(tmp_path, '{office_hours: ["09:00-12:00", "13:30-17:30"], default_tier: C, accept: 5m}')
    told = load_site(str(path.parent), {}).settings.deadlines
    assert [f"{begin:%H:%M} {end:%H:%M}" for begin, end in told.spans] == ["09:00 12:00", "13:30 17:30"]
    assert (told.default_tier, told.accept, told.dispatch, told.verify) == (Tier.C, 300, 900, 1800)
    shipped = load_site("starter", {}).settings.deadlines
    assert [f"{begin:%H:%M} {end:%H:%M}" for begin, end in shipped.spans] == ["08:00 12:00", "14:00 18:00"]


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ('["8-12"]', "'8-12' is no part of a day; write e.g. 08:00-12:00"),
        ('["22:00-06:00"]', "'22:00-06:00' ends before it begins"),
        ('["08:00-08:00"]', "'08:00-08:00' ends before it begins"),
        ('["14:00-18:00", "08:00-12:00"]', "'08:00-12:00' begins before the one before it ends, at 18:00"),
        ('["08:00-12:00", "11:00-18:00"]', "'11:00-18:00' begins before the one before it ends, at 12:00"),
        ("[]", "office_hours"),
    ],
)
def test_impossible_office_hours_are_refused(tmp_path: Path, hours: str, says: str) -> None:
    """With the line: no office at all would make every limit endless."""
    path = settings(tmp_path, f"{{office_hours: {hours}}}")
    with pytest.raises(ConfigError) as wrong:
        load_site(str(path.parent), {})
    assert says in str(wrong.value)
    assert wrong.value.line is not None


def tiers(folder: Path, *lines: str) -> Path:
    """A site with this table."""
    make_site(folder)
    (folder / "tiers.csv").write_text("\n".join(("sub_district,road,tier", *lines, "")), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("lines", "tier"),
    [
        ((), "B"),
        (("红梅街道,,A",), "B"),
        (("天宁街道,,A",), "A"),
        (("天宁街道,,A", ",双桂街,C"), "C"),
        ((",双桂街,C", "天宁街道,双桂街,A", "天宁街道,,B"), "A"),
        (("红梅街道,双桂街,A",), "B"),
    ],
)
def test_the_nearest_name_decides(tmp_path: Path, lines: tuple[str, ...], tier: str) -> None:
    """A road in its sub-district, else that road anywhere, else the sub-district, else the default."""
    assert load_site(str(tiers(tmp_path, *lines)), {}).tiers.of(SHUANGGUI) == Tier(tier)


def test_an_unknown_place_is_as_most_are(tmp_path: Path) -> None:
    """A device that has left the registers."""
    assert load_site(str(tiers(tmp_path, "天宁街道,,A")), {}).tiers.of(None) is Tier.B


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("天宁街道,,D",), "tiers.csv line 2: tier is 'D'; there is A, B, C"),
        (("天宁街道,,",), "tiers.csv line 2: tier is empty"),
        ((",,A",), "tiers.csv line 2: it names no place; fill in sub_district, road, or both"),
        (("天宁街道,,A", ",双桂街,B", "天宁街道,,B"), "line 4: '天宁街道' stands on line 2 already, with tier A"),
    ],
)
def test_what_is_no_tier_is_told(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    """With file and line."""
    with pytest.raises(ConfigError) as wrong:
        load_site(str(tiers(tmp_path, *lines)), {})
    assert says in str(wrong.value)


def test_shipped_limits_are_the_citys() -> None:
    """Read off the source that each names: what it says in brackets is what is counted."""
    for code, matter in load(SHARED / "matters.yaml", Matters, {}).matters.items():
        limit = matter.handle_within[Tier.B]
        assert matter.handle_within == dict.fromkeys(Tier, limit)
        if matter.source.startswith("立案") and matter.unit == "team":
            said = told(limit, Texts.load(SHARED / "texts"), "zh-CN")
            assert said in matter.source or (code, said) == ("07003", "1 工作日")
