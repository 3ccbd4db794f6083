"""What a shop can say, and what follows from it."""

import pytest

from cases.notices.wording import Wording
from cases.replies import Replies
from cases.verdicts import Verdicts
from domain.errors import OrderRefused
from domain.finding import Change
from domain.ladder import LadderStep, ReplyKind, ShopReply
from tests.cases.city import Town, bikes, clock_ms

SEEN, AGAIN, CLEAR = Change.RAISED, Change.RENEWED, Change.RESOLVED


def say(town: Town, kind: ReplyKind, at: str, *, words: str = "", ladder_id: int = 1) -> ShopReply:
    """The shop answers."""
    with town.store.transaction() as tx:
        return Replies(town.site).say(tx, ladder_id, kind, words=words, now_ms=clock_ms(at))


def told(town: Town) -> None:
    """A shop that has been told at ten."""
    town.record(bikes(SEEN, clock_ms("10:00")))
    town.news()


def test_corrected_asks_for_a_look_and_closes_nothing(town: Town) -> None:
    """The camera is asked at once; the episode goes on until a look shows it clear."""
    told(town)

    reply = say(town, ReplyKind.CORRECTED, "10:05", words=" 已挪走 ")

    assert (reply.words, reply.given_ms, reply.shop_id, reply.matter) == ("已挪走", clock_ms("10:05"), "S1", "09010")
    assert town.news() == ["shop_corrected"]
    assert [command.created_ms for command in town.commands()] == [clock_ms("10:05")]
    (ladder,) = town.store.ladders(open_only=True)
    assert ladder.step is LadderStep.NOTICE_1
    assert town.record(bikes(AGAIN, clock_ms("10:06"))) == []
    assert town.record(bikes(CLEAR, clock_ms("10:07"))) == ["alarm_clear_seen", "self_corrected"]


def test_one_look_at_most_for_each_patience(town: Town) -> None:
    """Ten minutes: said twice it is one word; with other words it is kept, and no further look is asked for."""
    told(town)
    first = say(town, ReplyKind.CORRECTED, "10:05")

    assert say(town, ReplyKind.CORRECTED, "10:06") == first
    assert say(town, ReplyKind.CORRECTED, "10:07", words="真的") != first
    assert len(town.commands()) == 1
    say(town, ReplyKind.CORRECTED, "10:15")
    assert len(town.commands()) == 2
    assert town.news() == ["shop_corrected"] * 3


def test_what_a_shop_did_not_write_is_no_word_of_it(town: Town) -> None:
    """The line has its own words or none: whoever shows it says so, and no dash stands for them."""
    told(town)
    say(town, ReplyKind.CORRECTED, "10:05", words=" ")
    say(town, ReplyKind.CORRECTED, "10:06", words="真的")

    assert [line.facts["words"] for line in town.log() if line.what == "shop_corrected"] == ["", "真的"]


def test_a_look_that_the_shop_asked_for_puts_no_re_check_off(town: Town) -> None:
    """Asked for at 10:14, and not answered: at 10:15 the re-check asks for its own."""
    told(town)
    say(town, ReplyKind.CORRECTED, "10:14")
    town.news()

    assert town.tick(clock_ms("10:15")) == ["look_asked"]
    assert town.tick(clock_ms("10:16")) == []


def test_a_contest_is_told_to_the_desk_with_how_to_decide(town: Town) -> None:
    """With the shop's words on one line, the picture, and the command; and once only."""
    told(town)

    reply = say(town, ReplyKind.CONTEST, "10:05", words="这是\n邮局的车")

    assert town.news() == ["shop_contests"]
    notice = town.notices()[-1]
    assert (notice.recipient, notice.step, notice.ladder_id) == ("duty-desk", "contest", None)
    assert f"longcheng ladder decide {reply.id}" in str(notice.body["text_zh"])
    assert "这是 邮局的车" in str(notice.body["text_zh"])
    assert "这是 邮局的车" in str(notice.body["text_en"])
    assert notice.body["picture"] is not None
    (ladder,) = town.store.ladders(open_only=True)
    assert ladder.contested_ms == clock_ms("10:05")
    with pytest.raises(OrderRefused, match="contested before"):
        say(town, ReplyKind.CONTEST, "10:06")


def test_a_case_can_be_contested_while_it_is_open(town: Town) -> None:
    """Then the line is the case's too; that it is done, a shop can say of an episode only."""
    told(town)
    town.record(bikes(AGAIN, clock_ms("10:15")))
    town.record(bikes(AGAIN, clock_ms("10:30")))
    (case,) = town.store.cases()

    say(town, ReplyKind.CONTEST, "11:00", words="不是我家的")

    assert [line.what for line in town.store.log(case_id=case.id)][-1] == "shop_contests"
    assert case.id in str(town.notices()[-1].body["text_zh"])
    with pytest.raises(OrderRefused, match="over"):
        say(town, ReplyKind.CORRECTED, "11:05")


@pytest.mark.parametrize("kind", ReplyKind)
def test_what_cannot_be_answered(kind: ReplyKind, town: Town) -> None:
    """An episode that is none, of which nobody was told, or that is over; nothing is kept of it."""
    with pytest.raises(OrderRefused, match="no episode 7"):
        say(town, kind, "10:05", ladder_id=7)
    town.sending = False
    told(town)
    with pytest.raises(OrderRefused, match="nobody has been told"):
        say(town, kind, "10:05")
    town.sending = True
    town.record(bikes(CLEAR, clock_ms("10:10")))
    town.record(bikes(SEEN, clock_ms("11:00")))
    town.record(bikes(CLEAR, clock_ms("11:10")))
    with pytest.raises(OrderRefused, match="over"):
        say(town, kind, "11:15", ladder_id=2)
    with town.store.transaction() as tx:
        assert tx.replies(1) + tx.replies(2) == []


def test_a_contest_refused_when_all_is_over_asks_for_nothing(town: Town) -> None:
    """Neither in the letter nor in the SMS; both say that there is nothing left to do."""
    told(town)
    reply = say(town, ReplyKind.CONTEST, "10:05", words="不是我家的")
    town.record(bikes(CLEAR, clock_ms("10:10")))

    with town.store.transaction() as tx:
        why, at_ms = "照片里是您家的车", clock_ms("11:00")
        Verdicts(town.site).decide(tx, reply.id, upheld=False, who="王工", why=why, now_ms=at_ms)

    notice, wording = town.notices()[-1], Wording(town.site)
    assert (notice.recipient, notice.step) == ("shop:S1", "contest_rejected_over")
    assert "此事已了结，无需再处理。如仍有疑问" in str(notice.body["text_zh"])
    assert "请将门前车辆移入停车区" not in str(notice.body["text_zh"])
    assert wording.short(notice, "zh-CN", 2).endswith("此事已了结，无需再处理。")
    assert wording.short(notice, "en", 4).endswith("It is over; nothing is to be done.")
    assert "Your objection was not upheld" in wording.subject(notice, "en")
