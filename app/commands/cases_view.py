"""Cases as they are read in a terminal, and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cases.deadlines import Deadlines
from config.load import Site
from console.api.answers import CasesOut, CaseStoryOut
from console.api.rows import Rows
from console.pages.cases import story_lines
from console.payload import readable
from console.places import place_of
from console.words import Words
from domain.case import Case, CaseState, LogEntry
from domain.case_order import allowed
from domain.overdue import overdue

_PICTURES: Final = ("context", "onset", "confirmed", "cleared")


def cases_table(cases: Sequence[Case], total: int, site: Site, now_ms: int) -> RenderableType:
    """A few lines for each case, so that they fit eighty columns."""
    if not cases:
        return Text("no such cases")
    words, table = Words(site, site.settings.language, now_ms), _table(f"{len(cases)} of {total} cases")
    for name in ("case", "state", "due"):
        table.add_column(name, no_wrap=True)
    table.add_column("what", overflow="fold")
    for case in cases:
        what = [
            words.pick(case.title_zh, case.title_en),
            place_of(site, words, case.device_id, shop_id=case.shop_id).name,
        ]
        who = " · ".join(filter(None, (case.unit, case.handler)))
        due = [words.clock(case.due_ms), *(["overdue"] if overdue(case, now_ms) else [])]
        table.add_row(
            case.id,
            Text("\n").join([Text(case.state.value), *_returned(case)]),
            Text("\n".join(due), style="red" if overdue(case, now_ms) else ""),
            Text("\n").join([_plain(" · ".join(what)), _plain(who)]),
        )
    return table


def case_sheet(case: Case, story: Sequence[LogEntry], site: Site, now_ms: int) -> RenderableType:
    """Everything of one case."""
    words = Words(site, site.settings.language, now_ms)
    facts = _table("")
    facts.add_column(no_wrap=True, style="bold")
    facts.add_column(overflow="fold")
    for name, value in _facts(case, site, words):
        facts.add_row(name, _plain(value))
    lines = _table("story")
    lines.add_column("at", no_wrap=True)
    lines.add_column("who", no_wrap=True)
    lines.add_column("what", overflow="fold")
    for line in story_lines(story, words):
        said = f"{line.text} ({line.by_rule})" if line.by_rule else line.text
        lines.add_row(words.clock(line.at_ms), _plain(line.who), _plain(said))
    now = ", ".join(allowed(case.state)) or "nothing"
    return Group(facts, Text(), lines, Text(), Text(f"version {case.version}; now there is: {now}"))


def _facts(case: Case, site: Site, words: Words) -> Iterator[tuple[str, str]]:
    yield "case", f"{case.id} {words.pick(case.title_zh, case.title_en)}"
    matter = site.matters.get(case.matter)
    yield "matter", f"{case.matter} {words.pick(matter.zh, matter.en)}" if matter else case.matter
    place = place_of(site, words, case.device_id, shop_id=case.shop_id)
    yield "place", " · ".join(filter(None, (place.name, place.where, case.grid)))
    yield "state", f"{case.state.value} ({words.term('case_state', case.state)}) since {words.clock(case.state_ms)}"
    yield "unit", " · ".join(filter(None, (case.unit, case.handler)))
    limit = f" ({case.time_limit}, tier {case.tier})" if case.time_limit else ""
    yield "due", f"{words.exact(case.due_ms)}{limit}"
    step_ms = Deadlines(site).leaves_by_ms(case)
    if step_ms is not None and step_ms != case.due_ms:
        yield "step due", words.exact(step_ms)
    if overdue(case, words.now_ms):
        yield "overdue", f"since {words.exact(case.overdue_ms or case.due_ms)}"
    if case.state is CaseState.DEFERRED and case.deferred_until_ms is not None:
        yield "put off", f"until {words.exact(case.deferred_until_ms)}"
    if case.reworks or case.reopened:
        counted = (("re-worked", case.reworks), ("opened again", case.reopened))
        yield "again", ", ".join(f"{what} {_times(n)}" for what, n in counted if n)
    yield from _ended(case, words)
    for name in _PICTURES:
        look = getattr(case, name)
        if look is not None and look.picture is not None:
            yield name, f"{look.picture} of {words.clock(look.taken_ms)}"


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def _ended(case: Case, words: Words) -> Iterator[tuple[str, str]]:
    if case.closed_ms is not None:
        reason = f" as {case.closed_reason}" if case.closed_reason else ""
        yield "closed", f"{words.exact(case.closed_ms)}{reason}"
    if case.duplicate_of:
        yield "part of", case.duplicate_of
    if case.rating is not None:
        yield "rating", f"{case.rating} of 5, by {case.rated_by}"


def _returned(case: Case) -> list[Text]:
    again = [f"re-work {case.reworks}"] if case.reworks else []
    again += [f"opened again {case.reopened}"] if case.reopened else []
    return [Text(one) for one in again]


def done(case: Case, site: Site, now_ms: int) -> str:
    """What has come of an order."""
    words = Words(site, site.settings.language, now_ms)
    who = " · ".join(filter(None, (case.unit, case.handler)))
    if case.closed_ms is not None:
        reason = f" as {case.closed_reason}" if case.closed_reason else ""
        if case.rating is not None:
            return f"case {case.id} is rated {case.rating} of 5; it was closed{reason}"
        return f"case {case.id} is {case.state}{reason}"
    return f"case {case.id} is {case.state}, with {who}, due {words.clock(case.due_ms)} (version {case.version})"


def cases_json(cases: Sequence[Case], total: int, site: Site, now_ms: int) -> bytes:
    """As the API gives them."""
    rows = Rows(site, now_ms)
    return msgspec.json.encode(CasesOut(items=[rows.case(case) for case in cases], total=total))


def case_json(case: Case, story: Sequence[LogEntry], site: Site, now_ms: int) -> bytes:
    """As the API gives it."""
    rows = Rows(site, now_ms)
    return msgspec.json.encode(CaseStoryOut(case=rows.case(case), story=[rows.line(line) for line in story]))


def one_json(case: Case, site: Site, now_ms: int) -> bytes:
    """As the API answers an order."""
    return msgspec.json.encode(Rows(site, now_ms).case(case))


def _table(title: str) -> Table:
    return Table(
        title=title or None,
        title_justify="left",
        show_header=bool(title),
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )


def _plain(text: str) -> Text:
    """Names and reasons may look like Rich's markup."""
    return Text(readable(text, limit=400))
