"""The pictures of a desk in memory, and who looked at them."""

from pathlib import Path

from console.desk.ladders import Judge
from domain.errors import StoreUnavailable


class FakeOriginals:
    """A part of `FakeDesk`; fits `console.desk.originals.OriginalDesk`."""

    pictures: dict[str, Path]
    seen: list[tuple[str, str, str, str]]
    """Originals that somebody looked at: the name, who, why, from where."""
    ledger_full: bool
    photo: bytes

    @property
    def judge(self) -> Judge:
        """Who knows what shops said."""
        raise NotImplementedError

    def original(self, name: str, *, who: str, why: str, address: str) -> bytes | None:
        """What the copy is of, once it stands in the list who saw it."""
        if name not in self.pictures:
            return None
        if self.ledger_full:
            raise StoreUnavailable(f"the original of {name} is not shown: the ledger takes no more")
        self.seen.append((name, who, why, address))
        return b"\xff\xd8 as it was taken"

    def shop_photo(self, reply_id: int, *, who: str, why: str, address: str) -> bytes | None:
        """Of the word of this number, once it stands in the list who saw it."""
        said = self.judge.said(reply_id)
        if said is None or said.picture is None:
            return None
        if self.ledger_full:
            raise StoreUnavailable("a shop's photo is not shown: the ledger takes no more")
        self.seen.append((f"shop:{said.picture}", who, why, address))
        return self.photo

    def picture(self, name: str) -> Path | None:
        """Known names only."""
        return self.pictures.get(name)
