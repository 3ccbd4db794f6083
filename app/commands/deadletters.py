"""The commands of `longcheng deadletters`."""

from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.commands.which_site import SiteName, the_site
from config.load import Site
from config.schema import duration_s
from domain.clock import SystemClock, epoch_ms
from domain.errors import ConfigError
from domain.message import RejectReason

if TYPE_CHECKING:
    from app.replay import Trial
    from console.desk.letters import Replayed
    from storage.deadletters import DeadLetters

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
Reason = Annotated[RejectReason | None, typer.Option(help="Only letters of this reason.")]
Topic = Annotated[str | None, typer.Option(help="Only topics with this in them, such as a device's id.")]
Ids = Annotated[list[int] | None, typer.Argument(help="Ids of letters, as `list` shows them.", metavar="[IDS]")]


@cli.command("list")
def list_letters(
    *,
    site: SiteName = "",
    reason: Reason = None,
    topic: Topic = None,
    since: Annotated[
        str | None, typer.Option(help="Only of messages received since: `2h` or `7d` ago, or `2026-11-22T08:00`.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many at most, the newest first.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """What could not be used: how much for each reason, and the newest letters."""
    from app.commands import deadletters_view as view

    found = the_site(site)
    since_ms = None if since is None else _moment_ms(since, found)
    with _opened(found) as letters:
        counts, discarded = letters.counts_by_reason(), letters.discarded()
        some = letters.list(reason=reason, topic_contains=topic, since_ms=since_ms, limit=limit)
        fitting = letters.count(reason=reason, topic_contains=topic, since_ms=since_ms)
    if as_json:
        _print_json(view.list_json(found, counts, discarded, some, fitting))
        return
    out.print(view.summary(counts, discarded, found.settings.data_dir / "deadletters.db"))
    if some:
        out.print(view.table(some, found, fitting))


@cli.command()
def show(
    letter_id: Annotated[int, typer.Argument(metavar="ID", help="The id of a letter, as `list` shows it.")],
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Everything about a letter: its message, why each part was refused, and what would be made of it now."""
    from app.commands import deadletters_view as view
    from app.replay import trial_of

    found = the_site(site)
    with _opened(found) as letters:
        letter = letters.get(letter_id)
        message = next(iter(letters.messages([letter_id])), None)
    if letter is None or message is None:
        raise _no_letter([letter_id], found)
    now = trial_of(found)(message.message)
    if as_json:
        _print_json(view.letter_json(found, letter, message, now))
        return
    for part in view.whole(found, letter, message, now):
        out.print(part)


@cli.command()
def replay(
    ids: Ids = None,
    *,
    site: SiteName = "",
    reason: Reason = None,
    topic: Topic = None,
    everything: Annotated[bool, typer.Option("--all", help="All letters there are.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also what would be refused again, or while an older `serve` runs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put messages through again, after the register, a profile or a rule has been mended.

    The messages go into the journal as they came, in their order and with the time they were received at, and their
    letters go. Whether `serve` runs or is started later, it takes them from there. One that runs reads by the files
    it was started with: if these are not those of now, nothing is done until it is started anew. Readings are stored
    under their own times, once, however often this is done. Rules take them as late: they may extend an alarm, and
    raise none older than the rule allows. What is still wrong with a message comes back as a new letter. A message
    that would be refused for the same reasons as before stays where it is, unless forced; one the journal itself
    could not read back always stays.
    """
    from app.commands import deadletters_view as view
    from app.replay import trial_of

    _check_selector(ids, everything, {"--reason": reason, "--topic": topic})
    found = the_site(site)
    if not force and not dry_run:
        _check_no_older_serve(found)
    trial = None if force else trial_of(found)
    with _opened(found) as letters:
        chosen = _chosen(found, ids, letters.ids(reason=reason, topic_contains=topic, among=ids))
        done = _put_through(chosen, letters, found, trial, dry_run=dry_run)
        unborn = letters.ids(reason=RejectReason.NO_BIRTH, among=chosen)
    if as_json:
        _print_json(msgspec.json.encode(done))
        return
    for line in view.replayed(done, len(unborn), dry_run=dry_run):
        out.print(line)


@cli.command()
def purge(
    ids: Ids = None,
    *,
    site: SiteName = "",
    reason: Reason = None,
    older_than: Annotated[
        str | None, typer.Option(help="Only of messages received longer ago than this: `12h`, `7d`.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All letters there are.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let go of letters for good."""
    _check_selector(ids, everything, {"--reason": reason, "--older-than": older_than})
    found = the_site(site)
    older_than_ms = None if older_than is None else SystemClock().now_ms() - _duration_ms(older_than, "--older-than")
    with _opened(found) as letters:
        chosen = _chosen(found, ids, letters.ids(reason=reason, older_than_ms=older_than_ms, among=ids))
        if chosen and not yes:
            typer.confirm(f"Let {len(chosen)} letters go for good?", abort=True, err=True)
        gone = letters.remove(chosen)
    if as_json:
        _print_json(msgspec.json.encode({"letters": gone}))
    else:
        out.print(f"{gone} letters are gone")


@cli.command()
def mend(
    letter_id: Annotated[int, typer.Argument(metavar="ID", help="The id of a letter, as `list` shows it.")],
    *,
    who: Annotated[str, typer.Option("--who", envvar="LONGCHENG_WHO", show_default=False, help="Who says so; kept.")],
    why: Annotated[str, typer.Option(help="What was wrong, and how you know what is right; kept.")],
    topic: Annotated[str | None, typer.Option(help="The topic it should have had; default: as it came.")] = None,
    payload: Annotated[Path | None, typer.Option(help="A file with what it should say; default: as it came.")] = None,
    site: SiteName = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be made of it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a message through with another topic or payload; the original is kept beside it, with who and why."""
    from app.commands import deadletters_view as view
    from app.desk.letters import LettersAtHand
    from storage.case_opening import open_cases
    from storage.journal import Journal

    found, clock = the_site(site), SystemClock()
    said = None if payload is None else payload.read_bytes()
    if not dry_run:
        _check_no_older_serve(found)
    data, bounds = found.settings.data_dir, found.settings.journal
    with _opened(found) as letters, ExitStack() as open_:
        letter = letters.get(letter_id)
        if letter is None:
            raise _no_letter([letter_id], found)
        store, journal = open_cases(found.settings), Journal(data / "journal.db", max_bytes=bounds.max_size)
        open_.callback(store.close)
        open_.callback(journal.close)
        at_hand = LettersAtHand(site=found, deadletters=letters, journal=journal, store=store, clock=clock)
        to, says = topic or letter.topic, letter.payload if said is None else said
        trial = at_hand.check(letter_id, to, says)
        done = None if dry_run else at_hand.mend(letter_id, to, says, who=who, why=why)
    if as_json:
        _print_json(msgspec.json.encode({"now": trial, "mended": done}))
        return
    out.print(view.tried(trial))
    out.print("nothing was changed" if done is None else f"letter {letter_id} is mended: record {done.seq}")


def _put_through(
    chosen: list[int], letters: "DeadLetters", site: Site, trial: "Trial | None", *, dry_run: bool
) -> "Replayed":
    from app.replay import replay as run
    from storage.journal import Journal

    data, bounds = site.settings.data_dir, site.settings.journal
    with closing(Journal(data / "journal.db", max_bytes=bounds.max_size)) as journal, _progress() as bar:
        task = bar.add_task("letters", total=len(chosen))
        return run(
            chosen,
            deadletters=letters,
            journal=journal,
            trial=trial,
            dry_run=dry_run,
            progress=lambda some: bar.advance(task, some),
        )


def _check_no_older_serve(site: Site) -> None:
    """Raises ConfigError if a `serve` would only refuse again what was mended after its start."""
    from app.running import running
    from ingest.decode import Decoder

    serve = running(site.settings.data_dir)
    if serve is not None and serve.decoder != Decoder(site).version:
        raise ConfigError(f"serve (pid {serve.pid}) still runs with older files: restart it first, or --force")


def _opened(site: Site) -> "_Opened":
    return _Opened(site.settings.data_dir / "deadletters.db")


class _Opened:
    """The site's dead letters, closed at the end of a `with`."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ConfigError(f"there are no dead letters at {path} yet; is this the right site and working folder?")
        self._path = path

    def __enter__(self) -> "DeadLetters":
        from storage.deadletters import DeadLetters

        self._letters = DeadLetters(self._path)
        return self._letters

    def __exit__(self, *_problem: object) -> None:
        self._letters.close()


def _check_selector(ids: list[int] | None, everything: bool, others: dict[str, object]) -> None:
    given = [name for name, value in others.items() if value is not None]
    ways = [*(["IDS"] if ids else []), *(["--all"] if everything else []), *([" and ".join(given)] if given else [])]
    if not ways:
        raise typer.BadParameter(f"say which letters: their ids, {', '.join(others)}, or --all")
    if len(ways) > 1:
        raise typer.BadParameter(f"say it in one way, not by {' and by '.join(ways)}")


def _chosen(site: Site, asked: list[int] | None, found: list[int]) -> list[int]:
    """What was found, which must be all that was asked for by id."""
    missing = sorted(set(asked or ()) - set(found))
    if missing:
        raise _no_letter(missing, site)
    return found


def _no_letter(ids: list[int], site: Site) -> typer.BadParameter:
    where = site.settings.data_dir / "deadletters.db"
    return typer.BadParameter(f"there is no letter {', '.join(map(str, ids))} in {where}; nothing was done")


def _moment_ms(text: str, site: Site) -> int:
    """`2h` ago, or a time, which is the site's own unless it has an offset."""
    try:
        return SystemClock().now_ms() - round(duration_s(text) * 1000)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"--since is {text!r}; write 2h or 7d, or a time like 2026-11-22T08:00") from None
    return epoch_ms(at if at.tzinfo else at.replace(tzinfo=site.timezone))


def _duration_ms(text: str, name: str) -> int:
    try:
        return round(duration_s(text) * 1000)
    except ValueError as wrong:
        raise typer.BadParameter(f"{name} is {text!r}; {wrong}") from None


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True)


def _print_json(encoded: bytes) -> None:
    out.print_json(encoded.decode(), indent=None)
