"""What a sender calls history, and what a broker had kept: stored elsewhere, no news here."""

from pathlib import Path

from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable

HOT = "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 55}\nclear: {below: 50}"
SMOKE = "id: burning\nkind: threshold\nfor_each: {kind: charger}\nmetric: smoke\nraise: {equals: true}"
QUIET = "id: quiet\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3"


def test_history_raises_renews_and_ends_nothing(tmp_path: Path) -> None:
    """Not even where it is newer than all that was heard; what comes live is judged as if it had not been."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, HOT, SMOKE), site)
    table.play(
        """
        08:00              cs-1 temp_c=90 smoke=true past
        08:01              cs-1 temp_c=60 smoke=true       → raised hot cs-1; raised burning cs-1
        08:05              cs-1 temp_c=20 smoke=false past
        08:05              cs-1 temp_c=80 past
        08:06  at 08:04    cs-1 temp_c=61                  → renewed hot cs-1
        08:07              cs-1 temp_c=20                  → resolved hot cs-1
        """
    )
    assert table.engine.late == 0


def test_history_is_no_sign_of_life(tmp_path: Path) -> None:
    """A retained copy may be of a device that is long gone: it neither ends a silence nor puts it off."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        08:00:00  cs-1 temp_c=20
        08:01:29  cs-1 temp_c=20 past
        08:01:30  tick                → raised quiet cs-1
        08:01:40  cs-1 temp_c=20 past
        08:01:50  cs-1 temp_c=20      → resolved quiet cs-1
        """
    )
