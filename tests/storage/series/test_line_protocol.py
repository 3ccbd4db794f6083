"""The exact lines we send."""

import pytest

from domain.point import Point
from domain.reading import Value
from storage.series.line_protocol import line, victoria_lines


def test_a_line() -> None:
    """Tags in order, types told apart, milliseconds."""
    point = Point(
        measurement="charger",
        tags=(("device_id", "c-1"), ("port", "3")),
        fields={"power_w": 120.0, "charge_min": 42, "smoke": False, "relay_on": True, "residual_ma": 1e-07},
        at_ms=1_760_000_000_123,
    )
    assert line(point) == (
        "charger,device_id=c-1,port=3 "
        "power_w=120.0,charge_min=42i,smoke=false,relay_on=true,residual_ma=1e-07 1760000000123"
    )


@pytest.mark.parametrize(
    ("measurement", "tags", "fields", "expected"),
    [
        ("a b,c=d", (), {"f": 1.0}, "a\\ b\\,c=d f=1.0 0"),
        ("m", (("k=1", "v, w=x"),), {"f": 1.0}, "m,k\\=1=v\\,\\ w\\=x f=1.0 0"),
        ("m", (), {"f 1,2=3": -5}, "m f\\ 1\\,2\\=3=-5i 0"),
        ("树", (("区", "天宁"),), {"f": 0.1 + 0.2}, "树,区=天宁 f=0.30000000000000004 0"),
    ],
)
def test_escapes(measurement: str, tags: tuple[tuple[str, str], ...], fields: dict[str, Value], expected: str) -> None:
    """A comma and a space everywhere, an equals sign in tags and field names only; other letters as they are."""
    assert line(Point(measurement=measurement, tags=tags, fields=fields, at_ms=0)) == expected


def test_lines_for_victoriametrics() -> None:
    """One for each type, with tags that say measurement and type; there a backslash is escaped as well."""
    point = Point(measurement="m", tags=(("k", "a\\ b"),), fields={"x": 1.0, "on": True, "y": 2.0}, at_ms=5)
    assert victoria_lines(point, "measurement", "value_type").split("\n") == [
        "m,k=a\\\\\\ b,measurement=m,value_type=float x=1.0,y=2.0 5",
        "m,k=a\\\\\\ b,measurement=m,value_type=bool on=true 5",
    ]
