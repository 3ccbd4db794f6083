"""The page of whoever is asked whether a find is so: what it says, what it takes, and whose link opens what."""

import pytest
from msgspec.structs import replace

from cases.shop_links import Holder
from domain.clock import ManualClock
from domain.ladder import LadderStep, ReplyKind
from tests.console.reader import Client, text_of
from tests.console.shop.street import NAMES, OWN, Street

MISTAKEN = {"reason": "mistaken", "words": "是影子\x00"}
ASKED = [Holder.KEEPER, Holder.DESK]


@pytest.fixture
def asked(scene: Street) -> Street:
    return scene.publish(step=LadderStep.CONFIRM)


def _path(scene: Street, holder: Holder = Holder.KEEPER) -> str:
    return f"/n/{scene.links.token(scene.ladder, scene.ladder.started_ms, holder)}"


async def _send(
    phone: Client, path: str, form: dict[str, str] | None = None, *, status: int = 200, **headers: str
) -> str:
    async with phone.post(path, data=form or {}, headers=headers) as answer:
        assert answer.status == status
        return await answer.text()


@pytest.mark.parametrize("holder", ASKED)
async def test_it_says_what_where_and_since_when(phone: Client, asked: Street, holder: Holder) -> None:
    """With the picture and both answers; nothing of the shop's own page, and of nobody else's shop."""
    page = await text_of(phone, _path(asked, holder))
    matter = asked.site.matters["09010"].zh
    for words in ("请核实是否属实", matter, "小满花店", "今天 13:45", "属实，提醒店家", "不属实", "今天 15:00 前请"):
        assert words in page, words
    assert "picture/confirmed.jpg" in page
    assert not [words for words in ("您的店", "已经改正了", "我有异议", "cam-001", "goods-outside") if words in page]
    assert not [name for name in NAMES if name in page and name != asked.site.shops[OWN].name]
    async with phone.get(f"{_path(asked, holder)}/picture/confirmed.jpg") as answer:
        assert answer.content_type == "image/jpeg"


@pytest.mark.parametrize("holder", ASKED)
async def test_one_press_says_that_it_is_so(phone: Client, asked: Street, holder: Holder) -> None:
    """Then the page says what became of it, and asks no more."""
    page = await _send(phone, f"{_path(asked, holder)}/confirm")
    assert "已核实：属实" in page
    assert "会提醒店家" in page
    assert "<form" not in page
    assert asked.desk.all_shops.answered == [(12, holder, True, "")]


async def test_it_is_none_for_a_reason(phone: Client, asked: Street) -> None:
    """One of the choices, with words or without; what cannot be read is left out."""
    page = await _send(phone, f"{_path(asked)}/reject", {"words": "是影子"}, status=400)
    assert "请先选一个原因" in page
    assert '<details class="card" open>' in page
    await _send(phone, f"{_path(asked)}/reject", {"reason": "not_mine"}, status=400)
    page = await _send(phone, f"{_path(asked)}/reject", MISTAKEN)
    assert "已核实：不属实" in page
    assert "不提醒店家，不立案" in page
    assert asked.desk.all_shops.answered == [(12, Holder.KEEPER, False, "看错了，图片里没有：是影子")]


async def test_the_first_answer_counts(phone: Client, asked: Street) -> None:
    """Whoever comes later reads it."""
    await _send(phone, f"{_path(asked)}/confirm")
    page = await _send(phone, f"{_path(asked, Holder.DESK)}/reject", MISTAKEN, status=409)
    assert "已经有人答复" in page
    assert "已核实：属实" in page
    assert len(asked.desk.all_shops.answered) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"step": LadderStep.NOTICE_1, "confirmed_ms": 1}, ("已核实：属实", "会提醒店家")),
        ({"step": LadderStep.NOTICE_2, "confirmed_ms": 1}, ("已核实：属实", "已再次提醒店家")),
        ({"step": LadderStep.NOTICE_1, "confirmed_ms": 1, "contested_ms": 2}, ("已核实：属实", "店家提出了异议")),
        ({"step": LadderStep.SELF_CORRECTED, "confirmed_ms": 1, "ended_ms": 2}, ("已核实：属实", "已经清理好")),
        ({"step": LadderStep.REJECTED, "confirmed_ms": 1, "ended_ms": 2}, ("已核实：不属实", "不立案")),
        ({"step": LadderStep.PERMITTED}, ("不用再核实了", "这里有许可")),
        ({"step": LadderStep.GONE, "ended_ms": 2}, ("不用再核实了", "已经没有了")),
    ],
)
async def test_afterwards_it_says_what_became_of_it(
    phone: Client, asked: Street, changes: dict[str, object], says: tuple[str, str]
) -> None:
    """Whoever has answered, and however it went on."""
    path = _path(asked)
    asked.publish(**changes)
    page = await text_of(phone, path)
    assert all(words in page for words in says)
    assert "<form" not in page


