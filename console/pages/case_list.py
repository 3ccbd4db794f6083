"""All cases: a board by where they are, or a list."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlencode

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from cases.assignment import Assignment
from cases.notices.letters import Letters
from config.load import Site
from console.access.caller import Caller
from console.pages.case_tiles import Tile, Tiles
from console.pages.looking import AskPage, Found, Looking
from console.pages.pictures import Pictures
from console.words import Words
from domain.case import CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.errors import OrderRefused
from domain.finding import Severity
from domain.register import Camera, Device, Shop

_COLUMN: Final = 30
_PAGE: Final = 50
_S = CaseState
GROUPS: Final[Mapping[str, tuple[CaseState, ...]]] = {
    "dispatch": (_S.PENDING_CHECK, _S.PENDING_DISPATCH),
    "hand": (_S.PENDING_HANDLE, _S.RETURNED, _S.HANDLING),
    "verify": (_S.PENDING_VERIFY, _S.VERIFIED),
    "deferred": (_S.DEFERRED,),
    "over": (_S.CLOSED, _S.FORCE_CLOSED, _S.NOT_ACCEPTED, _S.RATED),
}
"""The columns of the board, and the states in each: who has to do the next thing is the same in all of one."""
_OPEN, _ANY, _OVER = "", "any", "over"
_Short = Annotated[str, Meta(max_length=200)]


class LookAs(StrEnum):
    """How they are laid out."""

    BOARD = "board"
    LIST = "list"


class AskCasesPage(AskPage, frozen=True, kw_only=True):
    """Which cases, in which order, laid out how."""

    look: LookAs = LookAs.BOARD
    state: _Short = _OPEN
    """A group, a state, `any`; empty: those that are open or, where a text is looked for, all."""
    unit: _Short = ""
    matter: _Short = ""
    severity: Severity | None = None
    district: _Short = ""
    overdue: bool = False
    text: Annotated[str, Meta(max_length=100)] = ""
    sort: CaseSort = CaseSort.WORST
    after: Annotated[str, Meta(max_length=1000)] = ""
    """The cursor of the page."""

    def where(self, **changed: object) -> str:
        """The address of the page that asks the same but for this; it begins with its first page."""
        told = asdict(self) | {"after": ""} | changed
        usual = asdict(AskCasesPage())
        query = {name: _told(value) for name, value in told.items() if value not in {usual[name], None, ""}}
        return f"/cases?{urlencode(query)}" if query else "/cases"

    def choice(self) -> CaseChoice:
        """All that fit, wherever they stand."""
        return CaseChoice(
            unit=self.unit or None,
            matter=self.matter or None,
            severity=self.severity,
            sub_district=self.district or None,
            overdue=True if self.overdue else None,
            text=self.text.strip() or None,
        )

    @property
    def states(self) -> tuple[CaseState, ...]:
        """Those that are asked for. Raises OrderRefused for what is none."""
        if self.state in {_OPEN, _ANY}:
            every = self.state == _ANY or bool(self.text.strip())
            return tuple(one for one in CaseState if every or not one.is_closed)
        if self.state in GROUPS:
            return GROUPS[self.state]
        if self.state in set(CaseState):
            return (CaseState(self.state),)
        allowed = ", ".join((_ANY, *GROUPS, *CaseState))
        raise OrderRefused(f"state is {self.state!r}; there is {allowed}")


class Column(Struct, frozen=True, kw_only=True):
    """One column of the board."""

    name: str
    total: int
    late: int | None
    tiles: Sequence[Tile]
    all_of: str
    """The address of all of them."""


class Option(Struct, frozen=True, kw_only=True):
    """One choice of a filter."""

    value: str
    word: str


def cases_view(looking: Looking) -> Found:
    """The page's title, and its sections: the head, the filters, and the board or the list."""
    asked, words = looking.view.as_(AskCasesPage), looking.words
    choice = asked.choice()
    counts = looking.desk.cases_by_state(choice)
    shown = sum(counts.get(state, 0) for state in asked.states)
    head: dict[str, object] = {
        "asked": asked,
        "total": shown,
        "looks": [Option(value=asked.where(look=one), word=words.say(f"board.look.{one}")) for one in LookAs],
        "look": asked.look,
        "quick": _quick(asked, looking),
    }
    filters: dict[str, object] = {"asked": asked, "narrowed": _narrowed(asked), **_options(looking)}
    tiles = Tiles(looking.site, words, Pictures(looking.desk))
    main: dict[str, object] = {"asked": asked}
    if asked.look is LookAs.BOARD:
        main["columns"] = _board(asked, looking, tiles, counts)
    else:
        main |= _list(asked, looking, tiles)
    title = words.say("board.page_title", n=words.number(shown))
    return title, {"cases_head": head, "cases_filters": filters, "cases_main": main}


