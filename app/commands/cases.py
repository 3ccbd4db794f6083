"""`longcheng cases list | show`, and what people order about a case: take, report, verify, close and the others."""

from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from app.commands import cases_export
from app.commands.case_book import opened_book
from app.commands.language import Language, words_in
from app.commands.moments import later_ms
from app.commands.which_site import SiteName, the_site
from domain.case import CaseState, ClosedReason
from domain.case_choice import CaseChoice
from domain.case_order import BEFORE_VERIFIED, CaseAct, CaseOrder
from domain.clock import SystemClock
from domain.errors import ConfigError, OrderRefused

cli = cases_export.cli
out = Console()

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="The number of a case, as `cases list` shows it.")]
Who = Annotated[str, typer.Option("--who", envvar="LONGCHENG_WHO", show_default=False, help="Who says so; it is kept.")]
Why = Annotated[str, typer.Option("--why", help="The reason, or what was done; it is kept, and shown.")]
Version = Annotated[
    int | None, typer.Option("--version", help="The version you saw; if it has changed since, nothing is done.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
_REASONS: Final = sorted({*BEFORE_VERIFIED, ClosedReason.FIXED})


@cli.command("list")
def list_(
    *,
    state: Annotated[str | None, typer.Option(help="One state: pending_handle, pending_verify, deferred, …")] = None,
    unit: Annotated[str | None, typer.Option(help="Those that this unit has.")] = None,
    matter: Annotated[str | None, typer.Option(help="A matter's code.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that were ever past a deadline.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 50,
    language: Language = "",
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Open cases, the newest first: where each is, who has it, and until when. A closed state finds closed ones."""
    from app.commands import cases_view as view

    found, now_ms = the_site(site), SystemClock().now_ms()
    if state is not None and state not in set(CaseState):
        raise ConfigError(f"--state is {state!r}; there is {', '.join(CaseState)}")
    wanted = None if state is None else CaseState(state)
    closed_too = everything or (wanted is not None and wanted.is_closed)
    choice = CaseChoice(
        state=wanted, unit=unit, matter=matter, overdue=overdue or None, open=None if closed_too else True
    )
    with opened_book(found) as book:
        cases, total = book.cases_chosen(choice, now_ms, limit=limit)
    if as_json:
        out.print_json(view.cases_json(cases, total, found, now_ms).decode(), indent=None)
    else:
        out.print(view.cases_table(cases, total, found, words_in(language, found, now_ms)))


@cli.command()
def show(case: CaseId, *, language: Language = "", site: SiteName = "", as_json: AsJson = False) -> None:
    """One case: where it is, its deadlines, its pictures, its whole story, and what can be done with it now."""
    from app.commands import cases_view as view

    found, now_ms = the_site(site), SystemClock().now_ms()
    with opened_book(found) as book:
        one = book.case(case)
        if one is None:
            raise OrderRefused(f"there is no case {case}", "missing")
        story = book.log(case_id=case)
    if as_json:
        out.print_json(view.case_json(one, story, found, now_ms).decode(), indent=None)
    else:
        out.print(view.case_sheet(one, story, found, words_in(language, found, now_ms)))


@cli.command()
def accept(
    case: CaseId, *, who: Who, why: Why = "", version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """It is a case: it waits to be given to a unit."""
    _order(CaseAct.ACCEPT, case, who, why, version, site, as_json)


@cli.command()
def refuse(
    case: CaseId, *, who: Who, why: Why, version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """It is none; what stands of its alarms ends with it."""
    _order(CaseAct.REFUSE, case, who, why, version, site, as_json)


@cli.command()
def assign(
    case: CaseId,
    *,
    who: Who,
    unit: Annotated[
        str | None, typer.Option(help="To whom; default: who has it, or handles such things there.")
    ] = None,
    handler: Annotated[str | None, typer.Option(help="The person of the unit.")] = None,
    why: Why = "",
    version: Version = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Give it to a unit, or a person of it; they are told."""
    _order(CaseAct.ASSIGN, case, who, why, version, site, as_json, unit=unit, handler=handler)


@cli.command()
def take(
    case: CaseId,
    *,
    who: Who,
    handler: Annotated[str | None, typer.Option(help="Who begins, if it is not who says so.")] = None,
    why: Why = "",
    version: Version = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Begin to handle it."""
    _order(CaseAct.TAKE, case, who, why, version, site, as_json, handler=handler)


@cli.command()
def report(
    case: CaseId, *, who: Who, why: Why, version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """It is done, says its unit, and what was done; somebody else verifies it."""
    _order(CaseAct.REPORT, case, who, why, version, site, as_json)


@cli.command("return")
def return_(
    case: CaseId, *, who: Who, why: Why, version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """It is not done: back to the same unit, which is told why."""
    _order(CaseAct.RETURN, case, who, why, version, site, as_json)


@cli.command("send-back")
def send_back(
    case: CaseId, *, who: Who, why: Why, version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """It is not this unit's: the duty desk is told why, and gives it to another."""
    _order(CaseAct.SEND_BACK, case, who, why, version, site, as_json)


@cli.command()
def defer(
    case: CaseId,
    *,
    who: Who,
    why: Why,
    until: Annotated[str, typer.Option(help="`3d` from now, or a time; then it goes on by itself.")],
    version: Version = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Put it off with leave; its time does not run meanwhile. No emergency is put off."""
    until_ms = later_ms(until, "--until", the_site(site).timezone, SystemClock())
    _order(CaseAct.DEFER, case, who, why, version, site, as_json, until_ms=until_ms)


@cli.command()
def resume(
    case: CaseId, *, who: Who, why: Why, version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """What was put off goes on before its day."""
    _order(CaseAct.RESUME, case, who, why, version, site, as_json)


@cli.command()
def verify(
    case: CaseId, *, who: Who, why: Why = "", version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """Somebody has seen that it is done. Refused while an alarm of it stands; what nothing can see needs --why."""
    _order(CaseAct.VERIFY, case, who, why, version, site, as_json)


@cli.command()
def close(
    case: CaseId,
    *,
    who: Who,
    reason: Annotated[str, typer.Option(help=f"Why: {', '.join(_REASONS)}. All but fixed need --why.")] = "fixed",
    why: Why = "",
    version: Version = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """End it. As fixed once it is verified; what was none, or is not ours, at any time."""
    if reason not in _REASONS:
        raise ConfigError(f"--reason is {reason!r}; there is {', '.join(_REASONS)}")
    _order(CaseAct.CLOSE, case, who, why, version, site, as_json, reason=ClosedReason(reason))


@cli.command("force-close")
def force_close(
    case: CaseId, *, who: Who, why: Why, version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """End it by order, however it stands."""
    _order(CaseAct.FORCE_CLOSE, case, who, why, version, site, as_json)


@cli.command()
def merge(
    case: CaseId,
    *,
    into: Annotated[str, typer.Option(help="The case that is kept: open, of the same matter and place.")],
    who: Who,
    why: Why,
    version: Version = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """It is the same as another: closed as its duplicate, its alarms count for the other from now on."""
    _order(CaseAct.MERGE, case, who, why, version, site, as_json, into=into)


@cli.command()
def reopen(
    case: CaseId, *, who: Who, why: Why, version: Version = None, site: SiteName = "", as_json: AsJson = False
) -> None:
    """It is not over: back to the unit that had it, with a new deadline."""
    _order(CaseAct.REOPEN, case, who, why, version, site, as_json)


@cli.command()
def rate(
    case: CaseId,
    rating: Annotated[int, typer.Argument(metavar="RATING", help="1 (bad) to 5 (good).")],
    *,
    who: Who,
    why: Why = "",
    version: Version = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Say how well a closed case was handled."""
    _order(CaseAct.RATE, case, who, why, version, site, as_json, rating=rating)


def _order(  # noqa: PLR0917 - what every command has
    act: CaseAct, case: str, who: str, why: str, version: int | None, site: str, as_json: bool, **more: Any
) -> None:
    """At once, in the book itself; a `serve` that runs has it before its eyes with its next look."""
    from app.commands import cases_view as view
    from app.people import People

    found, clock = the_site(site), SystemClock()
    order = CaseOrder(case_id=case, act=act, who=who, why=why, version=version, **more)
    with opened_book(found) as book:
        after = People(book, found, clock, rule_ids=tuple).handle(order)
    if as_json:
        out.print_json(view.one_json(after, found, clock.now_ms()).decode(), indent=None)
    else:
        out.print(Text(view.done(after, words_in("", found, clock.now_ms()))), soft_wrap=True)
