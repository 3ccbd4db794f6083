"""Alarms, what people order of them, and silences."""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text, false

from storage.case_tables.columns import ID, JsonText, metadata

alarms = Table(
    "alarms",
    metadata,
    Column("id", ID, primary_key=True),
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
    Column("silence_id", ID),
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
    Column("id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("alarm_id", ID, ForeignKey("alarms.id"), nullable=False),
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
    Column("id", ID, primary_key=True),
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
