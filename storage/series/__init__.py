"""Where readings go. Every store here passes tests/contract/test_series_store.py."""

from storage.series.store import SeriesStore

__all__ = ["SeriesStore"]
