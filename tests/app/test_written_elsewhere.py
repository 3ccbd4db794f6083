"""What another process writes leaves as `serve` is set up, whatever the shell has that it was written in."""

import subprocess
import sys
from pathlib import Path

import aiohttp

from app.channels import build_outbox
from cases.shop_links import PATH, ShopLinks
from config.load import Site, load_site
from domain.clock import ManualClock, SystemClock
from domain.finding import Change
from domain.notice import NoticeState
from storage.case_opening import open_cases
from tests.cases.city import Town, bikes, clock_ms, make_site
from tests.cases.desks import the_case
from tests.cases.notices.provider import open_provider

ROOT = Path(__file__).parents[2]
URL = "https://shops.example"
KEYS = "sixteen-characters-or-more"
SETTINGS = """\
shop_page: {url: "${SHOPS:-}", secret: "${KEYS:-}"}
platform: {url: "${PLATFORM:-}", secrets: ["0123456789abcdef0123456789abcdef"]}
"""


def sites(folder: Path, webhook: str = "") -> tuple[Site, Site]:
    """One site's folder, as `serve` reads it with its variables and as a bare shell does."""
    make_site(folder, webhook="${WEBHOOK:-}")
    file = folder / "site.yaml"
    file.write_text(file.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
    (folder / "data").mkdir(exist_ok=True)
    served = {"SHOPS": URL, "KEYS": KEYS, "PLATFORM": "http://127.0.0.1:1/in", "WEBHOOK": webhook}
    return load_site(str(folder), served), load_site(str(folder), {})


def order(folder: Path, *words: str) -> None:
    """`longcheng cases …` in a process of its own, which has none of the variables."""
    said = [sys.executable, "-m", "app", "cases", *words, "--site", str(folder), "--who", "王工", "--why", "到场查看过"]
    subprocess.run(said, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, check=True)


async def send_all(site: Site, town: Town, at_ms: int) -> None:
    """The outbox of `serve`."""

    async def publish(_topic: str, _payload: bytes) -> None: ...

    async with aiohttp.ClientSession() as session:
        await build_outbox(site, town.store, publish, session, ManualClock(at_ms)).send_due()


def with_a_case(bare: Site) -> Town:
    """A town whose book is written in the bare shell too; nothing has gone out but what the ladder waited for."""
    town = Town(bare, bare.settings.data_dir)
    for at, change in (("08:30", Change.RAISED), ("08:46", Change.RENEWED), ("09:02", Change.RENEWED)):
        town.record(bikes(change, clock_ms(at)))
    return town


async def test_a_word_from_a_bare_shell_reaches_the_webhook(tmp_path: Path) -> None:
    """Of a case that is sent back there; nothing goes into the file instead, and nothing waits or is lost."""
    async with open_provider() as desk:
        served, bare = sites(tmp_path / "site", desk.url)
        town = with_a_case(bare)
        await send_all(served, town, clock_ms("09:05"))
        before = len(desk.asked)
        case = the_case(town)
        order(bare.folder, "send-back", case.id)
        written = [one for one in town.store.notices() if one.step == "case_sent_back"]
        await send_all(served, town, SystemClock().now_ms() + 60_000)

        assert [one.channel for one in written] == ["people"]
        steps = [asked.json["step"] for asked in desk.asked[before:]]
        assert "case_sent_back" in steps
        assert {one.state for one in town.store.notices() if one.channel != "command"} <= {
            NoticeState.SENT,
            NoticeState.WITHDRAWN,
        }
    assert not (bare.settings.data_dir / "notices.jsonl").exists()
    town.store.close()


async def test_a_reminder_from_a_bare_shell_has_the_link_of_serve(tmp_path: Path) -> None:
    """With its address and its key; after a failure, the same once more. The keeper gets none."""
    async with open_provider() as desk:
        desk.answers = [(503, "")]
        served, bare = sites(tmp_path / "site", desk.url)
        town = Town(bare, bare.settings.data_dir)
        town.sending = False
        town.record(bikes(Change.RAISED, clock_ms("10:00")), bikes(Change.RAISED, clock_ms("10:00"), zone="door-2"))
        ladders = {one.id: one for one in town.store.ladders(open_only=True)}
        for time in ("10:01", "10:02"):
            await send_all(served, town, clock_ms(time))

        sent: dict[str, list[str]] = {}
        for asked in desk.asked:
            sent.setdefault(asked.json["recipient"], []).append(str(asked.json["body"].get("link", "")))
        links = [link for link in sent.pop("shop:S1") if link]
        assert len(set(links)) == 1
        assert {link for others in sent.values() for link in others} == {""}
        made = ShopLinks.of(served)
        claim = made.claim(links[0].removeprefix(f"{URL}{PATH}"))
        assert claim is not None
        assert made.holds(claim, ladders[claim.ladder_id], clock_ms("10:05"))
    town.store.close()


def test_a_step_from_a_bare_shell_is_told_to_the_platform_of_serve(tmp_path: Path) -> None:
    """As long as `serve` has one: once it runs without, nothing more is written."""
    served, bare = sites(tmp_path / "site")
    open_cases(served.settings, serves=True).close()
    town = with_a_case(bare)
    case = the_case(town)
    before = len(town.store.events(limit=99))
    order(bare.folder, "take", case.id)
    told = len(town.store.events(limit=99))
    assert told > before
    assert town.store.events(limit=1, case_id=case.id)[0].body.who == "王工"

    open_cases(bare.settings, serves=True).close()
    order(bare.folder, "send-back", case.id)
    assert len(town.store.events(limit=99)) == told
    town.store.close()
