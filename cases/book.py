"""Alarms from findings, and what becomes of them. The book itself remembers nothing: all it knows is in the store."""

from collections.abc import Sequence

from msgspec.structs import replace

from cases import story
from cases.episode import Episodes
from cases.filing import Filing
from cases.notices.letters import Letters
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm
from domain.finding import AlarmState, CasePolicy, Change, Evidence, Finding


class Book:
    """Records findings. The same batch recorded twice ends as once; a new book over the same store goes on.

    A latched alarm ends only by a person's word, and one against a shop only by a look that shows the place clear
    or, like any other, by a person's word.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        letters = Letters(site)
        self._filing = Filing(site, letters)
        self._episodes = Episodes(site, letters, self._filing)

    def record(
        self, tx: BookTransaction, findings: Sequence[Finding], now_ms: int, *, released_by: str | None = None
    ) -> None:
        """Take findings in, in their order. `released_by` names the person on whose word these alarms end, if any."""
        for finding in findings:
            alarm = tx.open_alarm(*finding.key)
            match finding.change:
                case Change.RAISED | Change.RENEWED if alarm:
                    self._renew(tx, alarm, finding, now_ms)
                case Change.RAISED | Change.RENEWED:  # still so, and the book does not know of it: never to be missed
                    self._raise(tx, finding, now_ms)
                case Change.STALE if alarm:
                    self._go_stale(tx, alarm, finding, now_ms)
                case Change.RESOLVED if alarm:
                    self._resolve(tx, alarm, finding, now_ms, released_by)

    def tick(self, tx: BookTransaction, now_ms: int) -> None:
        """What is due by the clock alone: looks to be asked for."""
        self._episodes.look_again(tx, now_ms)

    def _raise(self, tx: BookTransaction, finding: Finding, now_ms: int) -> None:
        if not _first_time(tx, finding):
            return
        alarm = tx.add_alarm(_alarm(finding))
        tx.append_log(story.raised(alarm, self._site, now_ms))
        if alarm.policy is CasePolicy.OPEN:
            self._filing.file(tx, alarm, now_ms, text="case_sensor")
        elif alarm.policy is CasePolicy.LADDER:
            self._episodes.start(tx, alarm, now_ms)

    def _renew(self, tx: BookTransaction, alarm: Alarm, finding: Finding, now_ms: int) -> None:
        if finding.change is Change.RAISED:
            _first_time(tx, finding)
        if finding.at_ms <= alarm.seen_ms:
            return
        renewed = replace(
            alarm,
            state=AlarmState.FIRING,
            severity=finding.severity,
            seen_ms=finding.at_ms,
            value=finding.value if finding.value is not None else alarm.value,
            limit=finding.limit if finding.limit is not None else alarm.limit,
            evidence=_to_show(alarm.evidence, finding.evidence),
        )
        tx.save_alarm(renewed)
        if alarm.state is AlarmState.STALE:
            tx.append_log(story.line("rules", "alarm_back", now_ms, renewed))
        if ladder := tx.open_ladder(alarm.id):
            self._episodes.walk(tx, ladder, renewed, now_ms)

    def _go_stale(self, tx: BookTransaction, alarm: Alarm, finding: Finding, now_ms: int) -> None:
        if alarm.state is AlarmState.STALE or not _first_time(tx, finding):
            return
        tx.save_alarm(replace(alarm, state=AlarmState.STALE))
        tx.append_log(story.line("rules", "alarm_stale", now_ms, alarm, seen_ms=alarm.seen_ms))

    def _resolve(
        self, tx: BookTransaction, alarm: Alarm, finding: Finding, now_ms: int, released_by: str | None
    ) -> None:
        if not _first_time(tx, finding):
            return
        look = finding.evidence
        if alarm.policy is CasePolicy.LADDER and look is None and released_by is None:
            tx.append_log(story.line("rules", "alarm_unproven", now_ms, alarm))
            return
        if alarm.latch and released_by is None:
            tx.append_log(story.line("rules", "alarm_held", now_ms, alarm))
            return
        resolved = replace(alarm, state=AlarmState.RESOLVED, resolved_ms=finding.at_ms)
        tx.save_alarm(resolved)
        what = "alarm_released" if released_by else "alarm_clear_seen" if look else "alarm_resolved"
        tx.append_log(story.line(released_by or "rules", what, now_ms, resolved, look=look, person=released_by))
        ladder = tx.open_ladder(alarm.id)
        if ladder and released_by:
            self._episodes.release(tx, ladder, resolved, now_ms, person=released_by)
        elif ladder:
            self._episodes.walk(tx, ladder, resolved, now_ms, cleared=look)
        else:
            self._filing.cleared(tx, resolved, now_ms, look)


def _to_show(known: Evidence | None, newer: Evidence | None) -> Evidence | None:
    """The newer look, unless it has no picture and the known one has: people need something to look at.

    What was seen first stays what was seen first, though other things may have come meanwhile.
    """
    if newer is None or known is None:
        return newer or known
    if newer.picture is None and known.picture is not None:
        newer = known
    return replace(newer, onset=known.onset or newer.onset, context=known.context or newer.context)


def _first_time(tx: BookTransaction, finding: Finding) -> bool:
    return tx.first_time(finding.rule_id, finding.subject, finding.change, finding.at_ms)


def _alarm(finding: Finding) -> Alarm:
    return Alarm(
        id=0,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        title_zh=finding.title_zh,
        title_en=finding.title_en,
        subject=finding.subject,
        kind=finding.kind,
        device_id=finding.device_id,
        state=AlarmState.FIRING,
        severity=finding.severity,
        since_ms=finding.since_ms,
        raised_ms=finding.at_ms,
        seen_ms=finding.at_ms,
        matter=finding.matter,
        policy=finding.policy,
        port=finding.port,
        zone=finding.zone,
        shop_id=finding.shop_id,
        metric=finding.metric,
        value=finding.value,
        limit=finding.limit,
        limit_source=finding.limit_source,
        evidence=finding.evidence,
        latch=finding.latch,
    )
