"""The platform's settings."""

import pytest
from pydantic import ValidationError

from config.platform import Platform

SECRETS = ["0123456789abcdef"]


def test_nothing_is_told_to_nobody() -> None:
    """Without a word there is no platform."""
    assert Platform().url == ""


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"url": "https://p.example/in"}, "nobody signed"),
        ({"url": "https://p.example/in", "secrets": ["short"]}, "at least 16"),
        ({"url": "https://p.example/in", "secrets": SECRETS * 3}, "at most 2"),
        ({"url": "ftp://p.example", "secrets": SECRETS}, "write an address"),
        ({"url": "https://", "secrets": SECRETS}, "write an address"),
        ({"url": "https://p.example:0x/in", "secrets": SECRETS}, "write an address"),
        ({"url": "https://p.example/in#part", "secrets": SECRETS}, "write an address"),
        ({"parallel": 0}, "greater than or equal to 1"),
        ({"timeout": "0s"}, "greater than 0"),
        ({"format": "xml"}, "longcheng"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], wrong: str) -> None:
    """With what is allowed."""
    with pytest.raises(ValidationError, match=wrong):
        Platform.model_validate(given)


def test_what_is_secret_is_not_printed() -> None:
    """Neither the secret nor an address that may hold a key."""
    shown = repr(Platform.model_validate({"url": "https://p.example/in?key=k1", "secrets": SECRETS}))

    assert "0123456789abcdef" not in shown
    assert "k1" not in shown
