"""Notices over the broker, for a bureau's own systems: a topic for each recipient."""

from collections.abc import Awaitable, Callable

import msgspec

from domain.notice import Notice

_NOT_IN_TOPICS = {ord("/"): "_", ord("+"): "_", ord("#"): "_", 0: "_"}


class Mqtt:
    """Publishes each notice with QoS 1, not retained: what is done by the time a system connects is no news to it."""

    def __init__(self, publish: Callable[[str, bytes], Awaitable[None]], *, root: str) -> None:
        """`publish(topic, payload)` returns once the broker has it; `root` is the topic root."""
        self._publish = publish
        self._root = root

    async def send(self, notice: Notice) -> None:
        """Publish `{root}/notice/{address}`, in it `_` for what no topic may have. What it raises is to be retried."""
        topic = f"{self._root}/notice/{(notice.address or notice.recipient).translate(_NOT_IN_TOPICS)}"
        said = {"key": notice.key, "recipient": notice.recipient, "step": notice.step, "subject": notice.subject}
        await self._publish(topic, msgspec.json.encode({**said, "body": notice.body}))
