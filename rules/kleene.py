"""Truth in three values: true, false, and unknown (None). What is not known makes unknown only what hangs on it."""

from collections.abc import Iterable

Truth = bool | None
"""None: it cannot be known."""


def every(truths: Iterable[Truth]) -> Truth:
    """True if all are, false if one is not, whatever is unknown beside it; true of none at all."""
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        unknown |= truth is None
    return None if unknown else True


def some(truths: Iterable[Truth]) -> Truth:
    """True if one is, whatever is unknown beside it, false if none is; false of none at all."""
    unknown = False
    for truth in truths:
        if truth:
            return True
        unknown |= truth is None
    return None if unknown else False


def inverse(truth: Truth) -> Truth:
    """True of false, false of true; what is unknown stays so."""
    return None if truth is None else not truth
