"""What people read: every text fits its facts, in both languages."""

import string
from pathlib import Path

from config.texts import LANGUAGES, Texts
from domain.event import BESIDE_STORIES
from domain.finding import Change
from tests.cases.city import Town, bikes, charger, clock_ms, make_site
from tests.cases.everything import play_everything
from tests.cases.test_handling_texts import HANDLED, TOLD

ANSWERED = {
    "shop_corrected",
    "shop_contests",
    "confirm_asked",
    "confirm_asked_again",
    "confirm_yes",
    "confirm_no",
    "confirm_yes_by_link",
    "confirm_no_by_link",
    "gone",
    "permitted",
    "leave_over",
    "told_keeper_closed",
    "waits_for_opening",
    "contest_upheld",
    "contest_rejected",
    "contest_asked_again",
    "right_lost",
    "right_restored",
}
"""Lines of ladders that wait for somebody: the scenarios of `tests/scenario/ladder` write each of them."""
WORDLESS = {f"wordless.{what}" for what in ("shop_corrected", "shop_contests", "case_assigned", "case_reported")}
"""The same where nobody is named, or nothing was written with it."""
WRITTEN = {
    "alarm_seen",
    "alarm_read",
    "alarm_raised",
    "alarm_stale",
    "alarm_back",
    "alarm_held",
    "alarm_released",
    "alarm_unproven",
    "alarm_resolved",
    "alarm_clear_seen",
    "alarm_flapping",
    "alarm_steady",
    "alarm_worse",
    "alarm_milder",
    "alarm_acked",
    "alarm_acked_until",
    "alarm_taken_over",
    "alarm_taken_over_until",
    "alarm_ack_overtaken",
    "alarm_told",
    "alarm_called",
    "alarm_over_told",
    "alarm_escalated",
    "alarm_repeated",
    "alarm_silenced",
    "alarm_silenced_safety",
    "alarm_unsilenced",
    "alarm_unsilenced_early",
    "alarm_past_silence",
    "alarm_orphaned",
    "alarm_adopted",
    "notice_1",
    "notice_2",
    "look_asked",
    "still_there",
    "turned_urgent",
    "told_instead",
    "ladder_released",
    "self_corrected",
    "strike",
    "case_collected",
    "case_filed",
    "case_limit",
    "case_dispatched",
    "case_joined",
    "case_worse",
    "case_emergency",
    "case_returned",
    "case_partly_over",
    "case_reported_seen",
    "case_reported_read",
}


def test_every_line_of_the_log_has_its_text(town: Town) -> None:
    """Each line written here fills its text in both languages, and names the rule and its version."""
    play_everything(town)

    lines = [line for line in town.log() if line.what not in HANDLED]
    assert {line.what for line in lines} == WRITTEN
    for line in lines:
        for language in LANGUAGES:
            said = town.site.texts.say(language, f"story.{line.what}", line.facts)
            assert str(line.facts["rule_id"]) in said
            assert str(line.facts["rule_version"]) in said
            assert "None" not in said, said


def test_no_story_is_there_for_nothing(town: Town) -> None:
    """The catalogue has just the lines that the book writes, and those of the log beside the stories."""
    every = town.site.texts.keys()
    keys = {key.removeprefix("story.") for key in every if key.startswith("story.")}
    assert keys == WRITTEN | ANSWERED | WORDLESS | HANDLED | set(BESIDE_STORIES)


def test_every_notice_is_complete(town: Town) -> None:
    """Both languages, nothing unfilled, what to do and until when; the rule and its version stand in it."""
    play_everything(town)

    notices = [notice for notice in town.notices() if notice.step not in TOLD]
    assert {notice.step for notice in notices} == {
        "notice_1",
        "notice_2",
        "case_shop",
        "case_shop_untold",
        "case_shop_again",
        "case_shop_urgent",
        "alarm_critical",
        "alarm_over",
        "case_sensor",
        "case_joined",
        "case_worse",
        "escalated",
        "repeated",
    }
    for notice in notices:
        for language in ("zh", "en"):
            text = str(notice.body[f"text_{language}"])
            assert str(notice.body["rule_id"]) in text
            assert str(notice.body["rule_version"]) in text
            assert str(notice.body[f"advice_{language}"]) in text
            assert "None" not in text, text
            assert "{" not in text, text


