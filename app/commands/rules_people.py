"""`longcheng rules alarms | ack | release | silence`: what people say about alarms."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from app.commands.case_book import opened_book
from app.commands.language import Language, words_in
from app.commands.moments import later_ms
from app.commands.which_site import SiteName, the_site
from config.load import Site
from domain.clock import SystemClock
from domain.order import AlarmOrder, OrderKind
from domain.silence import Silence

if TYPE_CHECKING:
    from app.people import People
    from storage.case_store import CaseStore

silence_cli = typer.Typer(no_args_is_help=True, help="Let nobody be told of some alarms, for a time.")
out = Console()

AlarmId = Annotated[int, typer.Argument(metavar="ALARM", help="The number of an alarm, as `rules alarms` shows it.")]
Who = Annotated[str, typer.Option("--who", envvar="LONGCHENG_WHO", show_default=False, help="Who says so; it is kept.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept, and shown.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
_WAIT_S: Final = 0.1
_WAITS: Final = 50


def alarms(
    *,
    site: SiteName = "",
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 200,
    language: Language = "",
    as_json: AsJson = False,
) -> None:
    """Open alarms, the worst first: their numbers, how they stand, and who has taken them on or silenced them."""
    from app.commands import rules_people_view as view

    found = the_site(site)
    with opened_book(found) as store:
        shown = store.alarms(open_only=not everything, limit=limit)
        total = store.counts().alarms_total if everything else store.counts().alarms_open
    now_ms = SystemClock().now_ms()
    if as_json:
        out.print_json(view.alarms_json(shown, total, found, now_ms).decode(), indent=None)
    else:
        out.print(view.alarms_table(shown, total, found, words_in(language, found, now_ms)))


def ack(
    alarm: AlarmId,
    *,
    who: Who,
    why: Why,
    until: Annotated[
        str | None, typer.Option(help="`2h` from now, or a time; after it the alarm is as before. Default: its end.")
    ] = None,
    instead_of: Annotated[str | None, typer.Option(help="Who has taken it on, and from whom you take it over.")] = None,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Take an alarm on: it is shown with your name and your reason. It goes on until what it is about has ended.

    Should it get worse than it was, it has to be taken on anew.
    """
    found = the_site(site)
    until_ms = None if until is None else later_ms(until, "--until", found.timezone, SystemClock())
    with _people(found) as (people, store):
        order = people.order(OrderKind.ACK, alarm, who=who, why=why, until_ms=until_ms, instead_of=instead_of)
        _tell(order, store, found, as_json=as_json)


def release(alarm: AlarmId, *, who: Who, why: Why, site: SiteName = "", as_json: AsJson = False) -> None:
    """End an alarm by your word: the only way for smoke and others that are latched, and open to every other.

    Go and see first: should it be so still, or again, the next message raises a new alarm.
    """
    found = the_site(site)
    with _people(found) as (people, store):
        _tell(people.order(OrderKind.RELEASE, alarm, who=who, why=why), store, found, as_json=as_json)


@silence_cli.command("add")
def silence_add(
    *,
    who: Who,
    why: Why,
    until: Annotated[str, typer.Option(help="Its end: `2h` from now, or a time. At most 30 days.")],
    begins: Annotated[str | None, typer.Option("--from", help="Its beginning; default: now.")] = None,
    rule: Annotated[str | None, typer.Option(help="A rule's id, or a pattern: `charger-*`.")] = None,
    subject: Annotated[str | None, typer.Option(help="A subject, or a pattern: `cs-001/*`.")] = None,
    device: Annotated[str | None, typer.Option(help="A device's or camera's id, or a pattern.")] = None,
    kind: Annotated[str | None, typer.Option(help="A kind of device: `charger`, `tree`, `camera`, …")] = None,
    sub_district: Annotated[str | None, typer.Option(help="A sub-district (街道), or a pattern.")] = None,
    even_critical: Annotated[
        bool,
        typer.Option("--even-critical", help="Cover alarms, too, that are critical or that only a person may end."),
    ] = False,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Let nobody be told of the alarms that fit all that is named, until a time.

    They are raised, shown and logged all the same; no notice goes out, and no case or reminder begins. What that holds
    back happens when the silence ends, if the alarm still stands then.
    """
    from app.commands import rules_people_view as view

    found, clock = the_site(site), SystemClock()
    asked = Silence(
        id=0,
        rule_id=rule,
        subject=subject,
        device_id=device,
        kind=kind,
        sub_district=sub_district,
        who=who,
        why=why,
        from_ms=clock.now_ms() if begins is None else later_ms(begins, "--from", found.timezone, clock),
        until_ms=later_ms(until, "--until", found.timezone, clock),
        even_critical=even_critical,
        given_ms=0,
    )
    with _people(found) as (people, _):
        silence = people.silence(asked)
        covered, spared = people.covered(silence)
    if as_json:
        out.print_json(view.silence_json(silence, found, covered, spared).decode(), indent=None)
    else:
        out.print(view.silence_given(silence, found, covered, spared))


@silence_cli.command("list")
def silence_list(
    *,
    site: SiteName = "",
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most, the newest first.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """Silences that are in force or planned: whose, why, what they cover, and until when."""
    from app.commands import rules_people_view as view

    found = the_site(site)
    with _people(found) as (people, _):
        silences = people.silences(open_only=not everything, limit=limit)
    if as_json:
        out.print_json(view.silences_json(silences, found).decode(), indent=None)
    else:
        out.print(view.silences_table(silences, found, SystemClock().now_ms()))


@silence_cli.command("end")
def silence_end(
    silence: Annotated[int, typer.Argument(metavar="SILENCE", help="Its number, as `rules silence list` shows it.")],
    *,
    who: Who,
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """End a silence before its time: what it held back happens now."""
    from app.commands import rules_people_view as view

    found = the_site(site)
    with _people(found) as (people, _):
        ended = people.end_silence(silence, who=who)
    if as_json:
        out.print_json(view.silences_json([ended], found).decode(), indent=None)
    else:
        out.print(f"silence {silence} is over; what it held back happens with the rules' next step")


@contextmanager
def _people(site: Site) -> "Iterator[tuple[People, CaseStore]]":
    from app.people import People
    from app.written_rules import written_ids

    with opened_book(site) as store:
        yield People(store, site, SystemClock(), rule_ids=lambda: written_ids(site)), store


def _tell(order: AlarmOrder, store: "CaseStore", site: Site, *, as_json: bool) -> None:
    """What has come of it. A `serve` that runs carries it out within a second or so; that is waited for."""
    from app.commands import rules_people_view as view
    from app.running import running

    serves, moment = running(site.settings.data_dir) is not None, threading.Event()
    for _ in range(_WAITS if serves else 0):
        if order.outcome is not None:
            break
        moment.wait(_WAIT_S)
        order = store.order(order.id) or order
    if as_json:
        out.print_json(view.order_json(order, site).decode(), indent=None)
    else:
        out.print(Text(view.order_said(order, serves=serves)), soft_wrap=True)
