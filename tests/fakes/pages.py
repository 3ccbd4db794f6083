"""Long lists of a desk in memory."""

from collections.abc import Sequence

from console.desk.ladders import Judge
from domain.case import Alarm, Case
from domain.choices import ContestChoice, LadderChoice, NoticeChoice, SilenceChoice, Waiting
from domain.ground import Ground
from domain.ladder import Ladder, LadderStep, ShopReply
from domain.notice import Notice
from domain.page import Page
from domain.silence import Silence
from tests.fakes.case_pages import page_at


class FakePages:
    """Fits `console.desk.pages.PageDesk`; a part of `FakeDesk`."""

    all_alarms: list[Alarm]
    all_ladders: list[Ladder]
    all_silences: list[Silence]
    all_cases: list[Case]
    all_notices: list[Notice]

    @property
    def judge(self) -> Judge:
        """Who knows the contests."""
        raise NotImplementedError

    def ladders_page(self, choice: LadderChoice, *, cursor: str | None = None, limit: int) -> Page[Ladder]:
        """Those in the list."""
        found = [
            ladder
            for ladder in self.all_ladders
            if (ladder.ended_ms is None or not (choice.open or choice.waiting))
            and (choice.waiting is not Waiting.CONFIRM or ladder.step is LadderStep.CONFIRM)
            and (choice.waiting is not Waiting.CONTEST or ladder.contested_ms is not None)
            and choice.matter in {None, ladder.matter}
            and _holds(choice.ground, ladder.camera_id, ladder.shop_id)
        ]
        return page_at(sorted(found, key=lambda ladder: -ladder.id), "ladders", cursor, limit)

    def contests_page(self, choice: ContestChoice, *, cursor: str | None = None, limit: int) -> Page[ShopReply]:
        """Those that the judge knows."""
        ladders = {ladder.id: ladder for ladder in self.all_ladders}

        def there(contest: ShopReply) -> bool:
            ladder = ladders.get(contest.ladder_id) or self.judge.ladder(contest.ladder_id)
            return choice.ground is None or (
                ladder is not None and choice.ground.holds(ladder.camera_id, ladder.shop_id)
            )

        known = self.judge.contests(undecided_only=choice.undecided, limit=1000)
        return page_at([one for one in known if there(one)], "contests", cursor, limit)

    def silences_page(self, choice: SilenceChoice, *, cursor: str | None = None, limit: int) -> Page[Silence]:
        """Those in the list."""
        ground = choice.ground
        found = [
            one
            for one in self.all_silences
            if (one.ended_ms is None or not choice.open)
            and (ground is None or one.sub_district in ground.sub_districts or one.device_id in ground.devices)
        ]
        return page_at(found[::-1], "silences", cursor, limit)

    def notices_page(self, choice: NoticeChoice, *, cursor: str | None = None, limit: int) -> Page[Notice]:
        """Those in the list."""
        found: Sequence[Notice] = [
            one
            for one in self.all_notices
            if choice.case_id in {None, one.case_id} and (choice.ground is None or self._told_there(one, choice.ground))
        ]
        page = page_at(found, "notices", cursor, limit)
        return Page(items=page.items, next=page.next)

    def _told_there(self, notice: Notice, ground: Ground) -> bool:
        if notice.case_id is not None:
            case = next((one for one in self.all_cases if one.id == notice.case_id), None)
            return case is not None and ground.holds(case.device_id, case.shop_id, case.sub_district)
        if notice.ladder_id is not None:
            ladder = next((one for one in self.all_ladders if one.id == notice.ladder_id), None)
            return ladder is not None and ground.holds(ladder.camera_id, ladder.shop_id)
        alarm = next((one for one in self.all_alarms if one.id == notice.alarm_id), None)
        return alarm is not None and ground.holds(alarm.device_id, alarm.shop_id)


def _holds(ground: Ground | None, device_id: str, shop_id: str | None) -> bool:
    return ground is None or ground.holds(device_id, shop_id)