def test_both_languages_name_the_same_facts(town: Town) -> None:
    """A fact that one language gives, the other gives too, but for a name's own language."""

    def facts(texts: Texts, language: str, key: str) -> set[str]:
        names = {name for _, name, _, _ in string.Formatter().parse(texts.template(language, key)) if name}
        return {name.removesuffix("_zh").removesuffix("_en") for name in names}

    texts = town.site.texts
    keys = texts.keys()
    for key in sorted(key for key in keys if key.startswith(("notices.", "story."))):
        assert facts(texts, "zh-CN", key) == facts(texts, "en", key), key


def test_the_first_word_to_a_shop(town: Town) -> None:
    """What, where, since when, what to do, until when, how to contest, on what basis."""
    town.record(bikes(Change.RAISED, clock_ms("20:15")))

    (notice,) = town.notices()
    assert (notice.channel, notice.recipient) == ("people", "shop:S1")
    assert notice.body["text_zh"] == (
        "【龙城】阿福手机店，您好。自 11月22日 20:05 起，您店门前（天宁区天宁街道双桂街）有“非机动车乱停放”的情况，"
        "附现场图片。"
        "请将门前车辆移入停车区，保持店前通道畅通。请于 11月22日 20:30 前处理，届时摄像头会复查，处理好即不立案。"
        "如认为有误，请与天宁街道城管中队联系说明。"
        f"（依据：规则 bike-misparked，版本 ab12cd34；11月22日 20:15 抓拍 look-{clock_ms('20:15')}）"
    )
    assert notice.body["picture"] == f"C1/20261122/look-{clock_ms('20:15')}"


def test_the_word_to_the_duty_desk(town: Town) -> None:
    """Severity, value and limit with their unit, and what to do first."""
    town.record(charger(Change.RAISED, clock_ms("20:15")))

    (notice,) = town.notices()
    assert notice.body["text_zh"] == (
        "【紧急】新案件 202611223204000001：双桂街充电站（天宁区天宁街道双桂街），漏电流超限。"
        "漏电流：34.25mA，限值 30mA。"
        "自 11月22日 20:15 起。先做：涉及人身和火灾安全：先断电、疏散，再查看；冒烟时拨打 119。"
        "处置单位：值班台；处置时限：11月22日 20:45。如到场后认为是误报，请在案件中写明理由退回。"
        "（依据：规则 residual-current，版本 ef56ab78）"
    )
    assert (notice.body["value"], notice.body["limit"], notice.body["unit"]) == (34.25, 30.0, "mA")


def test_where_no_contact_is_known_the_street_keeper_goes(town: Town) -> None:
    """A shop without a contact, and a place no shop answers for."""
    town.record(bikes(Change.RAISED, clock_ms("10:00"), zone="door-2"))
    town.record(bikes(Change.RAISED, clock_ms("10:00"), zone="lane"))

    first, second = town.notices()
    assert first.recipient == second.recipient == "street-keeper:天宁街道"
    assert "隆兴文具店" in str(first.body["text_zh"])
    assert "双桂街1号" in str(second.body["text_zh"])


def test_who_writes_to_people_knows_no_way_to_them(tmp_path: Path) -> None:
    """Whoever sends looks it up, whatever the settings are where it is written; commands to cameras are commands."""
    town = Town(make_site(tmp_path / "site", webhook="http://127.0.0.1:1/"), tmp_path)
    town.record(bikes(Change.RAISED, clock_ms("10:00")))
    town.tick(clock_ms("10:15"))

    assert [notice.channel for notice in town.store.notices()] == ["command", "people"]
    (command,) = town.commands()
    assert (command.recipient, command.body) == ("C1", {"command": "look_now", "reason": "recheck"})
    town.store.close()


def test_keys_are_fit_for_a_header(town: Town) -> None:
    """ASCII, unique, and the same whenever the same notice is composed again."""
    play_everything(town)

    keys = [notice.key for notice in town.store.notices()]
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and key.isprintable() for key in keys)
