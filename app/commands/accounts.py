"""`longcheng accounts` and `longcheng audit`: who may use the console, and what they did."""

import getpass
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from app.called import command
from app.commands.language import Language, words_in
from app.commands.moments import later_ms
from app.commands.which_site import SiteName, the_site
from domain.account import COMMAND_LINE, Account, Audit, Outcome, check_name, check_password
from domain.clock import SystemClock, utc
from domain.errors import ConfigError
from domain.permission import Permission, Role

if TYPE_CHECKING:
    from config.load import Site
    from console.access.registry import Registry

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
tokens_cli = typer.Typer(no_args_is_help=True, help="What programs show in place of a password.")
audit_cli = typer.Typer(no_args_is_help=True)
cli.add_typer(tokens_cli, name="tokens")
out = Console()

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
Districts = Annotated[
    list[str] | None, typer.Option("--sub-district", help="Held to this sub-district; may be given several times.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]


@cli.command()
def add(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="What it is for.")],
    display_name: Annotated[str, typer.Option(help="How it is shown; else by its name.")] = "",
    sub_district: Districts = None,
    invite: Annotated[
        bool, typer.Option("--invite", help="Ask for no password: print a link by which its owner sets one.")
    ] = False,
    without: Annotated[
        bool, typer.Option("--no-password", help="Set none, as for who comes by a proxy or the bureau's sign-in.")
    ] = False,
    site: SiteName = "",
) -> None:
    """Make an account. Its password is asked for twice, or is the first line of standard input; never an argument."""
    check_name(name)
    with _registry(the_site(site)) as registry:
        registry.known_districts(sub_district or (), role)  # before anybody types a password
        hashed = None if invite or without else _hash(_new_password(name))
        account = registry.add(
            name, role, display_name=display_name, sub_districts=sub_district or (), password_hash=hashed
        )
        _note(registry, "accounts add", f"{name}, {role}")
        out.print(f"{name}: {role}, {_where(account)}")
        if invite:
            _print_link(registry, account, site)


@cli.command("list")
def list_accounts(site: SiteName = "", as_json: AsJson = False) -> None:
    """All accounts, disabled ones too."""
    found = the_site(site)
    with _registry(found) as registry:
        accounts = registry.store.accounts()
    if as_json:
        rows = [{**msgspec.to_builtins(one), "password_hash": None} for one in accounts]
        sys.stdout.write(msgspec.json.encode({"accounts": rows}).decode() + "\n")
        return
    if not accounts:
        line = command(f"accounts add NAME --role administrator --site {shlex.quote(str(found.folder))}")
        out.print(f"no account yet; make one: {line}", soft_wrap=True, highlight=False, markup=False)
        return
    table = Table("name", "shown as", "role", "sub-districts", "last signed in", "state")
    for one in accounts:
        state = "disabled" if one.disabled_ms else "active" if one.password_hash else "no password"
        table.add_row(one.name, one.display_name, one.role, _where(one), _when(one.last_login_ms, found), state)
    out.print(table)


@cli.command()
def password(
    name: Name,
    *,
    invite: Annotated[bool, typer.Option("--invite", help="Print a link by which its owner sets it.")] = False,
    site: SiteName = "",
) -> None:
    """Set an account's password, asked for twice or from standard input. It is signed out everywhere."""
    with _registry(the_site(site)) as registry:
        account = registry.named(name)
        if invite:
            _print_link(registry, account, site)
            return
        registry.set_password(account, _hash(_new_password(name)))
        _note(registry, "accounts password", name)
        out.print(f"{name}: the password is set, and it is signed out everywhere")


@cli.command()
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What it is for from now on.")],
    *,
    sub_district: Districts = None,
    site: SiteName = "",
) -> None:
    """Change an account's role and, where named, its sub-districts. It is signed out everywhere."""
    from console.access.registry import Changes

    with _registry(the_site(site)) as registry:
        districts = None if sub_district is None else tuple(sub_district)
        account = registry.change(registry.named(name).id, Changes(role=role, sub_districts=districts))
        _note(registry, "accounts role", f"{name}, {role}")
        out.print(f"{name}: {role}, {_where(account)}")


@cli.command()
def disable(name: Name, site: SiteName = "") -> None:
    """Let nobody sign in with an account; its tokens open nothing. It is never removed: its name stands in stories."""
    with _registry(the_site(site)) as registry:
        registry.disable(registry.named(name).id)
        _note(registry, "accounts disable", name)
        out.print(f"{name}: disabled, signed out everywhere, and its tokens open nothing")


@cli.command()
def enable(name: Name, site: SiteName = "") -> None:
    """Let an account be used again."""
    with _registry(the_site(site)) as registry:
        registry.enable(registry.named(name).id)
        _note(registry, "accounts enable", name)
        out.print(f"{name}: may sign in again")


