"""Plays a timetable of a ladder: what happens when, which lines that writes, and who is told.

A row is `time what | lines | told`, e.g. `10:00 seen | alarm_seen notice_1 | shop`. What can happen:

    seen|again|clear|unseen [PLACE]     a look, or that the camera sees nothing any more; the place is door-1
    tick                                a second goes by
    corrected|contest [PLACE] WORDS     the shop says so
    confirm | reject                    王工 says whether it is so, of what waits
    uphold | dismiss                    王工 decides the contest
    lost                                what was to go out to people is given up
    outbox down | up                    nothing goes out meanwhile
    silence TIME | silence ends         李姐 wants to hear nothing
    permit DAY DAY | permit ends        the register says so from now on, of S1 and bicycles
    false                               the case is closed as false
    restore                             王工 gives the matter its right back

Told are those to whom something went out in that row: `shop`, `keeper`, `desk`, by the step of what they were told
where that is not the ladder's.
"""

from pathlib import Path
from typing import Any

import yaml
from msgspec.structs import replace

from cases.book import Book
from cases.handling import Handling
from cases.notices.letters import Letters
from cases.precision import Rights
from cases.replies import Replies
from cases.verdicts import Verdicts
from config.load import Site, load_site
from domain.case import ClosedReason
from domain.case_order import CaseAct, CaseOrder
from domain.finding import Change, Finding
from domain.ladder import LadderStep, ReplyKind
from domain.notice import Notice, NoticeState
from domain.silence import Silence
from tests.cases.city import CAMERAS, PLACE, Town, bikes, clock_ms, make_site

MATTER = "09010"
_LOOKS = {"seen": Change.RAISED, "again": Change.RENEWED, "clear": Change.RESOLVED, "unseen": Change.STALE}
_SHOPS = ("阿福手机店", "隆兴文具店", "双桂面馆", "天宁书屋", "老张五金", "小蔡花店")
_REMINDERS = {"notice_1", "notice_2"}
_SAID = {"confirm", "reject", "uphold", "dismiss", "corrected", "contest", "restore", "false"}


