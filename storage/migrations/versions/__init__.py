"""The history of the case store's tables, run by Alembic when the store is opened."""
