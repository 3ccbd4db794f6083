"""`site.yaml`, from top to bottom."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from config.case_store import Cases
from config.console import Console
from config.deadlines import Deadlines
from config.exports import Exports
from config.figures import Figures
from config.ladder import Ladder
from config.map import Map
from config.notices import Notices
from config.platform import Platform
from config.schema.backup import Backup
from config.schema.evidence import Evidence
from config.schema.ingest import Ingest
from config.schema.journal import Journal
from config.schema.mqtt import Mqtt
from config.schema.series import Series
from config.schema.vision import Vision
from config.shop_page import ShopPage
from config.strict import Strict, Words


class Demo(Strict):
    """Only for a simulated city: ladders and minimum stays run `compress` times as fast; deadlines don't."""

    compress: float = Field(default=1.0, ge=1)


class Settings(Strict):
    """`site.yaml`."""

    site: str = Field(pattern=r"^[a-z0-9-]+$")
    name: Words
    division: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the city, part of every case number")
    language: Literal["zh-CN", "en"] = "zh-CN"
    timezone: str = "Asia/Shanghai"
    data_dir: Path
    mqtt: Mqtt
    ingest: Ingest = Ingest()
    journal: Journal = Journal()
    series: Series = Series()
    cases: Cases = Cases()
    vision: Vision = Vision()
    evidence: Evidence = Evidence()
    backup: Backup = Backup()
    ladder: Ladder = Ladder()
    deadlines: Deadlines = Deadlines()
    notices: Notices = Notices()
    figures: Figures = Figures()
    exports: Exports = Exports()
    platform: Platform = Platform()
    shop_page: ShopPage = ShopPage()
    console: Console = Console()
    map: Map = Map()
    rules: tuple[Path, ...] = Field(default=(), description="rule files, relative to site.yaml")
    demo: Demo | None = None

    @property
    def compress(self) -> float:
        """How many times faster than life the ladders run: 1 everywhere but in a demo."""
        return self.demo.compress if self.demo else 1.0