def registers(folder: Path, plan: dict[str, Any]) -> Site:
    """The town with six shops at one camera, and what the plan says of them. The second shop has no contact."""
    make_site(folder)
    hours = plan.get("hours", {})
    shops = [
        f"S{n},{name},{PLACE},{'' if n == 2 else f'shop:S{n}'},{hours.get(f'S{n}', '')}"
        for n, name in enumerate(_SHOPS, 1)
    ]
    (folder / "shops.csv").write_text(
        "\n".join(["shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact,hours", *shops]), "utf-8"
    )
    zones = [f'C1,door-{n},frontage,S{n},"0.{n},0.1 0.{n + 1},0.1 0.{n + 1},0.9"' for n in range(1, len(_SHOPS) + 1)]
    (folder / "zones.csv").write_text("\n".join(["camera_id,zone,role,shop_id,polygon", *zones]), "utf-8")
    (folder / "cameras.csv").write_text(CAMERAS, "utf-8")
    for name, columns in (("permits", "shop_id,matter,first,last,document"), ("closures", "shop_id,first,last,why")):
        lines = plan.get(name, [])
        (folder / f"{name}.csv").write_text("\n".join([columns, *lines]) + "\n", "utf-8")
    settings = yaml.safe_load((folder / "site.yaml").read_text("utf-8"))
    settings["ladder"] = {"quiet_hours": None} | plan.get("ladder", {})
    settings |= plan.get("site", {})
    (folder / "site.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
    return load_site(str(folder), {})


class Play:
    """One run of a plan. With `restarts`, everything but the store begins anew before each row."""

    def __init__(self, plan: dict[str, Any], folder: Path, *, restarts: bool) -> None:
        self._plan = dict(plan)
        self._folder = folder / "site"
        self._restarts = restarts
        self.town = Town(registers(self._folder, self._plan), folder)
        self._sent: set[int] = set()
        self._silences: list[Silence] = []

    def row(self, row: str) -> tuple[str, str]:
        """What a row writes and whom it tells, as the row would have it."""
        words = row.split("|", maxsplit=1)[0].split()
        at_ms = clock_ms(words.pop(0) if ":" in words[0] else f"{words.pop(0)} {words.pop(0)}")
        act = words.pop(0)
        if self._restarts:
            self.town.restart()
        self.town.send(at_ms)
        news = self.town.news()
        if act in _LOOKS:
            news += self.town.record(self._look(_LOOKS[act], at_ms, words[0] if words else "door-1"))
        elif act in _SAID:
            self._say(act, at_ms, words)
        else:
            self._happen(act, at_ms, words)
        news += self.town.obey(at_ms) + self.town.tick(at_ms)
        return " ".join(news), " ".join(self._told())

    def state(self, check: str) -> object:
        """Of the newest ladder or case, or of all: what a plan says under `then`."""
        store = self.town.store
        ladders, cases = store.ladders(open_only=False), store.cases()
        with store.transaction() as tx:
            said = tx.verdicts(MATTER, 0)
        pictures = [look.picture for look in (cases[0].onset, cases[0].confirmed) if look] if cases else []
        states: dict[str, object] = {
            "step": ladders[0].step.value,
            "cases": len(cases),
            "case": f"{cases[0].state} {cases[0].closed_reason or ''}".strip() if cases else None,
            "pictures": len({picture for picture in pictures if picture}),
            "open": sum(one.ended_ms is None for one in ladders),
            "finds": f"{said.n} of which {said.wrong} none",
            "confirmed_by": ladders[0].confirmed_by,
            "permit": ladders[0].permit,
            "withdrawn": sum(notice.state is NoticeState.WITHDRAWN for notice in self.town.notices()),
        }
        return states[check]

    def _told(self) -> list[str]:
        sent = [notice for notice in self.town.notices() if notice.state is NoticeState.SENT]
        new = [notice for notice in sent if notice.id not in self._sent]
        self._sent |= {notice.id for notice in new}
        return [_who(notice) for notice in new]

    def _happen(self, act: str, at_ms: int, words: list[str]) -> None:
        match act, words:
            case "lost", _:
                self.town.lose()
            case "outbox", [how]:
                self.town.sending = how == "up"
            case "silence", ["ends"]:
                self.town.end_silence(self._silences[-1], at_ms)
            case "silence", until:
                self._silences.append(self.town.silence(at_ms, clock_ms(" ".join(until)), rule_id="*"))
            case "permit", _:
                self._permit(words)

    def _permit(self, words: list[str]) -> None:
        days = [f"2026-11-{day}" for day in words]
        self._plan["permits"] = [f"S1,{MATTER},{days[0]},{days[1]},常城管〔2026〕7号"] if len(words) == 2 else []
        self.town.site = registers(self._folder, self._plan)
        self.town.book = Book(self.town.site)

    def _say(self, act: str, at_ms: int, words: list[str]) -> None:
        site, store = self.town.site, self.town.store
        verdicts, who, why = Verdicts(site), "王工", "现场看过"
        with store.transaction() as tx:
            match act:
                case "corrected" | "contest":
                    place = words.pop(0) if words and words[0].startswith("door-") else "door-1"
                    ladder = next(one for one in store.ladders(open_only=False) if one.subject == f"C1/{place}")
                    kind = ReplyKind.CORRECTED if act == "corrected" else ReplyKind.CONTEST
                    Replies(site).say(tx, ladder.id, kind, words=" ".join(words), now_ms=at_ms)
                case "confirm" | "reject":
                    waits = next(one for one in store.ladders(open_only=True) if one.step is LadderStep.CONFIRM)
                    if act == "confirm":
                        verdicts.confirm(tx, waits.id, who=who, now_ms=at_ms)
                    else:
                        verdicts.reject(tx, waits.id, who=who, why=why, now_ms=at_ms)
                case "uphold" | "dismiss":
                    contest = tx.undecided_contests()[-1]
                    verdicts.decide(tx, contest.id, upheld=act == "uphold", who=who, why=why, now_ms=at_ms)
                case "false":
                    (case,) = [one for one in store.cases() if one.closed_ms is None]
                    order = CaseOrder(
                        case_id=case.id, act=CaseAct.CLOSE, who=who, why=why, reason=ClosedReason.FALSE_POSITIVE
                    )
                    Handling(site).carry_out(tx, order, at_ms)
                case "restore":
                    Rights(site, Letters(site)).restore(tx, MATTER, who=who, why=why, now_ms=at_ms)

    def _look(self, change: Change, at_ms: int, place: str) -> Finding:
        return replace(bikes(change, at_ms), subject=f"C1/{place}", zone=place, shop_id=f"S{place[-1]}")


def _who(notice: Notice) -> str:
    role = notice.recipient.partition(":")[0].removeprefix("street-").removesuffix("-desk").replace("duty", "desk")
    return role if notice.step in _REMINDERS else f"{role}:{notice.step}"
