"""What every store that is a server needs of HTTP."""

import pytest

from domain.errors import StoreRefused, StoreUnavailable
from storage.series.http import Answer, Http, failure, retry_after_s
from tests.fakes.answering import Answering, Reply, Request


class Echo(Answering):
    """Says who asks."""

    def reply(self, request: Request) -> Reply:
        """The authorization it was sent."""
        return Reply(body=request.headers.get("authorization", "nobody"))


def test_a_password_in_a_url_is_sent_and_never_shown() -> None:
    """Percent-encoded as urls are; neither `url` nor an error has it."""
    with Echo() as server:
        http = Http(server.url.replace("http://", "http://city:p%40ss@"))
        assert http.get("/").body == b"Basic Y2l0eTpwQHNz"
        assert http.url == server.url
        plain = Http(server.url)
        assert plain.get("/").body == b"nobody"
        plain.close()
        http.close()
    nobody = Http("http://city:p%40ss@127.0.0.1:1")
    with pytest.raises(StoreUnavailable, match=r"http://127\.0\.0\.1:1 does not answer") as caught:
        nobody.get("/")
    assert "p%40ss" not in str(caught.value)
    assert "p@ss" not in str(caught.value)
    nobody.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[(status, StoreRefused) for status in (200, 301, 308, 400, 401, 403, 404, 405, 422)],
        *[(status, StoreUnavailable) for status in (408, 425, 429, 500, 502, 503, 504)],
    ],
)
def test_whether_waiting_helps(status: int, kind: type[Exception]) -> None:
    """A person must mend it, or time does."""
    assert type(failure("http://x", Answer(status=status))) is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:30:00 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 120.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:30:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:30:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:30:00", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": "soon", "date": "now"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, or a date by the server's own clock; nothing where it cannot be read."""
    assert retry_after_s(headers) == seconds
