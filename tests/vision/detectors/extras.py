"""Libraries that only some installations have. Where they are promised, a test that misses one fails."""

import os
from importlib.util import find_spec

import pytest


def needs(library: str, promise: str = "LONGCHENG_ULTRALYTICS") -> pytest.MarkDecorator:
    """Skips a test without `library`; with `<promise>=1` in the environment it runs, and fails."""
    missing = find_spec(library) is None and os.environ.get(promise) != "1"
    return pytest.mark.skipif(missing, reason=f"{library} is an extra, and not installed here")
