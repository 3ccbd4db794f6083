"""Cases as they are read in a terminal, and as JSON."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cases.deadlines import Deadlines
from config.load import Site
from console.api.answers import CasesOut, CaseStoryOut
from console.api.rows import Rows
from console.pages.case_times import limit_said
from console.pages.cases import story_lines
from console.payload import readable
from console.places import place_of
from console.words import Words
from domain.case import Case, CaseState, LogEntry
from domain.case_order import allowed
from domain.overdue import overdue

_PICTURES: Final = ("context", "onset", "confirmed", "cleared")


def cases_table(cases: Sequence[Case], total: int, site: Site, words: Words) -> RenderableType:
    """A few lines for each case, so that they fit eighty columns."""
    say = _said(words)
    if not cases:
        return Text(say("none"))
    table = _table(say("listed", n=len(cases), total=total))
    for name in ("case", "state", "due"):
        table.add_column(say(name), no_wrap=True)
    table.add_column(say("what"), overflow="fold")
    for case in cases:
        late = overdue(case, words.now_ms)
        place = place_of(site, words, case.device_id, shop_id=case.shop_id).name
        what = " · ".join((words.pick(case.title_zh, case.title_en), place))
        table.add_row(
            case.id,
            Text("\n".join((words.term("case_state", case.state), *_returned(case, words)))),
            Text(
                "\n".join((words.clock(case.due_ms), *([say("overdue")] if late else []))), style="red" if late else ""
            ),
            Text("\n").join([_plain(what), _plain(_who(case))]),
        )
    return table


def case_sheet(case: Case, story: Sequence[LogEntry], site: Site, words: Words) -> RenderableType:
    """Everything of one case."""
    say, facts = _said(words), _table("")
    facts.add_column(no_wrap=True, style="bold")
    facts.add_column(overflow="fold")
    for name, value in _facts(case, site, words):
        facts.add_row(name, _plain(value))
    lines = _table(say("story"))
    lines.add_column(say("at"), no_wrap=True)
    lines.add_column(say("who"), no_wrap=True)
    lines.add_column(say("what"), overflow="fold")
    for line in story_lines(story, words):
        said = say("by_rule", text=line.text, rule=line.by_rule) if line.by_rule else line.text
        lines.add_row(words.clock(line.at_ms), _plain(line.who), _plain(said))
    acts = ", ".join(allowed(case.state)) or say("no_act")
    return Group(facts, Text(), lines, Text(), Text(say("version", version=case.version, acts=acts)))


def _said(words: Words) -> Callable[..., str]:
    return lambda key, **facts: words.say(f"commands.{key}", **facts)


def _who(case: Case) -> str:
    return " · ".join(filter(None, (case.unit, case.handler)))


def _facts(case: Case, site: Site, words: Words) -> Iterator[tuple[str, str]]:
    say = _said(words)
    yield say("case"), f"{case.id} {words.pick(case.title_zh, case.title_en)}"
    matter = site.matters.get(case.matter)
    yield say("matter"), f"{case.matter} {words.pick(matter.zh, matter.en)}" if matter else case.matter
    place = place_of(site, words, case.device_id, shop_id=case.shop_id)
    yield say("place"), " · ".join(filter(None, (place.name, place.where, case.grid)))
    state = words.term("case_state", case.state)
    yield say("state"), say("since", state=state, clock=words.clock(case.state_ms))
    yield say("unit"), _who(case)
    yield from _times(case, site, words)
    yield from _ended(case, words)
    for name in _PICTURES:
        look = getattr(case, name)
        if look is not None and look.picture is not None:
            shown = say("picture", name=look.picture, clock=words.clock(look.taken_ms))
            yield words.term("shot", name), shown


def _times(case: Case, site: Site, words: Words) -> Iterator[tuple[str, str]]:
    say, due = _said(words), words.exact(case.due_ms)
    limit = limit_said(case, site, words)
    yield say("due"), say("limit", at=due, limit=limit, tier=case.tier) if limit else due
    step_ms = Deadlines(site).leaves_by_ms(case)
    if step_ms is not None and step_ms != case.due_ms:
        yield say("step_due"), words.exact(step_ms)
    if overdue(case, words.now_ms):
        yield say("overdue"), say("overdue_since", at=words.exact(case.overdue_ms or case.due_ms))
    if case.state is CaseState.DEFERRED and case.deferred_until_ms is not None:
        yield say("put_off"), say("until", at=words.exact(case.deferred_until_ms))
    if again := _returned(case, words):
        yield say("again"), ", ".join(again)


def _ended(case: Case, words: Words) -> Iterator[tuple[str, str]]:
    say = _said(words)
    if case.closed_ms is not None:
        at, reason = words.exact(case.closed_ms), _reason(case, words)
        yield say("closed"), say("closed_as", at=at, reason=reason) if reason else at
    if case.duplicate_of:
        yield say("part_of"), case.duplicate_of
    if case.rating is not None:
        yield say("rating"), say("rated", rating=case.rating, who=case.rated_by)


def _reason(case: Case, words: Words) -> str:
    return words.term("closed_reason", case.closed_reason) if case.closed_reason else ""


def _returned(case: Case, words: Words) -> list[str]:
    counted = (("rework", case.reworks), ("reopened", case.reopened))
    return [words.say(f"commands.{what}", n=n) for what, n in counted if n]


def done(case: Case, words: Words) -> str:
    """What has come of an order."""
    say, reason = _said(words), _reason(case, words)
    facts = {"case": case.id, "state": words.term("case_state", case.state)}
    if case.closed_ms is None:
        return say("done", **facts, who=_who(case), due=words.clock(case.due_ms), version=case.version)
    if case.rating is not None:
        return say("done_rated", case=case.id, rating=case.rating)
    return say("done_closed_as", **facts, reason=reason) if reason else say("done_closed", **facts)


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
