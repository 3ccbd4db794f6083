"""What every source is."""

from typing import Protocol

from vision.picture import Picture


class Source(Protocol):
    """One camera's pictures."""

    async def fetch(self) -> Picture:
        """One picture as it is now. Raises SourceError; who calls limits the time."""
        ...
