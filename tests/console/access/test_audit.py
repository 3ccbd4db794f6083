"""The page of the audit: in words, with the address as a detail, on a phone too."""

import os
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.commands import accounts as commands
from config.load import Site
from console.access.named import NAMED
from console.pages.audit_acts import ACTS
from console.permits import PERMITS, SEEING, Open
from domain.account import COMMAND_LINE, Audit, Outcome
from domain.permission import Permission, Role
from tests.console.access.people import People
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, chromium

_WRITTEN = {
    address
    for address, permit in PERMITS.items()
    if not address.startswith("GET ") and permit not in {Open.UNASKED, Open.TO_ALL}
}
_COMMANDS = set(re.findall(r'_note\(registry, "([a-z ]+)"', Path(commands.__file__).read_text(encoding="utf-8")))
WIDER = """[...document.querySelectorAll("main *")].filter(one => one.clientWidth > 1
    && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).overflowX !== "visible").map(one => one.outerHTML.slice(0, 90))"""
"""What one can scroll sideways, but for what is there to be heard only."""


def line(what: str, about: str = "", **facts: str) -> Audit:
    """Of the command line, unless told otherwise."""
    by = f"{COMMAND_LINE} (root)"
    told = Audit(id=0, at_ms=1, who=by, address=COMMAND_LINE, what=what, about=about, outcome=Outcome.DONE)
    return replace(told, **facts)


async def read(door: Client, people: People, language: str) -> str:
    """The page, for an administrator."""
    started = await people.started(Role.ADMINISTRATOR)
    async with door.get("/audit", headers={"Cookie": f"longcheng_session={started.secret}; lang={language}"}) as answer:
        assert answer.status == 200
        return await answer.text()


def test_whatever_is_written_down_has_its_words(site: Site) -> None:
    """Each address that changes something or shows what few may see, and each command; and no word is left over."""
    assert len(_COMMANDS) > 5
    assert set(ACTS) - {"sign in", "set password"} == _WRITTEN | SEEING | _COMMANDS
    assert set(NAMED) <= set(ACTS)
    words = {key for key in sorted(site.texts.keys()) if key.startswith("console.audit.act.")}
    assert {f"console.audit.act.{word}" for word in ACTS.values()} == words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", ("接手告警", "停用账号", "凭设置链接", "用单位账号", "命令行 (root)", "身份不明")),
        ("en", ("Take on an alarm", "Disable an account", "by a link", "command line (root)", "nobody known")),
    ],
)
async def test_an_address_is_a_detail_of_what_was_done(
    door: Client, people: People, language: str, said: tuple[str, ...]
) -> None:
    """What was done is in words; whom or what it was about leads there. What has no word stands as it is."""
    keeper = people.accounts[Role.KEEPER]
    for one in (
        line("POST /api/v1/alarms/{id}/ack", "id 17"),
        line("PUT /api/v1/cameras/{camera_id}/zones", "camera_id cam/1"),
        line("POST /accounts/{id}/disable", f"id {keeper.id}"),
        line("POST /accounts/{id}/enable", "id 999"),
        line("set password", "by link"),
        line("sign in", "by oidc: it is over", who="-"),
        line("POST /of/{another}/version", "another 3"),
    ):
        people.store.note(one)
    page = await read(door, people, language)
    assert re.findall(r"(?:GET|POST|PUT|DELETE) /[^<]*", re.sub(r"<code>.*?</code>", "", page)) == []
    for address in ("PUT /api/v1/cameras/{camera_id}/zones", "POST /of/{another}/version"):
        assert f"<code>{address}</code>" in page
    for link in (("/alarms/17", "17"), ("/cameras/cam%2F1", "cam/1"), (f"/accounts/{keeper.id}", keeper.name)):
        assert '<a href="{}">{}</a>'.format(*link) in page
    assert '"/accounts/999"' not in page
    assert [one for one in said if one not in page] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("silences", {"why": "works", "until": "2026-08-23T00:00:00Z", "rule": "charger-*", "kind": "charger"}, 201,
         {"zh-CN": "规则 charger-*，类别：充电站", "en": "rule charger-*, kind: chargers"}),
        ("deadletters/purge", {"ids": [1, 3]}, 200, {"zh-CN": "异常消息 1 3", "en": "dead letters 1 3"}),
        ("deadletters/purge", {"reason": "decode"}, 200,
         {"zh-CN": "原因：无法解码", "en": "reason: cannot be decoded"}),
        ("tokens", {"name": "bridge", "scopes": ["read"]}, 403, {"zh-CN": "bridge", "en": "bridge"}),
        ("originals", {"name": "2026/onset-1", "reason": "x"}, 403, {"zh-CN": "2026/onset-1", "en": "2026/onset-1"}),
        ("silences", {"rule": ["\x1b[31m", 7, {}], "device": {}}, 400, {"zh-CN": "规则 [31m 7", "en": "rule [31m 7"}),
    ],
)  # fmt: skip
async def test_what_an_order_was_about_is_told_where_its_address_names_nothing(
    door: Client, people: People, path: str, body: dict[str, object], status: int, said: dict[str, str]
) -> None:
    """Also of one that was refused; nothing of the body but what names something, and no character that is no text."""
    scopes = (Permission.SILENCE, Permission.DEADLETTERS) if status != 403 else (Permission.READ,)
    _, token = people.token(Role.ADMINISTRATOR, *scopes)
    headers = {"Authorization": f"Bearer {token}"}
    async with door.post(f"/api/v1/{path}", json=body, headers=headers) as answer:
        assert answer.status == status, await answer.text()
    assert people.store.audit(limit=1)[0].about
    for language, words in said.items():
        assert f"</td><td>{words}</td>" in (await read(door, people, language)).replace("&#39;", "'")


@pytest.mark.browser
@pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed")
async def test_nothing_of_it_scrolls_sideways(door: Client, people: People, tmp_path: Path) -> None:
    """Neither the page nor a part of it, on a phone, a tablet or a desk, however long what it says is."""
    for address in ACTS:
        people.store.note(line(address, "x" * 300, who="a" * 64 + "/token", address="2001:db8:" * 4 + "1"))
    started = await people.started(Role.ADMINISTRATOR)
    async with chromium(tmp_path / "profile") as tab:
        url = str(door.make_url("/audit"))
        await tab.call("Network.setCookie", name="longcheng_session", value=started.secret, url=url)
        for width in (390, 768, 1440):
            await tab.open(url, width=width)
            await tab.run("document.querySelectorAll('main details').forEach(one => one.open = true)")
            assert await tab.run("document.documentElement.scrollWidth") <= width
            assert await tab.run(WIDER) == [], width
