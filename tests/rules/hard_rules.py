"""Rules that the hard parts of alerting are shown by."""

from pathlib import Path

from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""
SMOKE = """
id: burning
kind: threshold
for_each: {kind: charger}
metric: smoke
raise: {equals: true}
latch: true
severity: critical
"""
SILENT = """
id: silent
kind: silent
for_each: {kind: charger}
after_intervals: 3
"""


def a_table(tmp_path: Path, *rules: str) -> Timetable:
    site = small_city()
    return Timetable(rules_from(tmp_path, site, *rules), site)
