"""Before anything was stored nobody was silent; and some rules by themselves raise what they raise among all."""

from io import StringIO
from pathlib import Path
from random import Random

import pytest
from rich.console import Console

from app.commands.rules_replay_view import Shown
from app.rules_history.chosen import chosen, only
from app.rules_history.play import play
from app.rules_history.run import replay
from app.rules_history.stretch import Piece, Stretch
from app.rules_history.versions import older
from domain.errors import ConfigError
from domain.reading import Reading
from storage.series.points import points_of
from tests.app.rules_history.test_quick import HOUR_MS, T0, history
from tests.app.rules_history.test_sharing import all_rules, stored
from tests.rules.city import rules_from, small_city

SITE = small_city()
QUIET = "id: quiet\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3"


def said(at_ms: int) -> Reading:
    """A word of the station."""
    return Reading(kind="charger", device_id="cs-1", at_ms=at_ms, received_ms=at_ms, metrics={"temp_c": 20.0})


def test_empty_hours_before_the_first_word_are_nobodys_silence(tmp_path: Path) -> None:
    """Other devices, or a site that we do not know, may have filled them."""
    rules = tuple(rules_from(tmp_path, SITE, QUIET))
    pieces = [Piece(T0 + hour * HOUR_MS, [], [], 0) for hour in range(1, 6)]
    pieces.append(Piece(T0 + 6 * HOUR_MS, [said(T0 + 5 * HOUR_MS + 1000)], [], 1))
    stretch = Stretch(from_ms=T0, to_ms=T0 + 5 * HOUR_MS + 60_000, lead_ms=0)
    assert play(iter(pieces), SITE, [rules], stretch) == [()]
    until_later = Stretch(from_ms=T0, to_ms=T0 + 6 * HOUR_MS, lead_ms=0)
    [[silence]] = play(iter(pieces), SITE, [rules], until_later)
    assert silence.since_ms == T0 + 5 * HOUR_MS + 1000


@pytest.mark.parametrize("plain", [True, False])
def test_hours_of_strangers_are_nobodys_silence_either(tmp_path: Path, plain: bool) -> None:
    """What is stored of a device that was taken off the register says nothing of those that are on it."""
    stranger = [
        Reading(kind="charger", device_id="cs-9", at_ms=at_ms, received_ms=at_ms, metrics={"temp_c": 20.0})
        for at_ms in range(T0, T0 + 4 * HOUR_MS, HOUR_MS // 2)
    ]
    ours = [said(at_ms) for at_ms in range(T0 + 4 * HOUR_MS, T0 + 5 * HOUR_MS, 30_000)]
    store = stored(tmp_path, [point for one in (*stranger, *ours) for point in points_of(one, SITE)])
    rules = tuple(rules_from(tmp_path, SITE, QUIET))
    stretch = Stretch(from_ms=T0 - 30 * 24 * HOUR_MS, to_ms=T0 + 5 * HOUR_MS, lead_ms=0)
    assert replay(store, SITE, [rules], stretch, plain=plain) == [()]
    store.close()


def test_a_month_around_a_few_minutes_is_played_at_once(tmp_path: Path) -> None:
    """Ticks of empty time ask nobody again; the silence after it is found in time."""
    rules = tuple(rules_from(tmp_path, SITE, QUIET))
    first_ms = T0 + 15 * 24 * HOUR_MS
    pieces = [Piece(first_ms + HOUR_MS, [said(first_ms)], [], 1)]
    stretch = Stretch(from_ms=T0, to_ms=T0 + 30 * 24 * HOUR_MS, lead_ms=0)
    [[silence]] = play(iter(pieces), SITE, [rules], stretch)
    assert (silence.since_ms, silence.raised_ms) == (first_ms, first_ms + 90_000)


@pytest.mark.parametrize("pattern", ["charger-h*", "tree-*", "off-and-drawing-for-long", "off-*g/cs-1/2", "c*1/3"])
@pytest.mark.parametrize("seed", [4, 5])
def test_some_rules_raise_by_themselves_what_they_raise_among_all(tmp_path: Path, pattern: str, seed: int) -> None:
    """They hear of silences, of the alarms they conclude from, and of those that inhibit them."""
    rules = all_rules(SITE)
    some = chosen(rules, [pattern])
    assert 0 < len(some) < len(rules)
    store = stored(tmp_path, history(SITE, Random(seed), 5))
    stretch = Stretch(from_ms=T0, to_ms=T0 + 5 * HOUR_MS, lead_ms=0, tick_ms=30_000)
    among_all, alone = replay(store, SITE, [rules, some], stretch)
    assert only(alone, [pattern]) == only(among_all, [pattern])
    assert replay(store, SITE, [some], stretch) == [alone]
    store.close()


def test_what_they_hang_on_comes_with_them(tmp_path: Path) -> None:
    """Of a chain of rules all, of others none."""
    hot = "id: {0}\nkind: threshold\nfor_each: {{kind: charger}}\nmetric: temp_c\nraise: {{above: {1}}}"
    rules = tuple(
        rules_from(
            tmp_path,
            SITE,
            QUIET,
            hot.format("hot", 60) + "\ninhibited_by: [hotter]",
            hot.format("hotter", 70),
            hot.format("warm", 50),
            "id: both\nkind: compound\nfor_each: {kind: charger}\nall: [hot]",
        )
    )
    assert [rule.id for rule in chosen(rules, ["both/*"])] == ["quiet", "hot", "hotter", "both"]
    assert [rule.id for rule in chosen(rules, ["w*m"])] == ["quiet", "warm"]
    assert [rule.id for rule in chosen(rules, ["no-*"])] == ["quiet"]
    assert chosen(rules, []) == rules


def test_how_far_it_is_is_said_in_lines_where_nobody_sees_a_bar() -> None:
    """How much of the time, how many readings, how fast and how long still."""
    piped = StringIO()
    with Shown(Console(file=piped), every_s=0.0) as shown:
        shown.update(1200, 0.25)
        shown.update(4800, 1.0)
    lines = piped.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("replaying: 25%, 1,200 readings, ")
    assert lines[0].endswith(" to go")
    seldom = StringIO()
    with Shown(Console(file=seldom)) as shown:
        shown.update(1200, 0.25)
    assert seldom.getvalue() == ""


def test_a_mistake_of_an_older_file_is_told_as_one(tmp_path: Path) -> None:
    """With the file, its line, and that it is not the rules of today that are wrong."""
    rules = tuple(rules_from(tmp_path, SITE, QUIET))
    old = tmp_path / "old" / "rules.yaml"
    old.parent.mkdir()
    text = rules[0].path.read_text(encoding="utf-8").replace("after_intervals: 3", "after_intervals: never")
    old.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as wrong:
        older(rules, [old], SITE)
    assert str(wrong.value).startswith(f"the older version cannot be read, with --against {old}: {old} line ")
    with pytest.raises(ConfigError, match=r"the older version cannot be read, .*nowhere\.yaml"):
        older(rules, [tmp_path / "nowhere.yaml"], SITE)
