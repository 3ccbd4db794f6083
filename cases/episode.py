"""Carries out what the ladder decides: questions, notices, looks asked for, and the end of each episode."""

from msgspec.structs import replace

from cases import story
from cases.filing import Filing
from cases.ladder import Move, Pace, case_at_once, next_move, recheck_ms, shortest_patience_ms
from cases.looks import ask_look
from cases.notices.letters import COMMAND, Letters
from cases.notices.questions import Questions
from cases.permits import Leave, Permits
from cases.reminding import Reminding, of_step
from cases.scene import scene_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm
from domain.finding import Evidence
from domain.ladder import Ladder, LadderStep

_MINUTE_MS = 60_000


class Episodes:
    """One episode is one matter at one place, from when it is seen to its end."""

    def __init__(self, site: Site, letters: Letters, filing: Filing) -> None:
        self._site = site
        self._letters = letters
        self._filing = filing
        self._questions = Questions(site, letters)
        self._reminding = Reminding(site, letters)
        self._permits = Permits(site)
        self._patience_ms = shortest_patience_ms(site)
        self._leave_ms: int | None = None

    @classmethod
    def of(cls, site: Site) -> "Episodes":
        """For whoever does not have the rest of the book."""
        letters = Letters(site)
        return cls(site, letters, Filing(site, letters))

    def start(self, tx: BookTransaction, alarm: Alarm, now_ms: int) -> None:
        """A matter has been seen: unless the shop has leave, a person is asked, or the shop is told, or a case is
        filed, as it goes for the matter."""
        if alarm.matter is None:
            return
        look = alarm.evidence
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
        self._enter(tx, ladder, alarm, now_ms)

    def walk(
        self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, cleared: Evidence | None = None
    ) -> None:
        """Take the step that is due, if any. `cleared` is the look that resolved the alarm."""
        if self._leave_changed(tx, ladder, alarm, now_ms):
            return
        reminders = of_step(tx.reminders(ladder.id), ladder)
        told = self._reminding.told(reminders, alarm)
        pace = self._pace(ladder.matter)
        ladder = self._on_time(tx, ladder, recheck_ms(ladder, told, pace.after_ms))
        match next_move(ladder, alarm, told, now_ms, pace):
            case Move.ASK_PERSON:
                self._ask_person(tx, ladder, alarm, now_ms, again=True)
            case Move.BEGIN:
                tx.append_log(story.line("ladder", "leave_over", now_ms, alarm, ladder=ladder, document=ladder.permit))
                self._enter(tx, ladder, alarm, now_ms)
            case Move.ASK:
                ask_look(tx, self._letters, ladder, alarm, now_ms)
                camera = ladder.camera_id
                tx.append_log(story.line("ladder", "look_asked", now_ms, alarm, ladder=ladder, camera_id=camera))
            case Move.INSTEAD:
                not_before_ms = self._reminding.awake_ms(ladder.matter, now_ms)
                ladder = self._wait_anew(tx, ladder, not_before_ms)
                self._reminding.instead(tx, ladder, alarm, reminders, now_ms)
            case Move.NOTICE_2:
                self._remind(tx, replace(ladder, step=LadderStep.NOTICE_2), alarm, now_ms)
            case Move.CASE:
                self._file(tx, ladder, alarm, now_ms)
            case Move.SELF_CORRECTED | Move.GONE as end:
                ladder = replace(ladder, step=LadderStep(end.value), ended_ms=now_ms, cleared=cleared)
                self._end(tx, ladder)
                tx.append_log(story.line("ladder", end.value, now_ms, alarm, ladder=ladder, look=cleared))

    def go_on(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int) -> Ladder:
        """A person has said that it is so, of what waited for that or was contested: the shop is told, or it has its
        whole time anew. Returns the ladder as it is then."""
        if ladder.step is LadderStep.CONFIRM:
            tx.withdraw_notices(ladder.id)
            self._enter(tx, ladder, alarm, now_ms)
        elif ladder.step is LadderStep.PERMITTED:
            tx.save_ladder(ladder)
        elif of_step(tx.reminders(ladder.id), ladder):
            self._wait_anew(tx, ladder, self._reminding.awake_ms(ladder.matter, now_ms))
        else:
            self._remind(tx, ladder, alarm, now_ms)
        if alarm.silence_id is not None and alarm.silenced_until_ms is not None:
            tx.put_off_notices(alarm.id, alarm.silenced_until_ms)
        return tx.ladder(ladder.id) or ladder

    def release(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, person: str) -> None:
        """A person has ended the alarm: the episode is over at its step, neither self-corrected nor a case."""
        ladder = replace(ladder, ended_ms=now_ms)
        self._end(tx, ladder)
        tx.append_log(story.line(person, "ladder_released", now_ms, alarm, ladder=ladder, person=person))

    def hand_over(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int) -> None:
        """It has become urgent: whatever the ladder waits for, be it a look, a person or the end of leave, it ends with
        a case at once."""
        self._file(tx, ladder, alarm, now_ms, why="turned_urgent", text="case_shop_urgent")

    def look_again(self, tx: BookTransaction, now_ms: int) -> None:
        """What is due by the clock: re-checks that still wait for a look, persons who have not answered, leave that
        begins or ends. What is silenced leads to nothing now."""
        for ladder, alarm in tx.ladders_due(now_ms, now_ms - self._patience_ms):
            if alarm.silence_id is None:
                self.walk(tx, ladder, alarm, now_ms)
        if self._leave_ms is None or abs(now_ms - self._leave_ms) >= _MINUTE_MS:
            self._leave_ms = now_ms
            self._look_for_leave(tx, now_ms)

    def _look_for_leave(self, tx: BookTransaction, now_ms: int) -> None:
        """Permits come and go with the registers, and with midnight: what waits to be told is not told by leave."""
        for ladder, alarm in tx.open_ladders(None if self._permits else LadderStep.PERMITTED):
            self._leave_changed(tx, ladder, alarm, now_ms)

    def _leave_changed(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int) -> bool:
        """Whether the shop has leave that the ladder does not know of; then it waits for its end. Leave that is no
        longer in the registers ends now."""
        if alarm.resolved_ms is not None or ladder.contested_ms is not None:
            return False
        leave = self._permits.leave(ladder.shop_id, ladder.matter, now_ms)
        permitted = ladder.step is LadderStep.PERMITTED
        if leave is None and permitted and now_ms < ladder.recheck_ms:
            tx.save_ladder(replace(ladder, recheck_ms=now_ms))
            return True
        if leave is None or (permitted and (ladder.permit, ladder.recheck_ms) == (leave.document, leave.until_ms)):
            return False
        self._permit(tx, ladder, alarm, leave, now_ms)
        return True

    def _enter(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int) -> None:
        """What is first to be done about something that is seen there."""
        leave = self._permits.leave(ladder.shop_id, ladder.matter, now_ms)
        if leave is not None:
            self._permit(tx, ladder, alarm, leave, now_ms)
        elif ladder.confirmed_ms is None and self._needs_a_person(tx, ladder.matter, alarm):
            self._ask_person(tx, ladder, alarm, now_ms, again=False)
        else:
            self._begin(tx, ladder, alarm, now_ms)

    def _begin(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int) -> None:
        """The shop is told, or a case is filed if it was told too often of late."""
        pace = self._pace(ladder.matter)
        since_ms = now_ms - pace.strike_window_ms
        earlier = tx.episodes(ladder.matter, shop_id=ladder.shop_id, subject=ladder.subject, since_ms=since_ms)
        if not case_at_once(earlier, pace):
            self._remind(tx, replace(ladder, step=LadderStep.NOTICE_1), alarm, now_ms)
            return
        ladder = self._keep(tx, replace(ladder, step=LadderStep.CASE, ended_ms=now_ms))
        days = round(self._site.settings.ladder.way(ladder.matter).strike_window / 86400, 1)
        tx.append_log(story.line("ladder", "strike", now_ms, alarm, ladder=ladder, n=earlier + 1, days=days))
        self._filing.file(tx, alarm, now_ms, text="case_shop_again", ladder=ladder, n=earlier + 1)

    def _permit(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, leave: Leave, now_ms: int) -> None:
        if ladder.id:
            tx.withdraw_notices(ladder.id)
        permitted = replace(
            ladder, step=LadderStep.PERMITTED, permit=leave.document, recheck_ms=leave.until_ms, asked_ms=None
        )
        ladder = self._keep(tx, permitted)
        line = story.line(
            "ladder",
            "permitted",
            now_ms,
            alarm,
            ladder=ladder,
            frontage=scene_of(alarm, self._site).frontage,
            document=leave.document,
            until_ms=leave.until_ms,
        )
        tx.append_log(line)

    def _ask_person(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int, *, again: bool) -> None:
        """The street's keeper is asked whether it is so; asked anew, the duty desk too."""
        if ladder.id:
            tx.withdraw_notices(ladder.id)
        not_before_ms = self._reminding.awake_ms(ladder.matter, now_ms)
        due_ms = not_before_ms + self._pace(ladder.matter).confirm_ms
        ladder = self._keep(tx, replace(ladder, step=LadderStep.CONFIRM, recheck_ms=due_ms, asked_ms=None))
        keeper, desk = self._reminding.keeper(alarm), self._site.settings.notices.duty_desk
        for recipient in dict.fromkeys([keeper, desk] if again else [keeper]):
            notice = self._questions.confirm(ladder, alarm, recipient, now_ms, not_before_ms, again=again)
            tx.add_notice(notice)
            what = "confirm_asked_again" if again else "confirm_asked"
            line = story.line(
                "ladder",
                what,
                now_ms,
                alarm,
                ladder=ladder,
                frontage=scene_of(alarm, self._site).frontage,
                recipient=recipient,
                send_ms=not_before_ms,
                recheck_ms=due_ms,
            )
            tx.append_log(line)

    def _needs_a_person(self, tx: BookTransaction, matter: str, alarm: Alarm) -> bool:
        way, location = self._site.settings.ladder, scene_of(alarm, self._site).location
        if way.way(matter).confirm == "person" or (location is not None and location.sub_district in way.confirm_in):
            return True
        return tx.notice_right(matter).is_lost

    def _remind(self, tx: BookTransaction, ladder: Ladder, alarm: Alarm, now_ms: int) -> None:
        """The word of the ladder's step, and its re-check from when it may go out."""
        plan = self._reminding.plan(alarm, now_ms)
        ladder = self._wait_anew(tx, ladder, plan.not_before_ms)
        self._reminding.remind(tx, ladder, alarm, plan, now_ms)

    def _file(
        self,
        tx: BookTransaction,
        ladder: Ladder,
        alarm: Alarm,
        now_ms: int,
        *,
        why: str = "still_there",
        text: str = "",
    ) -> None:
        ladder = replace(ladder, step=LadderStep.CASE, ended_ms=now_ms)
        self._end(tx, ladder)
        tx.append_log(story.line("ladder", why, now_ms, alarm, ladder=ladder))
        sent = sum(notice.sent_ms is not None for notice in tx.reminders(ladder.id))
        text = text or ("case_shop" if sent else "case_shop_untold")
        self._filing.file(tx, alarm, now_ms, text=text, ladder=ladder, n=sent)

    def _on_time(self, tx: BookTransaction, ladder: Ladder, at_ms: int) -> Ladder:
        """The ladder, its re-check put off if its notice went out late."""
        if at_ms == ladder.recheck_ms:
            return ladder
        later = replace(ladder, recheck_ms=at_ms)
        tx.save_ladder(later)
        return later

    def _wait_anew(self, tx: BookTransaction, ladder: Ladder, from_ms: int) -> Ladder:
        """The ladder with its re-check planned from a moment on."""
        if ladder.id:
            tx.withdraw_notices(ladder.id, channel=COMMAND)
        due_ms = from_ms + self._pace(ladder.matter).after_ms
        return self._keep(tx, replace(ladder, recheck_ms=due_ms, asked_ms=None))

    def _keep(self, tx: BookTransaction, ladder: Ladder) -> Ladder:
        if ladder.id == 0:
            return tx.add_ladder(ladder)
        tx.save_ladder(ladder)
        return ladder

    def _pace(self, matter: str) -> Pace:
        return Pace.of(self._site, matter)

    def _end(self, tx: BookTransaction, ladder: Ladder) -> None:
        tx.withdraw_notices(ladder.id)
        tx.save_ladder(ladder)
