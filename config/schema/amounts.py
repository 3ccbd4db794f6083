"""Sizes and shares, as files write them."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field


def _bytes(value: object) -> int:
    match = re.match(r"^\s*(\d+)\s*(KiB|MiB|GiB)\s*$", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a size with its unit: 64MiB or 2GiB")
    return int(match[1]) << {"KiB": 10, "MiB": 20, "GiB": 30}[match[2]]


Size = Annotated[int, BeforeValidator(_bytes)]
"""Bytes."""
Share = Annotated[float, Field(ge=0, le=1)]
