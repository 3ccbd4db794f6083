"""Commands to cameras, over the broker."""

from collections.abc import Awaitable, Callable

import msgspec

from domain.notice import Notice


class Command:
    """Publishes a notice's body on the camera's command topic. What `publish` raises counts as "try again"."""

    def __init__(self, publish: Callable[[str, bytes], Awaitable[None]], *, root: str) -> None:
        """`publish(topic, payload)` returns once the broker has it; `root` is the topic root."""
        self._publish = publish
        self._root = root

    async def send(self, notice: Notice) -> None:
        """Publish `{root}/camera/{recipient}/command`."""
        await self._publish(f"{self._root}/camera/{notice.recipient}/command", msgspec.json.encode(notice.body))
