"""`longcheng shop`: a new link for its shop, and photos for those who decide."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from app.__main__ import cli
from app.shop_photos import ShopPhotos
from cases.shop_links import PATH, ShopLinks
from config.load import SHARED, load_site
from domain.clock import SystemClock
from domain.errors import ConfigError
from domain.finding import Change
from domain.ladder import ReplyKind, ShopReply
from storage.case_store import CaseStore
from tests.cases.city import Town, bikes
from tests.fakes.cameras import jpeg
from tests.vision.scenes import street

URL = "https://shops.example"


class Desk:
    """A site with one episode, and its commands."""

    def __init__(self, folder: Path) -> None:
        self.site_folder, self.data = folder / "sites" / "mine", folder / "data"
        shutil.copytree(SHARED / "sites" / "starter", self.site_folder)
        shutil.copytree(SHARED / "rules", folder / "rules")
        self.environment = {
            "LONGCHENG_DATA": str(self.data),
            "LONGCHENG_SITE": str(self.site_folder),
            "LONGCHENG_SHOP_URL": URL,
            "COLUMNS": "200",
        }
        self.data.mkdir()
        self.town = Town(load_site(str(self.site_folder), self.environment), self.data)

    def run(self, *words: str) -> Any:
        """`longcheng shop …`."""
        return CliRunner(env=self.environment).invoke(cli, ["shop", *words])

    @property
    def store(self) -> CaseStore:
        """Its book."""
        return self.town.store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def test_a_new_link_opens_its_ladder(desk: Desk) -> None:
    """Signed as those in notices are."""
    desk.town.record(bikes(Change.RAISED, SystemClock().now_ms()))
    result = desk.run("link", "1")
    assert result.exit_code == 0, result.output
    link = result.output.split()[-1]
    assert link.startswith(URL + PATH)
    links = ShopLinks.of(desk.town.site)
    claim, ladder = links.claim(link.rpartition("/")[2]), desk.store.ladder(1)
    assert claim is not None
    assert ladder is not None
    assert links.holds(claim, ladder, SystemClock().now_ms())


def test_no_link_to_what_is_of_no_shop(desk: Desk) -> None:
    """Nor to what is not there, nor where there is no page."""
    desk.town.record(bikes(Change.RAISED, SystemClock().now_ms(), zone="lane"))
    for number, problem in (("1", "of no shop"), ("2", "not in the book")):
        assert problem in str(desk.run("link", number).exception)
    desk.environment["LONGCHENG_SHOP_URL"] = ""
    assert isinstance(desk.run("link", "1").exception, ConfigError)


def test_a_photo_is_given_out_for_a_reason_and_written_down(desk: Desk, tmp_path: Path) -> None:
    """Into a new file of one's own; by its reply."""
    desk.town.record(bikes(Change.RAISED, SystemClock().now_ms()))
    name = ShopPhotos(desk.data).keep(jpeg(street()))
    said = ShopReply(id=0, ladder_id=1, shop_id="S1", matter="09010", kind=ReplyKind.CORRECTED, given_ms=1)
    with desk.store.transaction() as tx:
        with_photo = tx.add_reply(replace(said, picture=name))
        without = tx.add_reply(said)
    to = tmp_path / "seen.jpg"
    result = desk.run("photo", str(with_photo.id), "--reason", "异议核实", "--who", "王工", "--to", str(to))
    assert result.exit_code == 0, result.output
    assert to.read_bytes().startswith(b"\xff\xd8\xff")
    assert to.stat().st_mode & 0o777 == 0o600
    (line,) = (desk.data / "evidence" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) | {"at_ms": 0} == {
        "at_ms": 0,
        "what": "read",
        "name": f"shop:{name}",
        "who": "王工",
        "why": "异议核实",
    }
    for reply, problem in ((without.id, "without a photo"), (99, "not in the book")):
        wrong = desk.run("photo", str(reply), "--reason", "x", "--to", str(tmp_path / "other.jpg"))
        assert problem in str(wrong.exception)
    for words in (("--reason", "x", "--to", str(to)), ("--reason", " ", "--to", str(tmp_path / "other.jpg"))):
        assert isinstance(desk.run("photo", str(with_photo.id), *words).exception, ConfigError)
    assert not (tmp_path / "other.jpg").exists()
