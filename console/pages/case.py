"""One case, whole."""

from console.pages.cases import case_card
from console.pages.looking import Found, Looking
from console.pages.pictures import Pictures

_NOTICES = 50


def case_view(looking: Looking) -> Found | None:
    """The page's title and what its one section is filled with; None if there is no such case."""
    desk, site, words, case_id = looking.desk, looking.site, looking.words, looking.view.about
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
