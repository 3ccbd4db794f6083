"""The figures of a month, counted from what happened in the world by what docs/figures.md says, and by nothing else."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from app.simulation.account import Account, Look
from tests.scenario.month.confirmations import ASKED, confirmations
from tests.scenario.month.contests import NEVER_MS, NO_CONTEST, contests
from tests.scenario.month.limits import due_ms
from tests.scenario.month.registers import SHARED, Place, Registers
from tests.scenario.month.seen import Episode, presence_rules, read_by_sensors, seconds, seen_by_cameras

WEEK_MS = 7 * 86_400_000


class Found(Struct, kw_only=True):
    """One find."""

    place: Place
    at_ms: int
    same: tuple[str, str]
    ladder: bool
    told_ms: int | None = None
    due: bool = False
    corrected: bool = False
    took_ms: int | None = None
    filed: bool = False
    struck: bool = False
    repeat: bool = False
    upheld: bool = False


class Filed(Struct, kw_only=True):
    """One case."""

    id: str
    place: Place
    at_ms: int
    due_ms: int
    scope: tuple[str, str]
    standing: set[tuple[str, str]] = field(default_factory=set)
    at_work: bool = True
    closed_ms: int | None = None


class Count:
    """All of a month up to its end."""

    def __init__(self, account: Account, folder: Path, from_ms: int, to_ms: int, step_ms: int) -> None:
        self.account, self.from_ms, self.to_ms, self.step_ms = account, from_ms, to_ms, step_ms
        self.zone = ZoneInfo("Asia/Shanghai")
        self.registers = Registers(folder)
        rules = presence_rules(SHARED / "rules" / "storefronts.yaml", self.zone)
        self.contests = contests(account)
        ended = {began: self.step_of(one.decided_ms) for began, one in self.contests.items() if one.upheld}
        self.said = confirmations(account)
        ended |= {began: self.step_of(one.at_ms) for began, one in self.said.items() if not one.is_so}
        self.ladders = seen_by_cameras(account, self.registers.zones, rules, ended)
        self.readings = read_by_sensors(account, self.registers.baselines, self.step_of)
        self.finds: list[Found] = []
        self.allowed: list[Episode] = []
        self.cases: list[Filed] = []
        self.reported: list[tuple[int, Place]] = []
        self.sent_back: list[tuple[int, Place]] = []
        self._told = self._reminders()
        self._live()

    def step_of(self, at_ms: int) -> int:
        """When the product came to know what happened then."""
        return at_ms + (self.from_ms - at_ms) % self.step_ms

    def _reminders(self) -> dict[tuple[str, str, str], dict[str, list[int]]]:
        """By rule, subject and beginning: when the provider took each step's reminder, and looks were ordered."""
        found: dict[tuple[str, str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for message in self.account.messages:
            for key in message.members if message.accepted else ():
                parts = key.split("/")
                step = parts[5].partition("-")[0] if len(parts) == 7 else ""
                if step in {"notice_1", "notice_2", "look_now"}:
                    found[parts[1], f"{parts[2]}/{parts[3]}", parts[4]][step].append(message.at_ms)
        return found

    def _live(self) -> None:
        """Go through the month: what was raised, filed, cleared and done, in its order."""
        news: list[tuple[tuple[int, ...], Callable[[], None]]] = []
        self._struck_at: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
        for episode in sorted([*self.ladders, *self.readings], key=lambda one: one.order):
            news += self._turns(episode)
        for index, deed in enumerate(self.account.deeds):
            if deed.case_id is not None:
                news.append(((deed.at_ms, -1, index), partial(self._done, deed.what, deed.case_id, deed.at_ms)))
        self._open: dict[tuple[str, str], Filed] = {}
        self._by_id: dict[str, Filed] = {}
        self._numbers: Counter[str] = Counter()
        for order, happen in sorted(news, key=lambda one: one[0]):
            if order[0] <= self.to_ms:
                happen()
        self._mark_repeats()

    def _turns(self, episode: Episode) -> list[tuple[tuple[int, ...], Callable[[], None]]]:
        """What becomes of one alarm, and when."""
        place = self.registers.place(episode.matter, episode.subject)
        same = episode.matter, place.shop_id or episode.subject
        alarm = episode.rule_id, episode.subject
        turns: list[tuple[tuple[int, ...], Callable[[], None]]] = []
        filed_order: tuple[int, ...] | None = episode.order
        if episode.ladder:
            sure = self._sure(episode, place)
            if sure is None:
                return turns
            found = self._on_ladder(episode, place, same, sure[0])
            self.finds.append(found)
            filed_order = self._filing_of(episode, found, sure)
            if filed_order is not None:
                found.filed = True
        if filed_order is not None:
            turns.append((filed_order, lambda: self._file(place, alarm, filed_order[0], ladder=episode.ladder)))
            if (over := _over(episode)) is not None and over > filed_order:
                turns.append((over, lambda: self._clear(place, alarm, over[0], ladder=episode.ladder)))
        return turns

    def _sure(self, episode: Episode, place: Place) -> tuple[int, ...] | None:
        """When it counted: at once or, where a person is asked, when one said that it is so. None: never, as nobody
        said so, or as the shop may."""
        if self.registers.allows(place, datetime.fromtimestamp(episode.at_ms / 1000, self.zone).date()):
            self.allowed.append(episode)
            return None
        if episode.matter not in ASKED:
            return episode.order
        word = self.said.get((episode.rule_id, episode.subject, episode.at_ms))
        return (word.at_ms, 0, 0) if word is not None and word.is_so else None

    def _on_ladder(self, episode: Episode, place: Place, same: tuple[str, str], sure_ms: int) -> Found:
        found = Found(place=place, at_ms=episode.at_ms, same=same, ladder=True)
        began = self._struck_at[same]
        lately = [one for one, since_ms, none_ms in began if one > sure_ms - WEEK_MS and since_ms <= sure_ms < none_ms]
        found.struck = len(lately) + 1 >= 3
        contest = self.contests.get((episode.rule_id, episode.subject, episode.at_ms))
        found.upheld = contest is not None and contest.upheld
        began.append((episode.at_ms, sure_ms, contest.decided_ms if contest and contest.upheld else NEVER_MS))
        return found

    def _filing_of(self, episode: Episode, found: Found, sure: tuple[int, ...]) -> tuple[int, ...] | None:
        """When it was filed, if it was; and what the shop did before."""
        told = self._told.get((episode.rule_id, episode.subject, str(episode.at_ms)), {})
        if found.struck:
            assert not told, f"{episode.subject} was told though it was to be filed at once"
            return sure
        after_ms = round(seconds(self.registers.matters[episode.matter]["recheck_after"]) * 1000)
        first, second = told.get("notice_1", []), told.get("notice_2", [])
        found.told_ms = min(first) if first else None
        contest = self.contests.get((episode.rule_id, episode.subject, episode.at_ms), NO_CONTEST)
        anew_ms = contest.anew_ms(self.zone) + after_ms
        proofs = [
            look
            for look in episode.shown
            if second
            and not contest.is_open_at(look.judged_ms)
            and _proves(look, max(*second, anew_ms - after_ms) + after_ms, told["look_now"])
        ]
        filed = (proofs[0].judged_ms, proofs[0].taken_ms, 0) if proofs else None
        over = _over(episode)
        if filed is None and over is not None and over[0] <= self.to_ms and found.told_ms is not None:
            found.corrected = True
            found.took_ms = max(0, over[1] - found.told_ms)
        recheck_ms = max(max([*first, *second], default=0) + after_ms, anew_ms)
        ended = filed is not None or (over is not None and over[0] <= self.to_ms)
        found.due = found.told_ms is not None and (ended or recheck_ms <= self.to_ms)
        return filed

    def _file(self, place: Place, alarm: tuple[str, str], at_ms: int, *, ladder: bool) -> None:
        scope = place.matter, alarm[1] if ladder else alarm[1].partition("/")[0]
        case = self._open.get(scope)
        if case is None:
            urgent = not ladder and place.matter in {"01054", "04001"}
            limit = self.registers.limit(place, urgent=urgent)
            day = self._day(at_ms)
            self._numbers[day] += 1
            number = f"{day}320400{self._numbers[day]:04d}"
            due = due_ms(at_ms, limit, self.zone)
            case = Filed(id=number, place=place, at_ms=at_ms, due_ms=due, scope=scope)
            self._open[scope] = self._by_id[case.id] = case
            self.cases.append(case)
            if not ladder:
                same = place.matter, place.shop_id or alarm[1]
                self.finds.append(Found(place=place, at_ms=at_ms, same=same, ladder=False, filed=True))
        elif not case.at_work:
            self.sent_back.append((at_ms, case.place))
            case.at_work = True
        case.standing.add(alarm)

    def _clear(self, place: Place, alarm: tuple[str, str], at_ms: int, *, ladder: bool) -> None:
        scope = place.matter, alarm[1] if ladder else alarm[1].partition("/")[0]
        case = self._open.get(scope)
        if case is None:
            return
        case.standing.discard(alarm)
        if case.at_work and not case.standing:
            case.at_work = False
            self.reported.append((at_ms, case.place))

    def _done(self, what: str, case_id: str | None, at_ms: int) -> None:
        case = self._by_id[case_id or ""]
        match what:
            case "report":
                case.at_work = False
                self.reported.append((at_ms, case.place))
            case "return":
                case.at_work = True
                self.sent_back.append((at_ms, case.place))
            case "close":
                case.closed_ms = at_ms
                del self._open[case.scope]

    def _day(self, at_ms: int) -> str:
        return f"{datetime.fromtimestamp(at_ms / 1000, self.zone):%Y%m%d}"

    def _mark_repeats(self) -> None:
        times: dict[tuple[str, str], list[int]] = defaultdict(list)
        for found in self.finds:
            if not found.upheld:
                times[found.same].append(found.at_ms)
        for found in self.finds:
            found.repeat = any(found.at_ms - WEEK_MS <= at_ms < found.at_ms for at_ms in times[found.same])


def _proves(look: Look, due_ms: int, ordered_ms: list[int]) -> bool:
    """Whether a look shows that it is still there when a re-check was due: by its picture, or after an order."""
    asked = [at_ms for at_ms in ordered_ms if due_ms <= at_ms <= look.judged_ms]
    return look.taken_ms >= due_ms and (look.kept or (bool(asked) and look.taken_ms > max(asked)))


def _over(episode: Episode) -> tuple[int, ...] | None:
    """When it was seen, read or said to be over, as a place in the order of all."""
    if episode.released_ms is not None:
        return episode.released_ms, episode.released_ms, 0
    if (one := episode.cleared) is None:
        return None
    return one.judged_ms, getattr(one, "taken_ms", 0) or getattr(one, "at_ms", 0), 0
