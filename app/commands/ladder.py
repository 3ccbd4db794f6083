"""`longcheng ladder …`: what waits for a person, what shops contest, and which matters may be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.commands.case_book import opened_book
from app.commands.which_site import SiteName, the_site
from config.load import Site
from domain.clock import SystemClock
from domain.errors import OrderRefused

if TYPE_CHECKING:
    from app.ladder_people import LadderPeople

cli = typer.Typer(
    no_args_is_help=True,
    help="What waits for a person on the way to a notice: is it so, is a shop right, may it be told.",
)
out = Console()

Episode = Annotated[int, typer.Argument(metavar="EPISODE", help="Its number, as `ladder waiting` shows it.")]
Who = Annotated[str, typer.Option("--who", envvar="LONGCHENG_WHO", show_default=False, help="Who says so; it is kept.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept, and told to the shop that contested it.")]
Limit = Annotated[int, typer.Option(help="How many at most, the newest first.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]


@cli.command()
def waiting(*, site: SiteName = "", limit: Limit = 50, as_json: AsJson = False) -> None:
    """What nobody has said yet whether it is so, with since when it is there and when a person is asked again."""
    from app.commands import ladder_view as view
    from domain.ladder import LadderStep

    found = the_site(site)
    with opened_book(found) as store:
        waits = [one for one in store.ladders(open_only=True, limit=1_000_000) if one.step is LadderStep.CONFIRM]
    if as_json:
        out.print_json(view.ladders_json(waits[:limit], found).decode(), indent=None)
    else:
        out.print(view.ladders_table(waits[:limit], found, SystemClock().now_ms()))


@cli.command("list")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    site: SiteName = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """The ladders that run, with where each stands and when it is looked at again."""
    from app.commands import ladder_view as view

    found = the_site(site)
    with opened_book(found) as store:
        ladders = store.ladders(open_only=not everything, limit=limit)
    if as_json:
        out.print_json(view.ladders_json(ladders, found).decode(), indent=None)
    else:
        out.print(view.running_table(ladders, found, SystemClock().now_ms()))


@cli.command()
def confirm(episode: Episode, *, who: Who, site: SiteName = "", as_json: AsJson = False) -> None:
    """It is so: the shop is told, as it goes for the matter."""
    from app.commands import ladder_view as view

    found = the_site(site)
    with _people(found) as people:
        ladder = people.confirm(episode, who=who)
    if as_json:
        out.print_json(view.ladders_json([ladder], found).decode(), indent=None)
    else:
        out.print(Text(f"episode {episode} is so; it goes on at {ladder.step.value}"), soft_wrap=True)


@cli.command()
def reject(episode: Episode, *, who: Who, why: Why, site: SiteName = "", as_json: AsJson = False) -> None:
    """It is none: nobody is told, there is no case, and its alarm ends with the rules' next step."""
    from app.commands import ladder_view as view

    found = the_site(site)
    with _people(found) as people:
        ladder = people.reject(episode, who=who, why=why)
    if as_json:
        out.print_json(view.ladders_json([ladder], found).decode(), indent=None)
    else:
        out.print(Text(f"episode {episode} is none; nobody is told"), soft_wrap=True)


@cli.command()
def contests(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that were decided, too.")] = False,
    site: SiteName = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """What shops contest, in their words; while one waits, nothing else happens to its episode."""
    from app.commands import ladder_view as view

    found = the_site(site)
    with _people(found) as people:
        said = people.contests(undecided_only=not everything, limit=limit)
        about = {one.id: people.ladder(one.ladder_id) for one in said}
    if as_json:
        out.print_json(view.contests_json(said, about, found).decode(), indent=None)
    else:
        out.print(view.contests_table(said, about, found, SystemClock().now_ms()))


@cli.command()
def decide(
    contest: Annotated[int, typer.Argument(metavar="CONTEST", help="Its number, as `ladder contests` shows it.")],
    *,
    who: Who,
    why: Why,
    upheld: Annotated[
        bool | None,
        typer.Option("--upheld/--rejected", show_default=False, help="The shop is right; or it is not."),
    ] = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Say whether a shop is right. It is told, with the reason.

    Upheld: no case comes of it, its own case is closed as false, its alarm ends. Rejected: it goes on where it stood,
    with its whole time anew.
    """
    from app.commands import ladder_view as view

    if upheld is None:
        raise OrderRefused("say --upheld (the shop is right) or --rejected (it is not)")
    found = the_site(site)
    with _people(found) as people:
        decided = people.decide(contest, upheld=upheld, who=who, why=why)
        ladder = people.ladder(decided.ladder_id)
    if as_json:
        out.print_json(view.contests_json([decided], {decided.id: ladder}, found).decode(), indent=None)
    else:
        said = "the shop is right" if upheld else "the shop is not right"
        step = ladder.step.value if ladder else "–"
        out.print(Text(f"contest {contest} is decided: {said}; episode {decided.ladder_id} is {step}"), soft_wrap=True)


@cli.command()
def rights(*, site: SiteName = "", as_json: AsJson = False) -> None:
    """How often finds of each matter were so, of how many, and which need a person before anybody is told."""
    from app.commands import ladder_view as view

    found = the_site(site)
    with _people(found) as people:
        standings = people.rights()
    if as_json:
        out.print_json(view.rights_json(standings, found).decode(), indent=None)
    else:
        out.print(view.rights_table(standings, found))


@cli.command()
def restore(
    matter: Annotated[str, typer.Argument(metavar="MATTER", help="Its code, as `ladder rights` shows it.")],
    *,
    who: Who,
    why: Why,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Let finds of a matter lead to notices without a person again. What is measured begins anew."""
    from app.commands import ladder_view as view

    found = the_site(site)
    with _people(found) as people:
        standing = people.restore(matter, who=who, why=why)
    if as_json:
        out.print_json(view.rights_json([standing], found).decode(), indent=None)
    else:
        out.print(Text(f"finds of {matter} lead to notices again; what is measured begins anew"), soft_wrap=True)


@contextmanager
def _people(site: Site) -> "Iterator[LadderPeople]":
    from app.ladder_people import LadderPeople

    with opened_book(site) as store:
        yield LadderPeople(store, site, SystemClock())
