"""`longcheng bench …`: every figure in docs/performance.md is one of these commands."""

from app.bench.cli import cli

__all__ = ["cli"]
