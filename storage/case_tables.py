"""The tables of the case store. The same on SQLite and PostgreSQL: times are epoch milliseconds, JSON is text."""

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator

from domain.ladder import LadderStep

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
MACHINES = "command"
"""The channel of notices to machines; all others are to people."""
REMINDING = (LadderStep.NOTICE_1.value, LadderStep.NOTICE_2.value)
"""The steps of notices that remind a shop, or whoever is told instead."""
FOUND = tuple(step.value for step in LadderStep if step.is_find)
"""The steps of ladders that count."""
# SQLite numbers rows by itself only in a column it calls INTEGER; that one holds 64 bits as well.
_ID = BigInteger().with_variant(Integer, "sqlite")


class JsonText(TypeDecorator[object]):
    """A JSON document in a text column; None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the database."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002 - SQLAlchemy's signature
        """From the database, as plain dicts and lists."""
        return None if value is None else msgspec.json.decode(value)


rule_states = Table(
    "rule_states",
    metadata,
    Column("rule_id", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
)

device_presence = Table(
    "device_presence",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("seen_ms", BigInteger),
    Column("state", Text),
    Column("state_ms", BigInteger),
)

camera_presence = Table(
    "camera_presence",
    metadata,
    Column("camera_id", Text, primary_key=True),
    Column("view", Text),
    Column("fault", Text),
    Column("taken_ms", BigInteger),
    Column("healthy_ms", BigInteger),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

alarm_changes = Table(
    "alarm_changes",
    metadata,
    Column("rule_id", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("change", Text, primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("rule_id", Text, nullable=False),
    Column("rule_version", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("raised_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("resolved_ms", BigInteger),
    Column("matter", Text),
    Column("policy", Text, nullable=False),
    Column("port", Integer),
    Column("zone", Text),
    Column("shop_id", Text),
    Column("metric", Text),
    Column("value", Double),
    Column("limit", Double),
    Column("limit_source", Text),
    Column("evidence", JsonText),
    Column("latch", Boolean, nullable=False),
    Column("text_zh", Text, nullable=False, server_default=""),
    Column("text_en", Text, nullable=False, server_default=""),
    Column("held", Boolean, nullable=False, server_default=false()),
    Column("orphaned", Boolean, nullable=False, server_default=false()),
    Column("silence_id", _ID),
    Column("silenced_until_ms", BigInteger),
    Column("silenced_by", Text),
    Column("silenced_why", Text),
    Column("acked_ms", BigInteger),
    Column("acked_until_ms", BigInteger),
    Column("acked_by", Text),
    Column("acked_why", Text),
)
_open_alarm = alarms.c.resolved_ms.is_(None)
Index(
    "ux_alarms_open",
    alarms.c.rule_id,
    alarms.c.subject,
    unique=True,
    sqlite_where=_open_alarm,
    postgresql_where=_open_alarm,
)
Index("ix_alarms_open", alarms.c.id, sqlite_where=_open_alarm, postgresql_where=_open_alarm)
Index("ix_alarms_device", alarms.c.device_id, alarms.c.matter)
Index("ix_alarms_raised", alarms.c.rule_id, alarms.c.raised_ms, alarms.c.device_id, alarms.c.shop_id, alarms.c.subject)
_silenced_alarm = alarms.c.silence_id.is_not(None) & _open_alarm
Index("ix_alarms_silenced", alarms.c.silence_id, sqlite_where=_silenced_alarm, postgresql_where=_silenced_alarm)

alarm_orders = Table(
    "alarm_orders",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("alarm_id", _ID, ForeignKey("alarms.id"), nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("given_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),
    Column("done_ms", BigInteger),
    Column("outcome", Text),
)
_waits = alarm_orders.c.done_ms.is_(None)
Index("ix_alarm_orders_waiting", alarm_orders.c.id, sqlite_where=_waits, postgresql_where=_waits)

silences = Table(
    "silences",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("rule_id", Text),
    Column("subject", Text),
    Column("device_id", Text),
    Column("kind", Text),
    Column("sub_district", Text),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("even_critical", Boolean, nullable=False),
    Column("given_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("ended_by", Text),
    Column("state", Text, nullable=False),
)
_not_over = silences.c.state != "over"
Index("ix_silences_not_over", silences.c.until_ms, sqlite_where=_not_over, postgresql_where=_not_over)

ladders = Table(
    "ladders",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("alarm_id", _ID, ForeignKey("alarms.id"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("camera_id", Text, nullable=False),
    Column("shop_id", Text),
    Column("step", Text, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("recheck_ms", BigInteger, nullable=False),
    Column("asked_ms", BigInteger),
    Column("ended_ms", BigInteger),
    Column("confirmed_by", Text),
    Column("confirmed_ms", BigInteger),
    Column("permit", Text),
    Column("contested_ms", BigInteger),
    Column("context", JsonText),
    Column("onset", JsonText),
    Column("confirmed", JsonText),
    Column("cleared", JsonText),
    UniqueConstraint("alarm_id"),
)
_open_ladder = ladders.c.ended_ms.is_(None)
Index("ix_ladders_due", ladders.c.recheck_ms, sqlite_where=_open_ladder, postgresql_where=_open_ladder)
Index("ix_ladders_open", ladders.c.id, sqlite_where=_open_ladder, postgresql_where=_open_ladder)
Index("ix_ladders_ground", ladders.c.id, ladders.c.camera_id, ladders.c.shop_id, ladders.c.matter, ladders.c.ended_ms)
Index("ix_ladders_shop", ladders.c.shop_id, ladders.c.camera_id, ladders.c.matter, ladders.c.ended_ms)
Index("ix_ladders_episodes", ladders.c.matter, ladders.c.started_ms)

shop_replies = Table(
    "shop_replies",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("ladder_id", _ID, ForeignKey("ladders.id"), nullable=False, index=True),
    Column("shop_id", Text),
    Column("matter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("given_ms", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("picture", Text),
    Column("decided_ms", BigInteger),
    Column("decided_by", Text),
    Column("upheld", Boolean),
    Column("why", Text),
)
_contest = shop_replies.c.kind == "contest"
Index("ix_shop_replies_contests", shop_replies.c.id, sqlite_where=_contest, postgresql_where=_contest)
_undecided = (shop_replies.c.kind == "contest") & shop_replies.c.decided_ms.is_(None)
Index("ix_shop_replies_undecided", shop_replies.c.given_ms, sqlite_where=_undecided, postgresql_where=_undecided)

notice_rights = Table(
    "notice_rights",
    metadata,
    Column("matter", Text, primary_key=True),
    Column("lost_ms", BigInteger),
    Column("precision", Double),
    Column("n", Integer, nullable=False),
    Column("restored_ms", BigInteger),
    Column("restored_by", Text),
    Column("why", Text),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("alarm_id", _ID, ForeignKey("alarms.id"), nullable=False),
    Column("ladder_id", _ID, ForeignKey("ladders.id"), index=True),
    Column("matter", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("shop_id", Text),
    Column("severity", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("closed_reason", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state_ms", BigInteger, nullable=False, server_default="0"),
    Column("tier", Text),
    Column("time_limit", Text),
    Column("sub_district", Text),
    Column("grid", Text),
    Column("handler", Text),
    Column("overdue_ms", BigInteger),
    Column("deferred_until_ms", BigInteger),
    Column("reworks", Integer, nullable=False, server_default="0"),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("duplicate_of", Text),
    Column("rating", Integer),
    Column("rated_by", Text),
    Column("context", JsonText),
    Column("onset", JsonText),
    Column("confirmed", JsonText),
    Column("cleared", JsonText),
)
_open_case = cases.c.closed_ms.is_(None)
Index("ix_cases_open", cases.c.device_id, cases.c.matter, sqlite_where=_open_case, postgresql_where=_open_case)
Index("ix_cases_opened", cases.c.opened_ms)
Index("ix_cases_device", cases.c.device_id, cases.c.opened_ms)
_closed_case = cases.c.closed_ms.is_not(None)
Index("ix_cases_closed", cases.c.closed_ms, sqlite_where=_closed_case, postgresql_where=_closed_case)
_merged_case = cases.c.duplicate_of.is_not(None)
Index("ix_cases_merged", cases.c.device_id, cases.c.matter, sqlite_where=_merged_case, postgresql_where=_merged_case)
Index("ix_cases_duplicate_of", cases.c.duplicate_of, sqlite_where=_merged_case, postgresql_where=_merged_case)
_becomes_overdue = _open_case & cases.c.overdue_ms.is_(None)
Index("ix_cases_due", cases.c.due_ms, sqlite_where=_becomes_overdue, postgresql_where=_becomes_overdue)
_OF_A_CASE = [
    cases.c[name]
    for name in (
        *("id", "closed_ms", "state", "unit", "matter", "severity", "sub_district", "overdue_ms", "device_id"),
        *("shop_id", "handler", "title_zh", "title_en"),
    )
]
"""All that a choice of cases asks for: `case_pages` reads no whole row that it does not show."""
Index("ix_cases_chosen", cases.c.opened_ms, cases.c.due_ms, *_OF_A_CASE)
Index(
    "ix_cases_chosen_open",
    cases.c.due_ms,
    cases.c.opened_ms,
    *_OF_A_CASE,
    sqlite_where=_open_case,
    postgresql_where=_open_case,
)
Index("ix_cases_place", cases.c.sub_district, cases.c.device_id, cases.c.shop_id)
Index("ix_cases_chosen_closed", cases.c.due_ms, cases.c.id, sqlite_where=_closed_case, postgresql_where=_closed_case)
Index(
    "ix_cases_worst_closed",
    cases.c.severity,
    cases.c.due_ms,
    cases.c.id,
    sqlite_where=_closed_case,
    postgresql_where=_closed_case,
)

log = Table(
    "log",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("alarm_id", _ID, ForeignKey("alarms.id"), index=True),
    Column("ladder_id", _ID, ForeignKey("ladders.id"), index=True),
    Column("case_id", Text, ForeignKey("cases.id"), index=True),
)

notices = Table(
    "notices",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("sent_ms", BigInteger),
    Column("alarm_id", _ID, ForeignKey("alarms.id")),
    Column("ladder_id", _ID, ForeignKey("ladders.id"), index=True),
    Column("case_id", Text, ForeignKey("cases.id"), index=True),
    Column("address", Text, nullable=False, server_default=""),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("digest", Text),
    Column("copy_of", _ID),
    Column("receipt", Text),
    Column("delivered_ms", BigInteger),
    UniqueConstraint("key"),
)
Index("ix_notices_due", notices.c.state, notices.c.channel, notices.c.not_before_ms)
_in_digest = notices.c.digest.is_not(None)
Index("ix_notices_digest", notices.c.digest, sqlite_where=_in_digest, postgresql_where=_in_digest)
_has_receipt = notices.c.receipt.is_not(None)
Index("ix_notices_receipt", notices.c.receipt, sqlite_where=_has_receipt, postgresql_where=_has_receipt)
Index("ix_notices_alarm", notices.c.alarm_id)
Index("ix_notices_last", notices.c.channel, notices.c.address, notices.c.sent_ms)

notice_attempts = Table(
    "notice_attempts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
Index("ix_notice_attempts_channel", notice_attempts.c.channel, notice_attempts.c.at_ms)

platform_events = Table(
    "platform_events",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("key", Text, nullable=False),
    Column("case_id", Text, ForeignKey("cases.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("sent_ms", BigInteger),
    UniqueConstraint("key"),
)
Index("ix_platform_events_case", platform_events.c.case_id, platform_events.c.id)
_event_waits = platform_events.c.state == "pending"
Index(
    "ix_platform_events_waiting",
    platform_events.c.not_before_ms,
    sqlite_where=_event_waits,
    postgresql_where=_event_waits,
)
_event_is_dead, _event_is_sent = platform_events.c.state == "dead", platform_events.c.state == "sent"
Index("ix_platform_events_dead", platform_events.c.id, sqlite_where=_event_is_dead, postgresql_where=_event_is_dead)
Index(
    "ix_platform_events_sent", platform_events.c.sent_ms, sqlite_where=_event_is_sent, postgresql_where=_event_is_sent
)
