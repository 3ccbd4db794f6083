"""Carries out what the ladder decides: notices, looks asked for, and the end of each episode."""

from msgspec.structs import replace

from cases import story
from cases.calendar import quiet_until
from cases.filing import Filing
from cases.ladder import Move, Pace, Told, case_at_once, next_move, recheck_after_ms, recheck_ms
from cases.notices.letters import COMMAND, Letters
from cases.scene import matter_of, scene_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm
from domain.finding import Evidence
from domain.ladder import Ladder, LadderStep
from domain.notice import Notice


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
        look = alarm.evidence
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
            context=look.context if look else None,
            onset=(look.onset or look) if look else None,
            confirmed=look,
        )
        if case_at_once(earlier, self._pace):
            self._strike_out(tx, ladder, alarm, now_ms, n=earlier + 1)
            return
        not_before_ms, planned_ms = self._when(ladder, now_ms)
        ladder = tx.add_ladder(replace(ladder, recheck_ms=planned_ms))
        self._tell(tx, ladder, alarm, self._letters.reminder(ladder, alarm, 0, now_ms, not_before_ms))

    def walk(
        self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, cleared: Evidence | None = None
    ) -> None:
        """Take the step that is due, if any. `cleared` is the look that resolved the alarm."""
        reminders = tx.reminders(ladder.id)
        sent = sum(notice.sent_ms is not None for notice in reminders)
        of_step = [notice for notice in reminders if notice.step == ladder.step.value]
        told = self._told(of_step, alarm)
        ladder = self._on_time(tx, ladder, told)
        match next_move(ladder, alarm, told, now_ms, self._pace):
            case Move.ASK:
                self._ask(tx, ladder, alarm, now_ms)
            case Move.INSTEAD:
                ladder, not_before_ms = self._wait_anew(tx, ladder, now_ms)
                lost = of_step[-1].recipient
                notice = self._letters.instead(ladder, alarm, lost, now_ms, not_before_ms)
                self._tell(tx, ladder, alarm, notice, lost=lost)
            case Move.NOTICE_2:
                ladder, not_before_ms = self._wait_anew(tx, replace(ladder, step=LadderStep.NOTICE_2), now_ms)
                self._tell(tx, ladder, alarm, self._letters.reminder(ladder, alarm, sent, now_ms, not_before_ms))
            case Move.CASE:
                ladder = replace(ladder, step=LadderStep.CASE, ended_ms=now_ms)
                self._end(tx, ladder)
                tx.append_log(story.line("ladder", "still_there", now_ms, alarm, ladder=ladder))
                text = "case_shop" if sent else "case_shop_untold"
                self._filing.file(tx, alarm, now_ms, text=text, ladder=ladder, n=sent)
            case Move.SELF_CORRECTED:
                ladder = replace(ladder, step=LadderStep.SELF_CORRECTED, ended_ms=now_ms, cleared=cleared)
                self._end(tx, ladder)
                tx.append_log(story.line("ladder", "self_corrected", now_ms, alarm, ladder=ladder, look=cleared))

    def release(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, person: str) -> None:
        """A person has ended the alarm: the episode is over at its step, neither self-corrected nor a case."""
        ladder = replace(ladder, ended_ms=now_ms)
        self._end(tx, ladder)
        tx.append_log(story.line(person, "ladder_released", now_ms, alarm, ladder=ladder, person=person))

    def look_again(self, tx: BookTransaction, now_ms: int) -> None:
        """Re-checks that are due and still wait for a look; what is silenced leads to nothing now."""
        for ladder, alarm in tx.ladders_due(now_ms, now_ms - self._pace.patience_ms):
            if alarm.silence_id is None:
                self.walk(tx, ladder, alarm, now_ms)

    def _strike_out(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, n: int) -> None:
        ladder = tx.add_ladder(replace(ladder, step=LadderStep.CASE, ended_ms=now_ms))
        days = round(self._site.settings.ladder.strike_window / 86400, 1)
        tx.append_log(story.line("ladder", "strike", now_ms, alarm, ladder=ladder, n=n, days=days))
        self._filing.file(tx, alarm, now_ms, text="case_shop_again", ladder=ladder, n=n)

    def _when(self, ladder: Ladder, now_ms: int) -> tuple[int, int]:
        """When the next notice may go out, and when its re-check is due."""
        not_before_ms = quiet_until(now_ms, self._site.settings.ladder.quiet_hours, self._site.timezone)
        return not_before_ms, not_before_ms + self._after_ms(ladder)

    def _after_ms(self, ladder: Ladder) -> int:
        return recheck_after_ms(matter_of(ladder.matter, self._site), self._site)

    def _told(self, of_step: list[Notice], alarm: Alarm) -> Told | None:
        """How far the newest of a step's notices has come. Only the first of them is followed by another's."""
        if not of_step:
            return None
        newest = of_step[-1]
        someone_else = len(of_step) == 1 and self._letters.someone_else(alarm, newest.recipient)
        return Told(state=newest.state, sent_ms=newest.sent_ms, someone_else=someone_else)

    def _on_time(self, tx: BookTransaction, ladder: Ladder, told: Told | None) -> Ladder:
        """The ladder, its re-check put off if its notice went out late."""
        at_ms = recheck_ms(ladder, told, self._after_ms(ladder))
        if at_ms == ladder.recheck_ms:
            return ladder
        later = replace(ladder, recheck_ms=at_ms)
        tx.save_ladder(later)
        return later

    def _wait_anew(self, tx: BookTransaction, ladder: Ladder, now_ms: int) -> tuple[Ladder, int]:
        """The ladder with its re-check planned from now, and when its next notice may go out."""
        tx.withdraw_notices(ladder.id, channel=COMMAND)
        not_before_ms, planned_ms = self._when(ladder, now_ms)
        ladder = replace(ladder, recheck_ms=planned_ms, asked_ms=None)
        tx.save_ladder(ladder)
        return ladder, not_before_ms

    def _tell(
        self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, notice: Notice, *, lost: str | None = None
    ) -> None:
        """Put a reminder into the outbox. `lost` is the recipient that the one before it did not reach."""
        tx.add_notice(notice)
        tx.append_log(
            story.line(
                "ladder",
                "told_instead" if lost else ladder.step.value,
                notice.created_ms,
                alarm,
                ladder=ladder,
                frontage=scene_of(alarm, self._site).frontage,
                recipient=notice.recipient,
                send_ms=notice.not_before_ms,
                recheck_ms=ladder.recheck_ms,
                lost=lost,
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
