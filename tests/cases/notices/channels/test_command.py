"""Commands to cameras."""

from cases.notices.channels.command import Command
from tests.cases.notices.letter import letter


async def test_a_command_goes_to_its_cameras_topic() -> None:
    """The body alone is the payload; a camera knows nothing of keys and steps."""
    published: list[tuple[str, bytes]] = []

    async def publish(topic: str, payload: bytes) -> None:
        published.append((topic, payload))

    await Command(publish, root="longcheng/v1").send(letter())

    assert published == [("longcheng/v1/camera/shop:S1/command", '{"text_zh":"您好。","deadline_ms":1}'.encode())]
