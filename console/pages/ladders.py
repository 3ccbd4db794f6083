"""Shops being asked to correct something, and those that just did."""

from msgspec import Struct

from config.load import Site
from console.pages.headline import left
from console.pages.pictures import Pictures
from console.places import Place, place_of
from console.words import Words
from domain.ladder import Ladder


class LadderRow(Struct, frozen=True, kw_only=True):
    """One ladder in words. `recheck` is None once it has ended."""

    id: int
    title: str
    place: Place
    step: str
    started_ms: int
    recheck: str | None
    ended_ms: int | None
    took: str | None
    before: str | None
    cleared: str | None


def ladder_row(ladder: Ladder, site: Site, words: Words, pictures: Pictures) -> LadderRow:
    """One ladder in words."""
    matter = site.matters.get(ladder.matter)
    ended_ms = ladder.ended_ms
    return LadderRow(
        id=ladder.id,
        title=ladder.matter if matter is None else words.pick(matter.zh, matter.en),
        place=place_of(site, words, ladder.camera_id, shop_id=ladder.shop_id),
        step=words.term("ladder_step", ladder.step),
        started_ms=ladder.started_ms,
        recheck=_recheck(ladder, words) if ended_ms is None else None,
        ended_ms=ended_ms,
        took=None if ended_ms is None else words.lasting((ended_ms - ladder.started_ms) / 1000),
        before=pictures.url(ladder.confirmed) or pictures.url(ladder.onset),
        cleared=pictures.url(ladder.cleared),
    )


def _recheck(ladder: Ladder, words: Words) -> str:
    if ladder.recheck_ms <= words.now_ms:
        return words.say("ladders.recheck_due")
    return words.say("ladders.recheck", clock=words.clock(ladder.recheck_ms), left=left(ladder.recheck_ms, words))
