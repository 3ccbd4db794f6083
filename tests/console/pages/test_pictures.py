"""Evidence over HTTP: the blurred copy, and nothing else."""

import pytest

from console.pages.pictures import shareable
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk


async def test_the_blurred_copy_is_served(client: Client, desk: FakeDesk) -> None:
    """A kept picture comes as JPEG, for this reader only."""
    name, path = next(iter(desk.pictures.items()))
    async with client.get(f"/evidence/{name}.jpg") as answer:
        assert answer.status == 200
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Cache-Control"].startswith("private")
        assert await answer.read() == path.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "cam-001/../../secret",
        "cam-001/20260822/look.original",
        "cam-001/20260822/look.original.original",
        "/etc/passwd",
        "cam-001//look",
        "cam-001/.hidden/look",
        "cam-001\\..\\look",
        "cam-001/20260822/look\x00",
        "",
    ],
)
def test_tricks_never_reach_the_store(name: str) -> None:
    """Not even a store that would answer anything is asked for an original, or for a way out."""

    class Credulous(FakeDesk):
        def picture(self, name: str) -> None:
            pytest.fail(f"the store was asked for {name!r}")

    assert shareable(Credulous(), name) is None


@pytest.mark.parametrize(
    "address",
    [
        "/evidence/..%2f..%2fetc%2fpasswd.jpg",
        "/evidence/%2e%2e/%2e%2e/etc/passwd.jpg",
        "/evidence/cam-001/20260822/look.original.jpg",
        "/evidence/nobody/knows.jpg",
        "/evidence/.jpg",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
    ],
)
async def test_tricks_are_not_found(client: Client, address: str) -> None:
    """Encoded or not, the answer is 404 and says nothing about files."""
    from yarl import URL  # noqa: PLC0415 only here an address must be sent as it stands

    async with client.session.get(URL(f"{client.make_url('/')}".rstrip("/") + address, encoded=True)) as answer:
        assert answer.status in {403, 404}
        assert b"root:" not in await answer.read()
