"""Pictures that speak for a finding: the original under lock, the blurred copy to show."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from domain.picture import KeptPicture, PictureFacts
from storage.evidence_store import files
from storage.evidence_store.files import ASIDE, COPY, ORIGINAL, RECORD, Stored, is_name
from storage.evidence_store.holds import OF_CASE, Holds
from storage.evidence_store.ledger import Ledger, Line, Word

SPARES = 2
"""Pictures set aside for each camera."""

_encoder = msgspec.json.Encoder()
_record = msgspec.json.Decoder(KeptPicture)


class Original(Struct, frozen=True, kw_only=True):
    """An original as it lies there, and whether it is what was put there."""

    data: bytes
    record: KeptPicture | None
    intact: bool


class Flaw(Struct, frozen=True, kw_only=True):
    """What is wrong with one picture: `missing`, `changed`, `copy_missing`, `copy_changed` or `no_record`."""

    name: str
    what: str


class EvidenceStore:
    """A folder of pictures, `{camera_id}/{YYYYMMDD}/{look_id}` each, with the UTC day of the look.

    The original may be read by this user alone, and only by `original`, which writes down who and why. The shareable
    copy is the only one that is ever handed out.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.ledger = Ledger(root / "ledger.jsonl")
        self.holds = Holds(root, self.ledger)

    def keep(self, facts: PictureFacts, original: bytes, shareable: bytes) -> None:
        """Store both pictures (JPEG) durably as `facts.name`. Twice the same look is one; the last wins.

        Raises ValueError for a name that cannot be a path, OSError for a disk that does not take them.
        """
        base = self._base(facts.name)
        base.parent.mkdir(parents=True, exist_ok=True)
        record = KeptPicture(
            facts=facts, sha256=_hash(original), copy_sha256=_hash(shareable), size=len(original) + len(shareable)
        )
        files.replace(_with(base, ORIGINAL), original, mode=0o600)
        files.replace(_with(base, RECORD), _encoder.encode(record), mode=0o600)
        # Last, so that whoever finds the copy can be sure of the rest.
        files.replace(_with(base, COPY), shareable, mode=0o644)
        files.sync(base.parent)

    def shareable(self, name: str) -> Path | None:
        """Where the blurred copy lies; None for a name that is unknown or not one of ours."""
        if not is_name(name):
            return None
        path = self._root / f"{name}{COPY}"
        return path if self._has(path) else None

    def record(self, name: str) -> KeptPicture | None:
        """What was written down with a picture; None if it is not there, or cannot be read."""
        return self._read_record(name) if is_name(name) else None

    def original(self, name: str, *, who: str, why: str, at_ms: int, address: str = "") -> Original:
        """The original, once it stands in the ledger who wants it, why, and from which `address` over the network.

        Raises LookupError if there is none, ValueError without a name or a reason, OSError if it can't be written down.
        """
        if not who.strip() or not why.strip():
            raise ValueError("an original is only shown to somebody, and for a reason: both are written down")
        path = _with(self._base(name), ORIGINAL)
        if not self._has(path):
            raise LookupError(f"there is no original of {name}")
        record = self._read_record(name)
        known = record.sha256 if record else ""
        self.ledger.add(Line(at_ms=at_ms, what=Word.READ, name=name, who=who, why=why, sha256=known, address=address))
        data = path.read_bytes()
        return Original(data=data, record=record, intact=_hash(data) == known)

    def showed(self, name: str, *, who: str, why: str, at_ms: int, address: str = "") -> None:
        """Write into the ledger who sees a picture that lies elsewhere, such as a shop's, first. Raises OSError."""
        self.ledger.add(Line(at_ms=at_ms, what=Word.READ, name=name, who=who, why=why, address=address))

    # Pictures that are no evidence yet

    def set_aside(self, facts: PictureFacts, original: bytes) -> None:
        """Keep the last pictures of a camera's empty view at hand. Raises as `keep` does.

        Not synced to the disk: every camera's is written every few minutes, and a torn one is told by its hash.
        """
        self._base(facts.name)
        folder = self._root / facts.camera_id / ASIDE
        folder.mkdir(parents=True, exist_ok=True)
        record = KeptPicture(facts=facts, sha256=_hash(original), copy_sha256="", size=len(original))
        files.replace(folder / f"{facts.look_id}{ORIGINAL}", original, mode=0o600, durably=False)
        files.replace(folder / f"{facts.look_id}{RECORD}", _encoder.encode(record), mode=0o600, durably=False)
        for old in sorted(folder.glob(f"[!.]*{RECORD}"), key=lambda path: path.stat().st_mtime_ns)[:-SPARES]:
            old.with_name(old.name.removesuffix(RECORD) + ORIGINAL).unlink(missing_ok=True)
            old.unlink(missing_ok=True)

    def fetch_aside(self, name: str) -> tuple[PictureFacts, bytes] | None:
        """One that was set aside; None if it is not there, or not whole."""
        if not is_name(name):
            return None
        camera_id, _, rest = name.partition("/")
        base = self._root / camera_id / ASIDE / rest.rpartition("/")[2]
        try:
            record = _record.decode(_with(base, RECORD).read_bytes())
            original = _with(base, ORIGINAL).read_bytes()
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        whole = record.facts.name == name and record.sha256 == _hash(original)
        return (record.facts, original) if whole else None

    # What upkeep and people who look after it do

    def pictures(self) -> Iterator[Stored]:
        """Every picture, whole or not."""
        return files.listed(self._root)

    def delete(self, name: str, *, who: str, why: str, at_ms: int, case_ids: Collection[str] = ()) -> bool:
        """Delete what is there of a picture: written down first, then the copy, the original and the record.

        False if it is held, or one of the cases that show it. What a crash leaves of it is found by `pictures` and can
        be deleted again.
        """
        base = self._base(name)
        with self.holds.locked():
            targets = {name, *(f"{OF_CASE}{case_id}" for case_id in case_ids)}
            if any(hold.target in targets for hold in self.holds.all()):
                return False
            record = self._read_record(name)
            known = record.sha256 if record else _hash_of(_with(base, ORIGINAL)) or ""
            self.ledger.add(Line(at_ms=at_ms, what=Word.DELETED, name=name, who=who, why=why, sha256=known))
            for suffix in (COPY, ORIGINAL, RECORD):
                _with(base, suffix).unlink(missing_ok=True)
        return True

    def tidy(self, before_s: float) -> int:
        """Remove what killed processes had begun to write before then (seconds since 1970), and return how many."""
        left = list(files.leavings(self._root, before_s))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def verify(self, expected: Mapping[str, str] | None = None) -> Iterator[Flaw]:
        """What is missing, or is not what was put there. `expected` are hashes known elsewhere, by name."""
        wanted = dict(expected or {})
        for stored in self.pictures():
            yield from self._flaws(stored, wanted.pop(stored.name, None))
        for name in wanted:
            yield Flaw(name=name, what="missing")

    def _flaws(self, stored: Stored, known: str | None) -> Iterator[Flaw]:
        base, record = self._base(stored.name), self._read_record(stored.name)
        original, copy = _hash_of(_with(base, ORIGINAL)), _hash_of(_with(base, COPY))
        if record is None:
            yield Flaw(name=stored.name, what="no_record")
        if original is None:
            yield Flaw(name=stored.name, what="missing")
        elif (record and original != record.sha256) or (known and original != known):
            yield Flaw(name=stored.name, what="changed")
        if copy is None:
            yield Flaw(name=stored.name, what="copy_missing")
        elif record and copy != record.copy_sha256:
            yield Flaw(name=stored.name, what="copy_changed")

    def _read_record(self, name: str) -> KeptPicture | None:
        try:
            return _record.decode(_with(self._base(name), RECORD).read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _has(self, path: Path) -> bool:
        """Whether it is a file that lies in this folder: a link that leads out of it has been laid by somebody else."""
        return path.is_file() and path.resolve().is_relative_to(self._root.resolve())

    def _base(self, name: str) -> Path:
        if not is_name(name):
            raise ValueError(
                f"{name!r} cannot name a picture: camera/YYYYMMDD/look, where camera and look each have up to 64 "
                "letters, digits, '_', and inside also '-' and '.'"
            )
        return self._root / name


def _with(base: Path, suffix: str) -> Path:
    return base.with_name(base.name + suffix)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
