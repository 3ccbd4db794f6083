"""What the store keeps of notices on their way: ways, digests, receipts, and uses of a provider."""

from msgspec.structs import replace

from domain.case import CaseState
from domain.event import SENT, EventChoice
from domain.finding import Severity
from domain.notice import Group, NoticeState
from storage.case_store import CaseStore
from tests.cases.notices.letter import letter, put
from tests.contract.case_store.samples import ALARM, CASE, LADDER, NOTICE, fill


def test_notices_leave_in_due_order(store: CaseStore) -> None:
    """By time, then by age; what is not due, of another channel, or over the limit stays."""
    with store.transaction() as tx:
        for key, channel, due in (("c", "log", 30), ("a", "log", 10), ("x", "command", 5), ("b", "log", 10)):
            tx.add_notice(replace(NOTICE, key=key, channel=channel, not_before_ms=due))

    assert [notice.key for notice in store.due_notices(30, 10)] == ["x", "a", "b", "c"]
    assert [notice.key for notice in store.due_notices(29, 10, channel="log")] == ["a", "b"]
    assert [notice.key for notice in store.due_notices(30, 1)] == ["x"]


def test_channels_are_due_with_the_first_that_waits_there(store: CaseStore) -> None:
    """In a digest or alone; not before its time, nor once it has gone out."""
    with store.transaction() as tx:
        for key, channel, due in (("a", "log", 10), ("b", "log", 11), ("c", "command", 30)):
            tx.add_notice(replace(NOTICE, key=key, channel=channel, not_before_ms=due))
    (first,) = store.due_notices(10, 10)
    store.claim("digest", [first.id])

    assert store.due_channels(9) == set()
    assert store.due_channels(10) == {"log"}
    assert store.due_channels(30) == {"log", "command"}
    store.mark_digest_sent("digest", 10)
    assert store.due_channels(10) == set()


def test_the_longest_waiting_notice_says_since_when(store: CaseStore) -> None:
    """Of those that are due; what goes to machines, or has gone out, makes nobody wait."""
    with store.transaction() as tx:
        for key, channel, due in (("a", "log", 20), ("b", "log", 10), ("c", "command", 5)):
            tx.add_notice(replace(NOTICE, key=key, channel=channel, not_before_ms=due))

    assert [store.oldest_due_ms(at_ms) for at_ms in (9, 10, 99)] == [None, 10, 10]
    (longest,) = (notice for notice in store.notices() if notice.key == "b")
    store.mark_sent(longest.id, 30)
    assert store.oldest_due_ms(99) == 20


def test_a_notice_is_told_to_have_gone_out_once(store: CaseStore) -> None:
    """However often it is sent: a crash may come between sending it and keeping that."""
    fill(store)
    (notice,) = store.notices()
    for at_ms in (50, 60):
        store.mark_sent(notice.id, at_ms)

    found, _ = store.happened_since(EventChoice(), after=0, limit=100)
    assert [one.line.at_ms for one in found if one.line.what == SENT] == [50]


def test_a_withdrawn_notice_stays_unless_it_went_out_after_all(store: CaseStore) -> None:
    """A failure does not bring it back; a success is the truth."""
    fill(store)
    (notice,) = store.notices()
    with store.transaction() as tx:
        tx.withdraw_notices(notice.ladder_id or 0)

    store.mark_failed(notice.id, "late", 99)
    assert store.notices()[0].state is NoticeState.WITHDRAWN
    store.mark_sent(notice.id, 50)
    assert store.notices()[0].state is NoticeState.SENT


def test_a_notice_is_pending_until_something_became_of_it(store: CaseStore) -> None:
    """Put off it still is, and that is no try; sent it is not, nor one that never was."""
    fill(store)
    (notice,) = store.notices()
    store.put_off(notice.id, 99)
    assert store.still_pending(notice.id)
    assert (store.notices()[0].not_before_ms, store.notices()[0].attempts) == (99, 0)

    store.mark_sent(notice.id, 100)

    assert not store.still_pending(notice.id)
    assert not store.still_pending(notice.id + 1)


def test_the_first_way_counts_and_the_others_get_copies(store: CaseStore) -> None:
    """Each with a key of its own; routed twice, or when it no longer waits, nothing more comes of it."""
    put(store, letter("k", channel="people"))
    (notice,) = store.notices()
    for _ in range(2):
        store.route([(notice, [("smtp", "a@b.example"), ("bot", "")])])

    copy, first = store.notices()
    assert (first.key, first.channel, first.address, first.copy_of) == ("k", "smtp", "a@b.example", None)
    assert (copy.key, copy.channel, copy.copy_of, copy.body) == ("k/2", "bot", first.id, first.body)
    store.mark_sent(first.id, 5)
    store.route([(first, [("bot", "")])])
    assert store.notices()[1].channel == "smtp"


