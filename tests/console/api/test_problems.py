"""What is wrong, as programs branch on it and as people read it."""

import re
from pathlib import Path

from aiohttp import web

from console.keys import SITE
from console.words import Words
from domain.case import CaseState
from domain.case_order import CaseAct
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk

GERMAN_ENGLISH = {"Accept-Language": "de,en;q=0.8"}


async def told(client: Client, path: str, body: str, **headers: str) -> tuple[int, dict[str, str]]:
    """What comes of an order."""
    headers = {"Authorization": f"Bearer {TOKEN}", **headers}
    async with client.post(path, data=body, headers=headers) as answer:
        assert answer.content_type == "application/problem+json"
        return answer.status, await answer.json()


async def test_each_kind_has_its_type(keyed: Client, desk: FakeDesk) -> None:
    """A program branches on it; programs are told in English."""
    case = desk.all_cases[0]
    take = f"/api/v1/cases/{case.id}/take"
    status, problem = await told(keyed, take, '{"who": "王工"}', **{"If-Match": '"99"'})
    assert (status, problem["type"]) == (412, "/problems/changed-meanwhile")
    assert "changed meanwhile" in problem["detail"]
    assert (await told(keyed, take, "{"))[1]["type"] == "/problems/wrong"
    assert (await told(keyed, "/api/v1/alarms/999/ack", '{"who": "a", "why": "b"}'))[1]["type"] == "/problems/not-there"
    status, problem = await told(keyed, take, "{}", Authorization="Bearer none")
    assert (status, problem["type"]) == (401, "/problems/sign-in")
    async with keyed.put("/api/v1/cases") as answer:
        assert (answer.status, (await answer.json())["type"]) == (405, "/problems/no-such-method")


async def test_another_host_is_told_so(keyed: Client) -> None:
    """As a problem, like all else."""
    async with keyed.get("/api/v1/cases", headers={"Host": "elsewhere.example"}) as answer:
        assert (answer.status, answer.content_type) == (421, "application/problem+json")
        assert (await answer.json())["type"] == "/problems/not-here"


async def test_a_cursor_that_is_none_is_told_to_people_in_their_language(keyed: Client) -> None:
    """Whoever says which languages they read is a person, and reads the page's own."""
    path = "/api/v1/cases?cursor=nonsense"
    async with keyed.get(path) as answer:
        assert answer.status == 400
        assert "take `next`" in (await answer.json())["detail"]
    for cookie, said in (("zh-CN", "翻页位置已失效"), ("en", "begin at the top")):
        async with keyed.get(path, headers={**GERMAN_ENGLISH, "Cookie": f"lang={cookie}"}) as answer:
            assert said in (await answer.json())["detail"]


def test_facts_are_words(keyed: Client) -> None:
    """States and acts are read as words, times on the site's clock."""
    app = keyed.app
    assert isinstance(app, web.Application)
    words = Words(app[SITE], "zh-CN", 0)
    facts = {"case": "1", "state": CaseState.HANDLING, "act": CaseAct.ACCEPT}
    assert words.refusal("case_not_now", facts) == "案件 1 现在是“处置中”，不能“受理”。"
    stands = {"case": "1", "n": 2, "title_zh": "漏电", "title_en": "Leak"}
    assert "漏电" in words.refusal("case_still_stands", stands)


def test_every_refusal_has_its_words(keyed: Client) -> None:
    """Each key that the code names is in the catalogue."""
    app = keyed.app
    assert isinstance(app, web.Application)
    known = app[SITE].texts.keys()
    folders = [Path(__file__).parents[3] / name for name in ("cases", "app", "console", "domain")]
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]
    calls = [call for source in sources for call in re.findall(r"\bOrderRefused\((.*?)\)\n", source, re.DOTALL)]
    named = {key for call in calls for key in re.findall(r'(?:key=|"(?:over|missing|conflict)",\s+)"(\w+_\w+)"', call)}
    assert len(named) > 20
    assert {f"console.refused.{key}" for key in named} <= set(known)
