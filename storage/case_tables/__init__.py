"""The tables of the case store: of rules, alarms, ladders, cases, notices and the platform, each on its page."""

from storage.case_tables.alarm import alarm_orders, alarms, silences
from storage.case_tables.case import cases, log
from storage.case_tables.columns import ID, JsonText, metadata
from storage.case_tables.ladder import FOUND, REMINDING, ladders, notice_rights, shop_replies
from storage.case_tables.notice import MACHINES, notice_attempts, notices
from storage.case_tables.platform import platform_events
from storage.case_tables.rule import alarm_changes, camera_presence, counters, cursors, device_presence, rule_states

__all__ = [
    "FOUND",
    "ID",
    "MACHINES",
    "REMINDING",
    "JsonText",
    "alarm_changes",
    "alarm_orders",
    "alarms",
    "camera_presence",
    "cases",
    "counters",
    "cursors",
    "device_presence",
    "ladders",
    "log",
    "metadata",
    "notice_attempts",
    "notice_rights",
    "notices",
    "platform_events",
    "rule_states",
    "shop_replies",
    "silences",
]
