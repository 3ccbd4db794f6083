"""What rules remember, and how far the readers of the journal have come."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from storage.case_tables.columns import metadata

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
