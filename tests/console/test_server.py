"""What holds for every answer."""

import pytest

from tests.console.reader import Client, json_of, text_of
from tests.fakes.desk import FakeDesk

ADDRESSES = ["/", "/cases/202608223204000001", "/static/live.js", "/api/v1/overview", "/api/v1/nothing", "/ready"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_policy_is_strict_everywhere(client: Client, address: str) -> None:
    """Nothing from elsewhere, nothing inline, no framing: also on errors and files."""
    async with client.get(address) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8080", 200), ("[::1]", 200), ("evil.example", 421), ("", 421)]
)
async def test_only_its_own_names_are_answered(client: Client, host: str, status: int) -> None:
    """A stranger's name that points at loopback reads nothing."""
    async with client.get("/api/v1/overview", headers={"Host": host}) as answer:
        assert answer.status == status


@pytest.mark.parametrize("address", ["/", "/cases/202608223204000003"])
async def test_pages_keep_their_own_policy(client: Client, address: str) -> None:
    """No inline style or script, and no other host, stands in what we send."""
    page = await text_of(client, address)
    assert " style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/')
    assert "http://" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "https://" not in page


async def test_problems_are_problem_json(client: Client) -> None:
    """RFC 9457 for machines, saying what was asked and what is allowed."""
    async with client.get("/api/v1/alarms?limit=0") as answer:
        assert answer.status == 400
        assert answer.content_type == "application/problem+json"
        problem = await answer.json(content_type=None)
    assert problem["title"] == "Bad Request"
    assert "limit" in problem["detail"]
    assert ">= 1" in problem["detail"]


async def test_unknown_parameters_are_refused(client: Client) -> None:
    """A misspelt filter must not silently answer everything."""
    problem = await json_of(client, "/api/v1/cameras?veiw=dark", status=400)
    assert "veiw" in problem["detail"]


async def test_nothing_can_be_written(client: Client) -> None:
    """Every other method is refused, with what is allowed."""
    async with client.post("/api/v1/alarms", json={}) as answer:
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]


async def test_people_get_a_page_for_what_is_not_there(client: Client) -> None:
    """A wrong address in a browser leads back to the overview."""
    async with client.get("/nowhere", headers={"Accept": "text/html"}) as answer:
        assert answer.status == 404
        page = await answer.text()
    assert "没有这个页面" in page
    assert 'href="/"' in page


async def test_a_failing_desk_is_told_without_details(
    client: Client, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unforeseen error is logged; the reader sees 500, not our insides."""

    def broken() -> None:
        raise RuntimeError("secret path /srv/x")

    monkeypatch.setattr(desk, "counts", broken)
    problem = await text_of(client, "/api/v1/overview", status=500)
    assert "secret" not in problem
    assert "已写入服务日志" in await text_of(client, "/", status=500)


async def test_chinese_by_default_english_by_choice(client: Client) -> None:
    """`?lang=en` is remembered by a cookie and leaves the address, where what else was asked stays."""
    assert '<html lang="zh-CN">' in await text_of(client, "/")
    async with client.get("/?lang=en", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert "HttpOnly" in answer.headers["Set-Cookie"]
    async with client.get("/cases?look=list&lang=en&text=a%26b", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/cases?look=list&text=a%26b"
    assert 'href="?look=list&amp;text=a%26b&amp;lang=zh-CN"' in await text_of(client, "/cases?text=a%26b&look=list")
    assert '<html lang="en">' in await text_of(client, "/")
    assert '<html lang="en">' in await text_of(client, "/cases/202608223204000001")


async def test_an_unknown_language_is_no_language(client: Client) -> None:
    """A cookie or query from elsewhere changes nothing."""
    assert '<html lang="zh-CN">' in await text_of(client, "/?lang=../../etc")
    client.session.cookie_jar.update_cookies({"lang": "xx"})
    assert '<html lang="zh-CN">' in await text_of(client, "/")
