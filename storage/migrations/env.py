"""What Alembic runs: the revisions, on the connection that the store hands over."""

import logging

from alembic import context

from storage import account_tables  # noqa: F401 - its tables are in the metadata from here on
from storage.case_tables import metadata

logging.getLogger("alembic").setLevel(logging.WARNING)
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
