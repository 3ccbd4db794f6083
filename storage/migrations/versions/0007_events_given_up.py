"""Which events for the platform were given up, and which have been there for long, without reading all.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    dead, sent = sa.text("state = 'dead'"), sa.text("state = 'sent'")
    op.create_index("ix_platform_events_dead", "platform_events", ["id"], sqlite_where=dead, postgresql_where=dead)
    op.create_index("ix_platform_events_sent", "platform_events", ["sent_ms"], sqlite_where=sent, postgresql_where=sent)


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_index("ix_platform_events_sent", "platform_events")
    op.drop_index("ix_platform_events_dead", "platform_events")
