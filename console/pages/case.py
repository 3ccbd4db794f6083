"""One case, whole."""

from config.load import Site
from console.desk import Desk
from console.pages.cases import case_card
from console.pages.pictures import Pictures
from console.words import Words

_NOTICES = 50


def case_context(case_id: str, desk: Desk, site: Site, words: Words) -> tuple[str, dict[str, dict[str, object]]] | None:
    """The page's title and what its one section is filled with; None if there is no such case."""
    case = desk.case(case_id)
    if case is None:
        return None
    card = case_card(case, desk.log(case_id=case_id), site, words, Pictures(desk))
    matter = site.matters.get(case.matter)
    facts: dict[str, object] = {
        "case": case,
        "card": card,
        "matter": case.matter if matter is None else f"{case.matter} {words.pick(matter.zh, matter.en)}",
        "notices": desk.notices(limit=_NOTICES, case_id=case_id),
    }
    return f"{card.title} · {case.id}", {"case": facts}
