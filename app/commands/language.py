"""In which language a command says what it found."""

from typing import Annotated, Literal

import typer

from config.load import Site
from console.words import Words
from domain.clock import SystemClock

Language = Annotated[
    Literal["zh-CN", "zh", "en", ""], typer.Option("--language", help="In which language; default: the site's.")
]


def words_in(language: str, site: Site, now_ms: int | None = None) -> Words:
    """The words of the language that was asked for; `zh` is `zh-CN`, and none the site's own."""
    spoken = "zh-CN" if language == "zh" else language or site.settings.language
    return Words(site, spoken, SystemClock().now_ms() if now_ms is None else now_ms)