def _board(asked: AskCasesPage, looking: Looking, tiles: Tiles, counts: Mapping[CaseState, int]) -> list[Column]:
    columns, whole = [], asked.state in {_OPEN, _ANY}
    for name, states in GROUPS.items():
        wanted = states if whole else tuple(state for state in states if state in asked.states)
        if not wanted:
            continue
        total = sum(counts.get(state, 0) for state in wanted)
        found: Sequence[Tile] = []
        if total:
            choice = replace(asked.choice(), states=frozenset(wanted))
            sort = CaseSort.CLOSED if name == _OVER else asked.sort
            found = tiles.of(looking.desk.cases_page(choice, sort=sort, limit=_COLUMN).items)
        all_of = asked.where(look=LookAs.LIST, state=name if whole else asked.state, **_sorted(name))
        columns.append(Column(name=name, total=total, late=_late(found, total, name), tiles=found, all_of=all_of))
    return columns


def _sorted(name: str) -> dict[str, object]:
    return {"sort": CaseSort.CLOSED} if name == _OVER else {}


def _late(tiles: Sequence[Tile], total: int, name: str) -> int | None:
    """How many of a column are overdue, where all of it is shown."""
    return sum(tile.overdue for tile in tiles) if total <= len(tiles) and name != _OVER else None


def _list(asked: AskCasesPage, looking: Looking, tiles: Tiles) -> dict[str, object]:
    choice = replace(asked.choice(), states=frozenset(asked.states))
    page = looking.desk.cases_page(choice, sort=asked.sort, cursor=asked.after or None, limit=_PAGE)
    return {
        "tiles": tiles.of(page.items),
        "total": page.total,
        "first": asked.where() if asked.after else "",
        "next": f"{asked.where()}{'&' if '?' in asked.where() else '?'}{urlencode({'after': page.next})}"
        if page.next
        else "",
        "sorts": [
            (asked.where(sort=one), looking.words.say(f"board.sort.{one}"), one is asked.sort)
            for one in (CaseSort.WORST, CaseSort.DUE, CaseSort.NEWEST, CaseSort.CLOSED)
        ],
    }


def _quick(asked: AskCasesPage, looking: Looking) -> list[tuple[str, str, bool]]:
    """Addresses of what people most often want: an address, its words, and whether it is what is shown."""
    words, plain = looking.words, AskCasesPage(look=asked.look)
    late = replace(plain, overdue=True)
    severe = replace(plain, severity=Severity.CRITICAL)
    found = [
        (late.where(), words.say("board.quick.overdue"), asked == late),
        (severe.where(), words.say("board.quick.critical"), asked == severe),
    ]
    for unit in _own_units(looking.site, looking.seat.caller):
        own = replace(plain, unit=unit)
        found.append((own.where(), unit, asked == own))
    return found


def _own_units(site: Site, caller: Caller | None) -> list[str]:
    """The units of the sub-districts that somebody is held to; of the whole city none is anybody's own."""
    if caller is None or caller.scope is None:
        return []
    named = [line.name for line in site.units.lines if line.sub_district in caller.scope]
    texts, language = site.texts, site.settings.language
    teams = [texts.say(language, "notices.team", {"sub_district": one}) for one in sorted(caller.scope)]
    return list(dict.fromkeys([*named, *teams]))


def _options(looking: Looking) -> dict[str, object]:
    site, words = looking.site, looking.words
    places: list[Shop | Camera | Device] = [*site.shops.values(), *site.cameras.values(), *site.devices.values()]
    matters = sorted(site.matters.items())
    return {
        "groups": [Option(value=name, word=words.say(f"board.column.{name}")) for name in GROUPS],
        "states": [Option(value=state.value, word=words.term("case_state", state)) for state in CaseState],
        "units": Assignment(site, Letters(site)).every(),
        "matters": [Option(value=code, word=f"{words.pick(one.zh, one.en)} {code}") for code, one in matters],
        "severities": [Option(value=one.value, word=words.term("severity", one)) for one in reversed(Severity)],
        "districts": sorted({place.location.sub_district for place in places}),
        "sorts": _sorts(words),
    }


def _sorts(words: Words) -> list[Option]:
    offered = (CaseSort.WORST, CaseSort.DUE, CaseSort.NEWEST, CaseSort.CLOSED)
    return [Option(value=one.value, word=words.say(f"board.sort.{one}")) for one in offered]


def _narrowed(asked: AskCasesPage) -> bool:
    usual = AskCasesPage(look=asked.look, sort=asked.sort, after=asked.after)
    return asked != usual


def _told(value: object) -> str:
    return "1" if value is True else str(value)