async def test_it_names_the_case_and_knows_an_upheld_contest(phone: Client, asked: Street) -> None:
    """A shop that was right later does not make of "it is so" a "it is not"."""
    path = _path(asked)
    asked.publish(confirmed_ms=1).becomes_a_case()
    assert "202608213204000007" in await text_of(phone, path)
    asked.publish(step=LadderStep.REJECTED).said(ReplyKind.CONTEST, 9, decided_ms=2, upheld=True, why="是别人的")
    assert "已核实：属实" in await text_of(phone, path)


@pytest.mark.parametrize("press", ["confirm", "reject"])
async def test_a_shop_never_answers_for_who_was_asked(phone: Client, asked: Street, press: str) -> None:
    """Its link opens its own page alone."""
    assert "这个链接打不开" in await _send(phone, f"{asked.path}/{press}", MISTAKEN, status=404)
    assert asked.desk.all_shops.answered == []


@pytest.mark.parametrize("press", ["corrected", "contest"])
@pytest.mark.parametrize("holder", ASKED)
async def test_who_was_asked_never_answers_for_the_shop(
    phone: Client, scene: Street, press: str, holder: Holder
) -> None:
    """Nor does it see the shop's forms once the shop is told."""
    assert "这个链接打不开" in await _send(phone, f"{_path(scene, holder)}/{press}", MISTAKEN, status=404)
    assert "<form" not in await text_of(phone, _path(scene, holder))
    assert scene.desk.all_shops.all_replies == []


async def test_wrong_links_get_the_page_of_all_wrong_links(phone: Client, asked: Street, clock: ManualClock) -> None:
    """Altered, of another episode, with another holder's byte, too old."""
    token = _path(asked).removeprefix("/n/")
    as_shop = asked.links.token(asked.ladder, asked.ladder.started_ms)
    of_nobody = asked.links.token(replace(asked.ladder, id=999), asked.now_ms, Holder.KEEPER)
    wrong = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        of_nobody,
        token[:2] + as_shop[2:],
        as_shop[:2] + token[2:],
    ]
    pages = [(await text_of(phone, f"/n/{one}", status=404)).replace(one, "…") for one in wrong]
    clock.advance(seconds=7 * 86_400 + 3600)
    pages.append((await text_of(phone, f"/n/{token}", status=404)).replace(token, "…"))
    assert len(set(pages)) == 1
    await _send(phone, f"/n/{token}/confirm", status=404)
    assert asked.desk.all_shops.answered == []


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
@pytest.mark.parametrize("press", ["confirm", "reject"])
async def test_forms_of_other_sites_are_not_taken(
    phone: Client, asked: Street, press: str, headers: dict[str, str]
) -> None:
    """Even of one that knows the link."""
    await _send(phone, f"{_path(asked)}/{press}", MISTAKEN, status=403, **headers)
    assert asked.desk.all_shops.answered == []


async def test_what_is_sent_is_held_as_the_shops_is(phone: Client, asked: Street) -> None:
    """Four a minute; another's link to the same episode has its own four."""
    for _ in range(4):
        await _send(phone, f"{_path(asked)}/reject", status=400)
    await _send(phone, f"{_path(asked)}/reject", MISTAKEN, status=429)
    await _send(phone, f"{_path(asked, Holder.DESK)}/reject", MISTAKEN)


async def test_the_policy_is_as_strict(phone: Client, asked: Street) -> None:
    """No script, nothing from elsewhere, nothing kept."""
    async with phone.get(_path(asked)) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'")
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_it_can_be_read_in_english(phone: Client, asked: Street) -> None:
    """And stays so after an answer."""
    page = await text_of(phone, f"{_path(asked)}?lang=en")
    assert "It is so, tell the shop" in page
    assert "Checked: it is not so" in await _send(phone, f"{_path(asked)}/reject?lang=en", MISTAKEN)
