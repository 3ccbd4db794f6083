"""What pages and API say alike of one camera."""

from typing import Final

DAY_MS: Final = 86_400_000


def kind_of(source: str) -> str:
    """What kind of address a camera has; never more of it, for it may hold a password."""
    return source.partition("://")[0]
