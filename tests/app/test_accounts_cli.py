"""`longcheng accounts` and `longcheng audit`."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from config.load import load_site
from domain.account import Audit, Outcome
from domain.errors import AccountRefused, ConfigError
from storage.case_opening import open_accounts
from tests.cases.city import make_site

PASSWORD = "long as the river"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town whose data folder has not been made yet."""
    make_site(tmp_path / "site")
    return tmp_path / "site"


def run(folder: Path, *words: str, told: str = "") -> str:
    """What it printed. Errors come through."""
    answer = CliRunner().invoke(
        cli, [*words, "--site", str(folder)], input=told, env={"COLUMNS": "200"}, catch_exceptions=False
    )
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def test_the_first_account(folder: Path) -> None:
    """Before `serve` has ever run; the password comes from standard input, and is kept as Argon2."""
    typed = f"longcheng accounts add NAME --role administrator --site {folder}\n"
    assert f"no account yet; make one: {typed}" in run(folder, "accounts", "list")
    run(folder, "accounts", "add", "zhang", "--role", "administrator", told=f"{PASSWORD}\n")
    store = open_accounts(load_site(str(folder)).settings)
    kept = store.named("zhang")
    store.close()
    assert kept is not None
    assert (kept.password_hash or "").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    listed = run(folder, "accounts", "list", "--json")
    assert json.loads(listed)["accounts"][0]["password_hash"] is None
    assert PASSWORD not in run(folder, "audit", "list", "--json")


@pytest.mark.parametrize("told", ["", "short\n", "aaaaaaaaaaaaaa\n", "zhang12345\n", "password123\n"])
def test_no_account_without_a_password(folder: Path, told: str) -> None:
    """Nor with one that is guessed at once."""
    with pytest.raises(AccountRefused):
        run(folder, "accounts", "add", "zhang", "--role", "administrator", told=told)
    assert "no account yet" in run(folder, "accounts", "list")


def test_a_life(folder: Path) -> None:
    """Made, another role, disabled, enabled; each a line in the audit."""
    run(folder, "accounts", "add", "zhang", "--role", "administrator", told=f"{PASSWORD}\n")
    assert "/set-password/" in run(folder, "accounts", "add", "li", "--role", "operator", "--invite")
    run(folder, "accounts", "role", "li", "reviewer")
    run(folder, "accounts", "disable", "li")
    assert "disabled" in run(folder, "accounts", "list")
    run(folder, "accounts", "enable", "li")
    run(folder, "accounts", "password", "li", told=f"{PASSWORD} too\n")
    acts = [line["what"] for line in json.loads(run(folder, "audit", "list", "--json"))["lines"]][::-1]
    assert acts == [f"accounts {act}" for act in ("add", "add", "invite", "role", "disable", "enable", "password")]
    with pytest.raises(AccountRefused, match="last administrator"):
        run(folder, "accounts", "disable", "zhang")
    with pytest.raises(AccountRefused, match="no account 'wang'"):
        run(folder, "accounts", "disable", "wang")


def test_tokens(folder: Path) -> None:
    """Printed once; never more than the account may."""
    run(folder, "accounts", "add", "zhang", "--role", "wall", told=f"{PASSWORD}\n")
    made = run(folder, "accounts", "tokens", "add", "zhang", "--name", "probe", "--scope", "read", "--expires", "30d")
    (text,) = re.findall(r"lc_[\w-]{40,}", made)
    listed = run(folder, "accounts", "tokens", "list")
    assert ("probe" in listed, text in listed, "good" in listed) == (True, False, True)
    run(folder, "accounts", "tokens", "revoke", "1")
    assert "revoked" in run(folder, "accounts", "tokens", "list", "zhang")
    with pytest.raises(AccountRefused, match="not what zhang may"):
        run(folder, "accounts", "tokens", "add", "zhang", "--name", "x", "--scope", "accounts")
    with pytest.raises(ConfigError, match="--expires"):
        run(folder, "accounts", "tokens", "add", "zhang", "--name", "x", "--scope", "read", "--expires", "soon")


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", ("停用账号", "命令行", "完成")), ("en", ("Disable an account", "command line", "done"))],
)
def test_the_audit_is_read_in_words_in_a_narrow_terminal(folder: Path, language: str, said: tuple[str, ...]) -> None:
    """Nothing of a line is cut off at eighty columns: it wraps, and says what was done as the page does."""
    run(folder, "accounts", "add", "zhang", "--role", "operator", told=f"{PASSWORD}\n")
    run(folder, "accounts", "disable", "zhang")
    store = open_accounts(load_site(str(folder)).settings)
    address = "2001:db8:85a3:8d3:1319:8a2e:370:7348"
    one = Audit(id=0, at_ms=1, who="zhang/token", address=address, what="POST /api/v1/silences", outcome=Outcome.DONE,
                about="rule charger-smoke; device charger-0001")  # fmt: skip
    store.note(one)
    store.close()
    lines = ["audit", "list", "--site", str(folder), "--language", language]
    answer = CliRunner().invoke(cli, lines, env={"COLUMNS": "80"}, catch_exceptions=False)
    assert "…" not in answer.output
    assert "/api/v1" not in answer.output
    assert max(map(len, answer.output.splitlines())) <= 80
    columns = [[cell.strip() for cell in line.split("│")] for line in answer.output.splitlines() if "│" in line]
    whole = ["".join(cells).replace(" ", "") for cells in zip(*(row for row in columns if len(row) > 6), strict=True)]
    for one_said in (*said, "charger-smoke", "charger-0001", address):
        assert any(one_said.replace(" ", "") in column for column in whole), one_said
