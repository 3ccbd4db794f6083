"""Rules that conclude, and those that they conclude from."""

from dataclasses import replace
from pathlib import Path

from config.load import SHARED
from config.workdays import NAME, read_workdays
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable

HOT = """
id: hot
kind: threshold
for_each: {kind: charger, part: port}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""
SILENT = """
id: silent
kind: silent
for_each: {kind: charger}
at_least: 5m
"""
LIVE_WHILE_OFF = """
id: live
kind: compound
for_each: {kind: charger, part: port}
when: power_w > lots_w && !relay_on
let: {lots_w: 10}
for: 30s
"""
SILENT_AFTER_HEAT = """
id: burnt
kind: compound
for_each: {kind: charger, part: device}
all: [silent]
any: [h*]
of: device
stale: stands
severity: critical
"""
STEP = """
id: step
kind: threshold
for_each: {kind: tree}
metric: tilt_deg
raise: {above: 3}
clear: {below: 2.5}
"""
STEP_IN_NO_WIND = """
id: leans
kind: compound
for_each: {kind: tree}
all: [step]
when: wind_m_s < 17.2
"""


def played(folder: Path, *texts: str) -> Timetable:
    """A timetable of the small city under these rules."""
    site = replace(small_city(), workdays=read_workdays([SHARED / NAME]))
    return Timetable(rules_from(folder, site, *texts), site)
