"""`longcheng shop …`: what shops reach by the link in their notice, for who looks after it."""

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.commands.case_book import opened_book
from app.commands.which_site import SiteName, the_site
from cases.shop_links import ShopLinks
from domain.clock import SystemClock
from domain.errors import ConfigError
from storage.evidence_store.ledger import Ledger, Line, Word

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
out = Console()

_LEDGER = Path("evidence") / "ledger.jsonl"


@cli.command()
def link(
    ladder: Annotated[int, typer.Argument(help="Its number, as `longcheng ladder list` shows it.")],
    *,
    site: SiteName = "",
) -> None:
    """A new link to the page of one ladder, for a shop that has lost its own. Give it to nobody else."""
    found = the_site(site)
    if not found.settings.shop_page.url:
        raise found.wrong("shop_page.url is not set, so there is no page that a link could open", "shop_page", "url")
    with opened_book(found) as store:
        known = store.ladder(ladder)
    if known is None or known.shop_id is None:
        raise ConfigError(
            f"ladder {ladder} is {'not in the book' if known is None else 'of no shop'}; nobody gets a link"
        )
    made = ShopLinks.of(found).link(known, SystemClock().now_ms())
    shop = found.shops.get(known.shop_id)
    out.print(Text(f"for {shop.name if shop else known.shop_id} alone: {made}"), soft_wrap=True)


@cli.command()
def photo(
    reply: Annotated[int, typer.Argument(help="The number of the shop's reply or contest.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why. It is written down for good.")],
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not be there yet.")],
    who: Annotated[
        str, typer.Option("--who", help="In whose name; your login's if left out.", show_default=False)
    ] = "",
    site: SiteName = "",
) -> None:
    """Copy the photo that a shop sent along into a file. Who did it and why is written down first."""
    from app.shop_photos import ShopPhotos  # it brings OpenCV, which most commands can do without

    found, person = the_site(site), who or getpass.getuser()
    if to.exists():
        raise ConfigError(f"--to is {to}, which is there already; name a new file")
    if not reason.strip():
        raise ConfigError("a shop's photo is only shown for a reason, which is written down")
    with opened_book(found) as store, store.transaction() as tx:
        said = tx.reply(reply)
    name = said.picture if said else None
    path = ShopPhotos(found.settings.data_dir).path(name) if name else None
    if name is None or path is None:
        what = "is not in the book" if said is None else "came without a photo" if name is None else "has none any more"
        raise ConfigError(f"reply {reply} {what}")
    seen = Line(at_ms=SystemClock().now_ms(), what=Word.READ, name=f"shop:{name}", who=person, why=reason)
    Ledger(found.settings.data_dir / _LEDGER).add(seen)
    to.touch(mode=0o600, exist_ok=False)
    to.write_bytes(path.read_bytes())
    out.print(Text(f"{to}: seen by {person}: {reason}"), soft_wrap=True)
