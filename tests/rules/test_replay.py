"""A replay's alarms have a beginning and an end, and two replays are told apart by what people would notice."""

from msgspec.structs import replace

from domain.finding import Severity
from domain.reading import Reading
from rules.files import Rule, load_rules
from rules.replay import AlarmSpan, Replay
from rules.replay_diff import diff, per_day
from tests.rules.city import shipped, small_city
from tests.rules.timetable import clock_ms


def trees() -> tuple[Rule, ...]:
    """The shipped rules for trees."""
    return load_rules(shipped("trees"), small_city())


def leaning(clock: str, tilt_deg: float) -> Reading:
    """What tree-1 says, whose baseline is 1.8°."""
    at_ms = clock_ms(clock)
    return Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics={"tilt_deg": tilt_deg})


def span(raised: str, resolved: str | None, **changes: object) -> AlarmSpan:
    """An alarm of one tree."""
    raised_ms = clock_ms(raised)
    return replace(
        AlarmSpan(
            rule_id="tree-tilt",
            subject="tree-1",
            severity=Severity.WARN,
            since_ms=raised_ms,
            raised_ms=raised_ms,
            resolved_ms=clock_ms(resolved) if resolved else None,
        ),
        **changes,
    )


def test_a_lean_and_a_silence_become_spans() -> None:
    """Silence is found by ticks that nobody has to send; what stands at the end has no end."""
    replay = Replay(trees(), small_city(), from_ms=clock_ms("00:00"))
    tilts = {"00:00": 1.8, "00:10": 2.4, "00:20": 2.4, "00:30": 2.4, "00:40": 2.4, "00:50": 1.8}
    replay.play([leaning(clock, tilt_deg) for clock, tilt_deg in tilts.items()])
    replay.advance(clock_ms("02:00"))
    assert not replay.engine.faults
    found = {span.key: span for span in replay.spans.all()}
    lean = found["tree-tilt", "tree-1"]
    assert (lean.since_ms, lean.raised_ms, lean.resolved_ms) == tuple(map(clock_ms, ("00:10", "00:40", "00:50")))
    assert (lean.severity, lean.metric, lean.value, lean.limit) == (Severity.WARN, "tilt_deg", 0.6, 0.5)
    silence = found["tree-silent", "tree-1"]
    assert (silence.since_ms, silence.raised_ms, silence.resolved_ms) == (clock_ms("00:50"), clock_ms("01:20"), None)


def test_what_ended_before_is_left_out() -> None:
    """An alarm that stood when the stretch began belongs to it."""
    replay = Replay(trees(), small_city(), from_ms=clock_ms("00:00"))
    tilts = {"00:10": 2.4, "00:20": 2.4, "00:30": 2.4, "00:40": 2.4, "00:50": 1.8}
    replay.play([leaning(clock, tilt_deg) for clock, tilt_deg in tilts.items()])
    leans = [
        [span.rule_id for span in replay.spans.all(from_ms=clock_ms(clock)) if span.metric == "tilt_deg"]
        for clock in ("00:45", "00:51")
    ]
    assert leans == [["tree-tilt"], []]


def test_new_gone_moved_regraded_and_the_same() -> None:
    """Whatever overlaps is one alarm; one of another time is another."""
    old = [span("01:00", "02:00"), span("05:00", "06:00"), span("08:00", "09:00"), span("11:00", None)]
    new = [
        span("01:00", "02:00"),
        span("04:30", "06:00"),
        span("11:00", None, severity=Severity.CRITICAL),
        span("08:00", "09:00", subject="tree-2"),
    ]
    found = diff(old, new)
    assert [one.subject for one in found.new] == ["tree-2"]
    assert list(found.gone) == [old[2]]
    assert [(pair.raised_later_ms, pair.resolved_later_ms) for pair in found.moved] == [(-1_800_000, 0)]
    assert [pair.new.severity for pair in found.regraded] == [Severity.CRITICAL]
    assert found.same == 1


def test_one_that_became_two_has_moved_and_is_new() -> None:
    """Each alarm is paired once."""
    found = diff([span("01:00", "05:00")], [span("01:00", "02:00"), span("03:00", "05:00")])
    assert [(pair.raised_later_ms, pair.resolved_later_ms) for pair in found.moved] == [(0, -3 * 3_600_000)]
    assert [one.raised_ms for one in found.new] == [clock_ms("03:00")]
    assert not found.gone


def test_one_that_ends_only_now_has_moved() -> None:
    """There is no number for how much later something ends that does not end."""
    (pair,) = diff([span("01:00", None)], [span("01:00", "02:00")]).moved
    assert pair.resolved_later_ms is None


def test_days_begin_where_the_site_is() -> None:
    """23:30 and 00:30 are two days in the site's zone, and one in UTC."""
    spans = [span("23:30", None), span("1d 00:30", None)]
    assert len(per_day(spans, 8 * 3_600_000)) == 2
    assert len(per_day(spans)) == 1
