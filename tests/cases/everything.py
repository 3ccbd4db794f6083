"""A town in which everything happens that people are told of."""

from dataclasses import replace as replace_site

from msgspec.structs import replace

from cases.book import Book
from cases.notices.escalation import Escalation
from config.notices import Call
from domain.case import Alarm
from domain.finding import Change, Finding, Severity
from domain.order import OrderKind
from tests.cases.city import Town, bikes, charger, clock_ms, gateway, leaning, tree


def play_everything(town: Town) -> None:
    """A day in which every line is written and every notice sent."""
    raised, again, clear, stale = Change.RAISED, Change.RENEWED, Change.RESOLVED, Change.STALE
    for at, change in (("09:00", raised), ("09:15", again), ("09:30", again), ("10:00", clear)):
        town.record(bikes(change, clock_ms(at)), bikes(change, clock_ms(at), zone="door-2"))
    town.record(bikes(raised, clock_ms("11:00"), zone="lane"))
    town.tick(clock_ms("11:20"))
    town.record(bikes(clear, clock_ms("11:30"), zone="lane"))
    for at in ("12:00", "13:00"):
        town.record(bikes(raised, clock_ms(at), zone="lane"))
        town.record(bikes(clear, clock_ms(at) + 60_000, zone="lane"))
    for at, change in (("14:00", raised), ("14:10", stale), ("14:20", again), ("14:30", clear)):
        town.record(charger(change, clock_ms(at)), charger(change, clock_ms(at) + 1000, port=4))
    town.record(charger(raised, clock_ms("15:00"), rule_id="smoke", metric="smoke", value=1.0, limit=None))
    town.record(leaning(raised, clock_ms("15:50")), tree(Change.RENEWED, clock_ms("16:00")))
    town.record(tree(clear, clock_ms("16:30")))
    town.record(tree(clear, clock_ms("16:40")), released_by="王工")
    town.record(bikes(raised, clock_ms("17:00")), bikes(clear, clock_ms("17:01"), look=False))
    town.record(bikes(clear, clock_ms("17:02"), look=False), released_by="王工")
    play_people(town)
    play_no_answer(town)
    play_no_case(town)
    play_an_outage(town)


def play_people(town: Town) -> None:
    """An alarm that gets worse, comes and goes, is taken on and silenced, and loses its rule, on the next day."""

    def hot(change: Change, at: str, severity: Severity = Severity.WARN) -> Finding:
        return charger(change, clock_ms(f"23 {at}"), rule_id="hot", port=9, severity=severity)

    def only(rule_id: str) -> Alarm:
        return next(alarm for alarm in town.store.alarms(open_only=True) if alarm.rule_id == rule_id)

    town.record(replace(hot(Change.RAISED, "09:00"), device_id="E9", subject="E9/9"))
    worse = replace(hot(Change.RENEWED, "09:05", Severity.CRITICAL), device_id="E9", subject="E9/9")
    town.give(OrderKind.ACK, only("hot"), clock_ms("23 09:01"))
    town.give(OrderKind.ACK, only("hot"), clock_ms("23 09:02"), until_ms=clock_ms("23 12:00"))
    town.give(OrderKind.ACK, only("hot"), clock_ms("23 09:03"), who="李姐")
    town.give(OrderKind.ACK, only("hot"), clock_ms("23 09:04"), until_ms=clock_ms("23 12:00"))
    town.obey(clock_ms("23 09:03"))
    silence = town.silence(clock_ms("23 09:04"), clock_ms("23 11:00"), rule_id="h*")
    town.tick(clock_ms("23 09:04"))
    town.record(worse)
    town.end_silence(silence, clock_ms("23 09:06"))
    for even_critical in (True, False):
        town.silence(clock_ms("23 09:10"), clock_ms("23 09:20"), rule_id="h*", even_critical=even_critical)
    town.tick(clock_ms("23 09:10"))
    town.tick(clock_ms("23 09:20"))
    town.record(replace(worse, severity=Severity.WARN, at_ms=clock_ms("23 09:30")))
    early = town.silence(clock_ms("23 09:31"), clock_ms("23 10:00"), device_id="E9")
    town.tick(clock_ms("23 09:31"))
    town.end_silence(early, clock_ms("23 09:32"))
    town.record(replace(worse, change=Change.FLAPPING, severity=Severity.WARN, at_ms=clock_ms("23 09:40")))
    town.record(replace(worse, severity=Severity.WARN, at_ms=clock_ms("23 09:50")))
    for orphaned in (True, False):
        with town.store.transaction() as tx:
            town.book.orphan(tx, only("hot"), clock_ms("23 10:10"), orphaned=orphaned)


def play_no_answer(town: Town) -> None:
    """Nobody takes on a charger that smokes: the chief is told, and then both again."""
    settings = town.site.settings
    notices = settings.notices.model_copy(update={"escalation": ("duty-desk", "chief")})
    escalation = Escalation(replace_site(town.site, settings=settings.model_copy(update={"notices": notices})))
    smoke = charger(Change.RAISED, clock_ms("24 09:00"), rule_id="smoke", metric="smoke", value=1.0, limit=None, port=7)
    town.record(smoke)
    for at in ("24 09:10", "24 10:10"):
        escalation.tick(town.store, clock_ms(at))
        town.send(clock_ms(at))


def play_no_case(town: Town) -> None:
    """A gateway falls silent, of which no case comes, and is heard again; what stands about at a shop burns."""
    notices = town.site.settings.notices.model_copy(update={"phone_trees": {"gateway": (Call(tell="call:warden"),)}})
    book = Book(replace_site(town.site, settings=town.site.settings.model_copy(update={"notices": notices})))
    silent = gateway(Change.RAISED, clock_ms("25 09:00"))
    heap = replace(bikes(Change.RENEWED, clock_ms("25 10:05"), zone="door-2"), rule_id="heap", matter="06036")
    burning = replace(heap, severity=Severity.CRITICAL)
    for finding in (
        silent,
        replace(silent, change=Change.RESOLVED, at_ms=clock_ms("25 09:10")),
        replace(burning, change=Change.RAISED, severity=Severity.NOTICE, at_ms=clock_ms("25 10:00")),
        burning,
        replace(burning, change=Change.RESOLVED, at_ms=clock_ms("25 10:30")),
    ):
        with town.store.transaction() as tx:
            book.record(tx, [finding], finding.at_ms)
        town.send(finding.at_ms)


def play_an_outage(town: Town) -> None:
    """Nothing goes out any more: of the shop with a contact, and of one without, everybody is told in vain."""
    town.sending = False
    for zone, start in (("door-1", clock_ms("29 09:00")), ("door-2", clock_ms("30 09:00"))):
        sign = replace(bikes(Change.RAISED, start, zone=zone), matter="09009")  # no case of it is open yet
        town.record(sign)
        for half_hour in range(1, 7):
            town.lose()
            town.record(bikes(Change.RENEWED, start + half_hour * 1_800_000, zone=zone))
