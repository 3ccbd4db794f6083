"""The story of a case in pictures."""

import pytest
from msgspec import structs

from tests.console.reader import Client
from tests.fakes.desk import FakeDesk

CAPTIONS = {
    "zh-CN": ("出现之前", "首次发现", "确认", "已清空"),
    "en": ("Before it came", "First seen", "Confirmed", "Gone"),
}


def four(desk: FakeDesk) -> str:
    """The number of the case that has all four."""
    return next(case.id for case in desk.cases(limit=100) if case.cleared)


@pytest.mark.parametrize("language", list(CAPTIONS))
async def test_a_case_shows_its_four_pictures_in_the_order_of_time(
    client: Client, desk: FakeDesk, language: str
) -> None:
    """Each with its caption in the reader's language, and the address of its copy."""
    async with client.get(f"/cases/{four(desk)}", headers={"Cookie": f"lang={language}"}) as answer:
        page = await answer.text()
    figures = page.split("<figure>")[1:]
    assert len(figures) == 4
    for figure, caption in zip(figures, CAPTIONS[language], strict=True):
        assert caption in figure
        assert 'src="/evidence/' in figure


async def test_a_picture_that_retention_took_is_told_to_be_gone(client: Client, desk: FakeDesk) -> None:
    """Its caption and its time stay: that it was there is part of the story."""
    number = four(desk)
    case = desk.case(number)
    assert case is not None
    assert case.onset is not None
    del desk.pictures[case.onset.picture or ""]
    async with client.get(f"/cases/{number}", headers={"Cookie": "lang=en"}) as answer:
        figure = (await answer.text()).split("<figure>")[2]
    assert "picture not kept" in figure
    assert "First seen" in figure


async def test_one_look_is_shown_once(client: Client, desk: FakeDesk) -> None:
    """Where the confirming look is the first there is, there are not two of the same picture."""
    number = four(desk)
    desk.all_cases = [
        structs.replace(case, onset=case.confirmed) if case.id == number else case for case in desk.cases(limit=100)
    ]
    async with client.get(f"/cases/{number}") as answer:
        assert len((await answer.text()).split("<figure>")[1:]) == 3