def test_a_digest_has_its_notices_for_good(store: CaseStore) -> None:
    """Only what waits and is in none; what is taken back later stays in it, and is sent with it."""
    put(store, *(letter(key) for key in "abc"))
    ids = {notice.key: notice.id for notice in store.notices()}
    store.mark_dead(ids["c"], "gone", 1)
    store.claim("d1", list(ids.values()))
    store.claim("d2", list(ids.values()))

    assert [notice.key for notice in store.digest("d1")] == ["a", "b"]
    assert store.digest("d2") == []
    (waiting,) = store.waiting_digests("webhook")
    assert (waiting.key, waiting.n) == ("d1", 2)
    assert store.due_notices(5, 10) == []
    store.mark_digest_sent("d1", 7, "r-1")
    assert {(notice.key, notice.state, notice.receipt) for notice in store.digest("d1")} == {
        ("a", NoticeState.SENT, "r-1"),
        ("b", NoticeState.SENT, "r-1"),
    }
    assert store.waiting_digests("webhook") == []


def test_a_receipt_is_taken_once(store: CaseStore) -> None:
    """By the notice's key, the digest's, or the provider's id; not of what did not go out, and the first time stays."""
    put(store, *(letter(key) for key in "abcd"))
    ids = {notice.key: notice.id for notice in store.notices()}
    store.mark_sent(ids["a"], 5)
    store.mark_sent(ids["b"], 5, "r-2")
    store.claim("d1", [ids["c"]])
    store.mark_digest_sent("d1", 5)

    assert [store.deliver([key], 9) for key in ("a", "r-2", "d1", "d", "nobody")] == [1, 1, 1, 0, 0]
    assert store.deliver(["a", "b", "c"], 99) == 0
    assert {notice.key: notice.delivered_ms for notice in store.notices()} == {"a": 9, "b": 9, "c": 9, "d": None}


def test_critical_ones_come_first(store: CaseStore) -> None:
    """However long others have been due; and they can be asked for alone."""
    put(store, letter("old"), replace(letter("smoke", not_before_ms=3), body={"severity": "critical"}))

    assert [notice.key for notice in store.due_notices(5, 10)] == ["smoke", "old"]
    assert [notice.key for notice in store.due_notices(5, 10, urgent=False)] == ["old"]
    assert [notice.key for notice in store.due_notices(5, 10, besides=("webhook",))] == []


def test_uses_of_a_provider_are_kept_as_long_as_they_count(store: CaseStore) -> None:
    """And forgotten with a later one."""
    for at_ms in (1, 2, 70_000):
        store.attempt("bot", at_ms, at_ms - 60_000)

    assert store.attempts_since("bot", 0) == [70_000]
    assert store.attempts_since("sms", 0) == []


def test_notices_wait_in_groups(store: CaseStore) -> None:
    """By channel and address, the longest due first; critical ones by themselves, and none that is in a digest."""
    late = [replace(letter(key, not_before_ms=due), address=to) for key, due, to in (("a", 3, "x"), ("b", 1, "y"))]
    put(
        store, *late, replace(letter("c", not_before_ms=2), address="x"), replace(letter("s"), address="x", urgent=True)
    )

    groups = store.groups("webhook", 9, urgent=False)
    assert groups == [Group(address="y", oldest_ms=1, n=1), Group(address="x", oldest_ms=2, n=2)]
    assert [one.key for one in store.of_group("webhook", "x", 9, 9, urgent=False)] == ["c", "a"]
    assert [one.key for one in store.of_group("webhook", "x", 2, 9, urgent=False)] == ["c"]
    assert [group.n for group in store.groups("webhook", 9, urgent=True)] == [1]
    store.claim("d", [one.id for one in store.of_group("webhook", "x", 9, 9, urgent=False)])
    assert [group.address for group in store.groups("webhook", 9, urgent=False)] == ["y"]
    assert store.waiting_digests("webhook") == [Group(address="x", oldest_ms=2, n=2, key="d")]


def test_what_was_put_together_and_never_tried_is_taken_apart(store: CaseStore) -> None:
    """On its channel, urgent or not; what was tried once stays, with what was withdrawn from it."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id))
    put(store, letter("a"), replace(letter("b"), ladder_id=ladder.id), letter("c"), replace(letter("d"), urgent=True))
    ids = {notice.key: notice.id for notice in store.notices()}
    for key, members in (("d1", "ab"), ("d2", "c"), ("d3", "d")):
        store.claim(key, [ids[member] for member in members])
    store.begin([ids["a"]], {ids["a"]: {"text_zh": "later"}})
    with store.transaction() as tx:
        tx.withdraw_notices(ladder.id)

    store.drop_withdrawn("d1")
    store.take_apart("webhook", urgent=False)
    assert [[one.key for one in store.digest(key)] for key in ("d1", "d2", "d3")] == [["a", "b"], [], ["d"]]
    assert next((one.attempts, one.body) for one in store.digest("d1")) == (1, {"text_zh": "later"})


def test_what_was_withdrawn_leaves_what_was_never_tried(store: CaseStore) -> None:
    """The rest goes out without it, and may be put off together; that is no try."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id))
    put(store, letter("a"), replace(letter("b"), ladder_id=ladder.id))
    store.claim("d", [notice.id for notice in store.notices()])
    with store.transaction() as tx:
        tx.withdraw_notices(ladder.id)

    store.drop_withdrawn("d")
    store.put_off_digest("d", 77)
    assert [(one.key, one.not_before_ms, one.attempts) for one in store.digest("d")] == [("a", 77, 0)]


