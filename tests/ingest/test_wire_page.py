"""The page about the wire is true: what it shows as configuration can be read."""

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.schema import Profile
from ingest.decode import Decoder
from tests.ingest.site import make_site, with_feeds

PAGE = Path(__file__).parents[2] / "docs" / "wire.md"
BLOCKS: list[dict[str, Any]] = [
    yaml.safe_load(textwrap.dedent(block))
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
]


def test_what_the_page_shows() -> None:
    """A site's feeds, a profile's fields, and two feeds more."""
    assert [next(iter(block)) for block in BLOCKS] == ["ingest", "fields", "zigbee"]


@pytest.mark.parametrize("feeds", [BLOCKS[0]["ingest"]["feeds"], BLOCKS[2]])
def test_its_feeds_are_feeds(feeds: dict[str, Any]) -> None:
    """Each can be read from a file, and a decoder can be made of it."""
    assert Decoder(with_feeds(make_site(), feeds)).version


def test_its_fields_are_fields() -> None:
    """So can the profile, and its metrics are shipped ones."""
    profile = Profile.model_validate({"kind": "tree", "interval": "1h", "zh": "树", "en": "tree", **BLOCKS[1]})
    metrics = {field if isinstance(field, str) else field.metric for field in profile.fields.values()}
    assert metrics <= set(make_site().metrics)
