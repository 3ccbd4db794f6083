"""Which settings of the series store can be, and what is said of those that cannot."""

import pytest
from pydantic import ValidationError

from config.schema import Series

INFLUX = {"influx_url": "http://i", "influx_token": "SECRET", "influx_org": "o", "influx_bucket": "b"}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        INFLUX,
        {"store": "influx3", "influx_url": "https://i:8181", "influx_bucket": "b"},
        {"victoria_url": "http://name:password@v:8428"},
        {"victoria_url": "http://v:8480", "victoria_read_url": "http://v:8481", "victoria_tenant": "7:1"},
        {**INFLUX, "store": "influx2", "victoria_url": "http://v"},
        {"keep_raw": "30d", "keep_hourly": "30d"},
    ],
)
def test_what_can_be(settings: dict[str, str]) -> None:
    """Each of the stores, alone or chosen by name."""
    Series.model_validate(settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"store": "victoria"}, "store is victoria, but victoria_url is not set"),
        ({"store": "influx2"}, "store is influx2, but influx_url is not set"),
        ({"store": "influx3", "influx_url": "http://i"}, "influx_url is set, but influx_bucket is not"),
        ({**INFLUX, "influx_org": ""}, "influx_url is set, but influx_org is not"),
        ({**INFLUX, "victoria_url": "http://v"}, "say with store which of them it is"),
        ({"victoria_url": "http://v", "victoria_tenant": "7"}, "a cluster needs both"),
        ({"victoria_url": "http://v", "victoria_read_url": "http://v"}, "a cluster needs both"),
        ({"victoria_url": "v:8428"}, "victoria_url must begin with http:// or https://"),
        ({"victoria_url": "http://v", "victoria_tenant": "a/b"}, "victoria_tenant"),
        ({"keep_raw": "90d", "keep_hourly": "30d"}, "keep_hourly is shorter than keep_raw"),
        ({"store": "influx1"}, "store"),
    ],
)
def test_what_cannot_be(settings: dict[str, str], said: str) -> None:
    """The setting is named, and what it would need."""
    with pytest.raises(ValidationError, match=said):
        Series.model_validate(settings)


def test_no_secret_is_shown() -> None:
    """Neither a token nor a url that may have a password in it."""
    shown = repr(Series.model_validate({**INFLUX, "store": "influx2", "victoria_url": "http://n:HIDDEN@v"}))
    assert "SECRET" not in shown
    assert "HIDDEN" not in shown
