"""Where notices end that lead to nobody: a contact that is no address, under no pattern."""

from domain.errors import ChannelError
from domain.notice import Notice


class Nobody:
    """Never sends. Who comes next for such a notice is told instead, as with any that could not be delivered."""

    async def send(self, notice: Notice) -> None:
        """Raises ChannelError, for good."""
        raise ChannelError(
            f"{notice.recipient!r} is no address, and stands under no pattern of notices.recipients",
            retry=False,
        )
