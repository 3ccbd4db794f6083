"""Carries out what the ladder decides: notices, looks asked for, and the end of each episode."""

from msgspec.structs import replace

from cases import story
from cases.calendar import quiet_until
from cases.filing import Filing
from cases.ladder import Move, Pace, case_at_once, next_move, recheck_after_ms
from cases.notices.letters import COMMAND, Letters
from cases.scene import matter_of, scene_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm, Ladder, LadderStep
from domain.finding import Evidence


class Episodes:
    """One episode is one matter at one place, from its confirmation to its end."""

    def __init__(self, site: Site, letters: Letters, filing: Filing) -> None:
        self._site = site
        self._letters = letters
        self._filing = filing
        self._pace = Pace.of(site)

    def start(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """A matter has been confirmed: the shop is told, or a case is filed if it was told too often of late."""
        if alarm.matter is None:
            return
        since_ms = now_ms - self._pace.strike_window_ms
        earlier = tx.episodes(alarm.matter, shop_id=alarm.shop_id, subject=alarm.subject, since_ms=since_ms)
        ladder = Ladder(
            id=0,
            alarm_id=alarm.id,
            subject=alarm.subject,
            matter=alarm.matter,
            camera_id=alarm.device_id,
            shop_id=alarm.shop_id,
            step=LadderStep.NOTICE_1,
            started_ms=now_ms,
            recheck_ms=now_ms,
            onset=alarm.evidence,
        )
        if case_at_once(earlier, self._pace):
            self._strike_out(tx, ladder, alarm, now_ms, n=earlier + 1)
            return
        not_before_ms, recheck_ms = self._when(ladder, now_ms)
        ladder = tx.add_ladder(replace(ladder, recheck_ms=recheck_ms))
        self._tell(tx, ladder, alarm, now_ms, not_before_ms)

    def walk(
        self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, cleared: Evidence | None = None
    ) -> None:
        """Take the step that is due, if any. `cleared` is the look that resolved the alarm."""
        match next_move(ladder, alarm, now_ms, self._pace):
            case Move.ASK:
                self._ask(tx, ladder, alarm, now_ms)
            case Move.NOTICE_2:
                tx.withdraw_notices(ladder.id, channel=COMMAND)
                not_before_ms, recheck_ms = self._when(ladder, now_ms)
                ladder = replace(ladder, step=LadderStep.NOTICE_2, recheck_ms=recheck_ms, asked_ms=None)
                tx.save_ladder(ladder)
                self._tell(tx, ladder, alarm, now_ms, not_before_ms)
            case Move.CASE:
                ladder = replace(ladder, step=LadderStep.CASE, ended_ms=now_ms)
                self._end(tx, ladder)
                tx.append_log(story.line("ladder", "still_there", now_ms, alarm, ladder=ladder))
                self._filing.file(tx, alarm, now_ms, text="case_shop", ladder=ladder, n=2)
            case Move.SELF_CORRECTED:
                ladder = replace(ladder, step=LadderStep.SELF_CORRECTED, ended_ms=now_ms, cleared=cleared)
                self._end(tx, ladder)
                tx.append_log(story.line("ladder", "self_corrected", now_ms, alarm, ladder=ladder, look=cleared))

    def look_again(self, tx: BookTransaction, now_ms: int) -> None:
        """Re-checks that are due and still wait for a look."""
        for ladder, alarm in tx.ladders_due(now_ms, now_ms - self._pace.patience_ms):
            self.walk(tx, ladder, alarm, now_ms)

    def _strike_out(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, n: int) -> None:
        ladder = tx.add_ladder(replace(ladder, step=LadderStep.CASE, ended_ms=now_ms))
        days = round(self._site.settings.ladder.strike_window / 86400, 1)
        tx.append_log(story.line("ladder", "strike", now_ms, alarm, ladder=ladder, n=n, days=days))
        self._filing.file(tx, alarm, now_ms, text="case_shop_again", ladder=ladder, n=n)

    def _when(self, ladder: Ladder, now_ms: int) -> tuple[int, int]:
        """When the next notice may go out, and when its re-check is due."""
        not_before_ms = quiet_until(now_ms, self._site.settings.ladder.quiet_hours, self._site.timezone)
        return not_before_ms, not_before_ms + recheck_after_ms(matter_of(ladder.matter, self._site), self._site)

    def _tell(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, not_before_ms: int) -> None:
        second = ladder.step is LadderStep.NOTICE_2
        notice = self._letters.reminder(ladder, alarm, second=second, now_ms=now_ms, not_before_ms=not_before_ms)
        tx.add_notice(notice)
        tx.append_log(
            story.line(
                "ladder",
                ladder.step.value,
                now_ms,
                alarm,
                ladder=ladder,
                frontage=scene_of(alarm, self._site).frontage,
                recipient=notice.recipient,
                send_ms=not_before_ms,
                recheck_ms=ladder.recheck_ms,
            )
        )

    def _ask(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int) -> None:
        tx.withdraw_notices(ladder.id, channel=COMMAND)
        ladder = replace(ladder, asked_ms=now_ms)
        tx.save_ladder(ladder)
        tx.add_notice(self._letters.look_now(ladder, alarm, now_ms))
        tx.append_log(story.line("ladder", "look_asked", now_ms, alarm, ladder=ladder, camera_id=ladder.camera_id))

    def _end(self, tx: BookTransaction, ladder: Ladder) -> None:
        tx.withdraw_notices(ladder.id)
        tx.save_ladder(ladder)