def test_words_are_filled_in_until_it_has_gone(store: CaseStore) -> None:
    """What waits is said in its newest words; what went out stays as it went."""
    put(store, letter("a"), letter("b"))
    ids = {notice.key: notice.id for notice in store.notices()}
    store.mark_sent(ids["b"], 20)
    before = {notice.key: notice.body for notice in store.notices()}
    store.reword({ids["a"]: {"text_zh": "later"}, ids["b"]: {"text_zh": "too late"}})

    assert {notice.key: notice.body for notice in store.notices()} == before | {"a": {"text_zh": "later"}}


def test_a_digest_fails_together_and_is_given_up_together(store: CaseStore) -> None:
    """Tried again later, then given up; brought back by one of it, all of it waits again under its key."""
    put(store, *(letter(key) for key in "ab"))
    ids = sorted(notice.id for notice in store.notices())
    store.claim("d", ids)
    store.begin(ids, {})
    store.mark_digest_failed("d", "busy", 50)
    assert {(one.attempts, one.last_error, one.not_before_ms) for one in store.digest("d")} == {(1, "busy", 50)}
    store.mark_digest_dead("d", "gone", 1)

    assert [one.id for one in store.notices_in(NoticeState.DEAD, 9)] == ids[::-1]
    assert store.notices_in(NoticeState.PENDING, 9) == []
    assert len(store.notices_in(None, 1)) == 1
    assert store.revive([ids[0]], 70) == 2
    assert {(one.state, one.not_before_ms) for one in store.digest("d")} == {(NoticeState.PENDING, 70)}
    assert store.revive([ids[0]], 70) == 0


def test_the_last_word_to_an_address_counts_unless_it_was_critical(store: CaseStore) -> None:
    """Of this channel and address."""
    put(store, replace(letter("a"), address="x"), replace(letter("s"), address="x", urgent=True))
    ids = {notice.key: notice.id for notice in store.notices()}
    assert store.last_sent_ms("webhook", "x") is None
    store.mark_sent(ids["a"], 5)
    store.mark_sent(ids["s"], 9)

    assert (store.last_sent_ms("webhook", "x"), store.last_sent_ms("webhook", "y")) == (5, None)


def test_who_was_told_of_a_critical_alarm(store: CaseStore) -> None:
    """By their own notices, not by copies or commands, nor of what was not critical."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(replace(ALARM, severity=Severity.CRITICAL))
        for key, more in (
            ("a", {}),
            ("copy", {"copy_of": 1}),
            ("look", {"channel": "command"}),
            ("calm", {"urgent": False}),
        ):
            tx.add_notice(replace(NOTICE, **{"key": key, "alarm_id": alarm.id, "urgent": True, **more}))

    assert [one.key for one in store.told_of(alarm.id)] == ["a"]


def test_a_critical_alarm_is_unanswered_until_somebody_takes_it_on(store: CaseStore) -> None:
    """Acknowledged while that lasts, silenced, over, or its case at work since it was told: answered."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(replace(ALARM, severity=Severity.CRITICAL))
        tx.add_case(replace(CASE, alarm_id=alarm.id, ladder_id=None))
        tx.add_notice(replace(NOTICE, alarm_id=alarm.id, case_id=CASE.id, urgent=True))
        tx.add_alarm(replace(ALARM, subject="calm"))
    assert [one.id for one in store.unanswered(50)] == [alarm.id]
    for answered in (
        replace(alarm, acked_ms=1, acked_until_ms=51),
        replace(alarm, acked_ms=1),
        replace(alarm, silence_id=1),
        replace(alarm, resolved_ms=1),
    ):
        with store.transaction() as tx:
            tx.save_alarm(answered)
        assert store.unanswered(50) == []
    with store.transaction() as tx:
        tx.save_alarm(replace(alarm, acked_ms=1, acked_until_ms=50))
    assert [one.id for one in store.unanswered(50)] == [alarm.id]

    with store.transaction() as tx:
        begun = replace(CASE, alarm_id=alarm.id, ladder_id=None, state=CaseState.HANDLING)
        tx.save_case(replace(begun, state_ms=NOTICE.created_ms - 1))
    assert [one.id for one in store.unanswered(50)] == [alarm.id]
    with store.transaction() as tx:
        tx.save_case(replace(begun, state_ms=NOTICE.created_ms))
    assert store.unanswered(50) == []
