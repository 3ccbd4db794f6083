"""What shops' pages are told, from lists."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from cases.shop_links import Holder
from domain.case import Case
from domain.errors import OrderRefused, SourceError, SourceFault
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply


class FakeShops:
    """Fits console.shop.desk.ShopDesk. A photo must begin like a JPEG."""

    def __init__(self) -> None:
        self.all_ladders: list[Ladder] = []
        self.all_cases: list[Case] = []
        self.pictures: dict[str, Path] = {}
        self.all_replies: list[ShopReply] = []
        self.asked: list[tuple[str, str]] = []
        self.photos: list[bytes] = []
        self.answered: list[tuple[int, Holder, bool, str]] = []
        self.given_ms = 7
        """When shops say what they say."""

    def ladder(self, ladder_id: int) -> Ladder | None:
        """By its id."""
        return next((ladder for ladder in self.all_ladders if ladder.id == ladder_id), None)

    def replies(self, ladder_id: int) -> Sequence[ShopReply]:
        """The newest first."""
        return [reply for reply in self.all_replies[::-1] if reply.ladder_id == ladder_id]

    def case_of(self, ladder_id: int) -> Case | None:
        """Its own."""
        return next((case for case in self.all_cases if case.ladder_id == ladder_id), None)

    def picture(self, name: str, zone: str) -> bytes | None:
        """The whole picture, where there is one; what was asked for is remembered."""
        self.asked.append((name, zone))
        return self.pictures[name].read_bytes() if name in self.pictures else None

    def says(self, ladder_id: int, kind: ReplyKind, *, words: str, photo: bytes | None) -> ShopReply:
        """Kept in the list; a contest is marked on its ladder."""
        ladder = self.ladder(ladder_id)
        if ladder is None or ladder.contested_ms is not None or (ladder.ended_ms and kind is ReplyKind.CORRECTED):
            raise OrderRefused(f"episode {ladder_id} is over", "over")
        if photo is not None and not photo.startswith(b"\xff\xd8\xff"):
            raise SourceError(SourceFault.NOT_AN_IMAGE, "no photo")
        if photo is not None:
            self.photos.append(photo)
        reply = ShopReply(
            id=len(self.all_replies) + 1,
            ladder_id=ladder_id,
            shop_id=ladder.shop_id,
            matter=ladder.matter,
            kind=kind,
            given_ms=self.given_ms,
            words=words,
            picture=None if photo is None else "photo.jpg",
        )
        self.all_replies.append(reply)
        if kind is ReplyKind.CONTEST:
            self.all_ladders[self.all_ladders.index(ladder)] = replace(ladder, contested_ms=self.given_ms)
        return reply

    def answers(self, ladder_id: int, holder: Holder, *, so: bool, why: str) -> Ladder:
        """Kept in the list; the ladder goes on, or ends."""
        ladder = self.ladder(ladder_id)
        if ladder is None or ladder.step is not LadderStep.CONFIRM:
            raise OrderRefused(f"episode {ladder_id} does not wait for a person", "over")
        step, ended_ms = (LadderStep.NOTICE_1, None) if so else (LadderStep.REJECTED, self.given_ms)
        answered = replace(ladder, step=step, ended_ms=ended_ms, confirmed_ms=self.given_ms, confirmed_by=holder.name)
        self.all_ladders[self.all_ladders.index(ladder)] = answered
        self.answered.append((ladder_id, holder, so, why))
        return answered