@tokens_cli.command("add")
def add_token(
    account: Name,
    *,
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[Permission], typer.Option(help="What it may; may be given several times.")],
    sub_district: Districts = None,
    expires: Annotated[str, typer.Option(help="`90d` from now, or a time. Empty: never.")] = "",
    site: SiteName = "",
) -> None:
    """Make a token of an account and print it, this once."""
    found = the_site(site)
    expires_ms = later_ms(expires, "--expires", found.timezone, SystemClock()) if expires else None
    with _registry(found) as registry:
        owner = registry.named(account)
        districts = sub_district or ()
        token, text = registry.add_token(owner, name, scope, sub_districts=districts, expires_ms=expires_ms)
        _note(registry, "accounts tokens add", f"{account}/{name}")
        out.print(f"token {token.id} of {account}: {', '.join(token.scopes)}", soft_wrap=True)
        out.print(text, soft_wrap=True, highlight=False)


@tokens_cli.command("list")
def list_tokens(
    account: Annotated[str, typer.Argument(metavar="[NAME]", help="Only this account's.")] = "", site: SiteName = ""
) -> None:
    """Tokens, newest first, without their texts."""
    found, clock = the_site(site), SystemClock()
    with _registry(found) as registry:
        tokens = registry.store.tokens(registry.named(account).id if account else None)
        names = {one.id: one.name for one in registry.store.accounts()}
    table = Table("id", "account", "what for", "scopes", "last used", "state")
    for one in tokens:
        state = "good" if one.holds(clock.now_ms()) else "revoked" if one.revoked_ms else "run out"
        used = _when(one.used_ms, found)
        table.add_row(str(one.id), names[one.account_id], one.name, ", ".join(one.scopes), used, state)
    out.print(table if tokens else "no token")


@tokens_cli.command()
def revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="As `list` shows it.")], site: SiteName = ""
) -> None:
    """Let a token open nothing any more."""
    with _registry(the_site(site)) as registry:
        registry.revoke(token_id)
        _note(registry, "accounts tokens revoke", f"token {token_id}")
        out.print(f"token {token_id}: revoked")


@audit_cli.callback()
def audit() -> None:
    """Who did what on the console, from where, and what came of it."""


@audit_cli.command("list")
def list_audit(
    *,
    who: Annotated[str, typer.Option(help="Only of this account, or `account/token`.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most, the newest first.", min=1)] = 50,
    language: Language = "",
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Lines of the audit, newest first."""
    from app.commands.audit_view import audit_table

    found = the_site(site)
    with _registry(found) as registry:
        lines = registry.store.audit(limit=limit, who=who or None)
        names = {str(one.id): one.name for one in registry.store.accounts()}
    if as_json:
        sys.stdout.write(msgspec.json.encode({"lines": lines}).decode() + "\n")
        return
    words = words_in(language, found)
    out.print(audit_table(lines, words, found, names) if lines else words.say("people.audit_none"))


@contextmanager
def _registry(site: "Site") -> "Iterator[Registry]":
    from console.access.registry import Registry
    from storage.case_opening import open_accounts

    site.settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = open_accounts(site.settings)
    try:
        yield Registry(store, site, SystemClock())
    finally:
        store.close()


def _new_password(name: str) -> str:
    """From a person, twice and unseen, or from a program's first line. Raises ConfigError, AccountRefused."""
    if sys.stdin.isatty():
        told = getpass.getpass(f"Password of {name}: ")
        if told != getpass.getpass("Again: "):
            raise ConfigError("the two are not the same; nothing was done")
    else:
        told = sys.stdin.readline().rstrip("\r\n")
    check_password(told, name)
    return told


def _hash(password: str) -> str:
    from console.access.passwords import Passwords

    return Passwords().hash_now(password)


def _print_link(registry: "Registry", account: Account, site_name: str) -> None:
    console = the_site(site_name).settings.console
    base = console.url or f"http://{console.host}:{console.port}"
    secret = registry.invite(account.id)
    _note(registry, "accounts invite", account.name)
    out.print("good once, for three days; give it to nobody else:")
    out.print(f"{base}/set-password/{secret}", soft_wrap=True, highlight=False)


def _note(registry: "Registry", what: str, about: str) -> None:
    who = f"{COMMAND_LINE} ({getpass.getuser()})"
    now_ms = SystemClock().now_ms()
    registry.store.note(
        Audit(id=0, at_ms=now_ms, who=who, address=COMMAND_LINE, what=what, about=about, outcome=Outcome.DONE)
    )


def _where(account: Account) -> str:
    if account.sub_districts:
        return ", ".join(account.sub_districts)
    return "whole city" if account.scope is None else "no sub-district"


def _when(at_ms: int | None, site: "Site") -> str:
    return "never" if at_ms is None else utc(at_ms).astimezone(site.timezone).strftime("%Y-%m-%d %H:%M:%S")
