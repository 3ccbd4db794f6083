"""A tar that is written and read as a stream: hashed on its way, compressed by its name, and never half there."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, Self, cast

import msgspec

from app.backup.manifest import ArchiveRefused, Listed, Member
from domain.errors import ConfigError

STREAM: Final = "-"
"""As the file: standard output, or standard input."""
SUFFIXES: Final = (".tar", ".tar.gz", ".tar.zst")
_CHUNK: Final = 1 << 20
_SMALL: Final = 64 << 20
"""A list of members has some MiB; a larger one is none of ours."""
_LISTED: Final = 20_000
"""So many members are told of by one list."""

Told = Callable[[str, int], None]
"""Is told the member's name and how many bytes of it have passed since."""


class Writing:
    """An archive that is being written. Names must be checked by whoever adds them."""

    def __init__(self, tar: tarfile.TarFile, told: Told) -> None:
        self._tar = tar
        self._told = told
        self._unlisted: list[Member] = []
        self.lists: list[Member] = []
        self.files = self.size = 0

    def add(self, name: str, path: Path) -> bool:
        """A file as long as it is now; what is appended meanwhile is not in it. False if it is gone."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            stat = os.fstat(file.fileno())
            facts = _facts(name, stat.st_size, mode=stat.st_mode & 0o777, mtime=int(stat.st_mtime))
            hashed = _Hashed(file, lambda size: self._told(name, size))
            try:
                self._tar.addfile(facts, cast("IO[bytes]", hashed))
            except (OSError, tarfile.TarError) as wrong:
                raise ConfigError(f"{path} could not be written into the archive: {wrong}") from wrong
        self._unlisted.append(Member(name=name, size=stat.st_size, sha256=hashed.hexdigest()))
        self.files += 1
        self.size += stat.st_size
        if len(self._unlisted) >= _LISTED:
            self.list()
        return True

    def list(self) -> None:
        """Write down which members there were since the last list."""
        content = msgspec.json.encode(Listed(members=tuple(self._unlisted)))
        name = f"members-{len(self.lists):05}.json"
        self.say(name, content)
        self.lists.append(Member(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest()))
        self._unlisted.clear()

    def say(self, name: str, content: bytes) -> None:
        """A small member of the archive's own."""
        self._tar.addfile(_facts(name, len(content), mode=0o600, mtime=0), io.BytesIO(content))


class Found:
    """A member of an archive that is being read: exhausted before the next one."""

    def __init__(self, name: str, mode: int, size: int, file: IO[bytes], told: Told) -> None:
        self.name = name
        self.mode = mode
        self._size = size
        self._file = _Hashed(file, lambda size: told(name, size))

    def content(self) -> bytes:
        """All of a small one."""
        if self._size > _SMALL:
            raise ArchiveRefused(f"{self.name} in it has {self._size} bytes; no backup's has more than {_SMALL}")
        return self._file.read(self._size)

    def copy(self, into: IO[bytes] | None) -> Member:
        """Its bytes to where they belong, or nowhere; and what they were."""
        size = 0
        while chunk := self._file.read(_CHUNK):
            size += len(chunk)
            if into is not None:
                into.write(chunk)
        return Member(name=self.name, size=size, sha256=self._file.hexdigest())


@contextmanager
def written(to: str, told: Told) -> Iterator[Writing]:
    """An archive that is whole, durable and for this user alone once the block ends; gone if it ends by an error.

    Raises ConfigError for a name of no known ending, one that exists, and zstd without its program.
    """
    with ExitStack() as stack:
        raw = sys.stdout.buffer if to == STREAM else stack.enter_context(_new_file(Path(to)))
        sink = stack.enter_context(_zstd_into(raw)) if to.endswith(".tar.zst") else raw
        mode: Literal["w|gz", "w|"] = "w|gz" if to.endswith(".tar.gz") else "w|"
        tar = stack.enter_context(tarfile.open(mode=mode, fileobj=sink, format=tarfile.PAX_FORMAT))
        yield Writing(tar, told)


@contextmanager
def read(source: str, told: Told) -> Iterator[Iterator[Found]]:
    """An archive's members in their order. Raises ArchiveRefused for what is none, or is cut off."""
    with ExitStack() as stack:
        raw = sys.stdin.buffer if source == STREAM else stack.enter_context(_existing(Path(source)))
        stream = stack.enter_context(_zstd_from(raw)) if source.endswith(".tar.zst") else raw
        try:
            tar = stack.enter_context(tarfile.open(mode="r|*", fileobj=stream))
            yield _members(tar, told)
        except (tarfile.TarError, EOFError, OSError) as wrong:
            if isinstance(wrong, OSError) and wrong.errno is not None:
                raise
            raise ArchiveRefused(f"{source} is damaged or cut off: {wrong}") from wrong


def _members(tar: tarfile.TarFile, told: Told) -> Iterator[Found]:
    for facts in tar:
        file = tar.extractfile(facts) if facts.isreg() else None
        if file is None:
            raise ArchiveRefused(f"it holds {facts.name!r}, which is no plain file; a backup holds nothing else")
        yield Found(facts.name, facts.mode & 0o777, facts.size, file, told)
        tar.members = []  # type: ignore[attr-defined]  # it would keep each of a million


def _facts(name: str, size: int, *, mode: int, mtime: int) -> tarfile.TarInfo:
    facts = tarfile.TarInfo(name)
    facts.size, facts.mode, facts.mtime = size, mode, mtime
    return facts


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    if not path.name.endswith(SUFFIXES):
        raise ConfigError(f"--to is {path}; it must end with {', '.join(SUFFIXES)}, or be - for standard output")
    if path.exists():
        raise ConfigError(f"{path} exists; a backup never replaces another")
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as wrong:
        raise ConfigError(f"{path} cannot be written: {wrong.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # and not `rename`, which would replace one that came meanwhile
        _sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _existing(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as wrong:
        raise ConfigError(f"{path} cannot be read: {wrong.strerror}") from None


@contextmanager
def _zstd_into(raw: IO[bytes]) -> Iterator[IO[bytes]]:
    process = subprocess.Popen([_zstd(), "-q", "-T2", "-c"], stdin=subprocess.PIPE, stdout=raw)  # noqa: S603
    with _ended(process, "written"):
        assert process.stdin is not None  # noqa: S101
        with process.stdin:
            yield process.stdin


@contextmanager
def _zstd_from(raw: IO[bytes]) -> Iterator[IO[bytes]]:
    process = subprocess.Popen([_zstd(), "-q", "-d", "-c"], stdin=raw, stdout=subprocess.PIPE)  # noqa: S603
    with _ended(process, "read"):
        assert process.stdout is not None  # noqa: S101
        with process.stdout:
            yield process.stdout
            while process.stdout.read(_CHUNK):  # padding behind the last member: zstd must not die of our leaving
                pass


@contextmanager
def _ended(process: subprocess.Popen[bytes], what: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.wait() != 0:
        raise ArchiveRefused(f"the archive could not be {what}: zstd ended with {process.returncode}")


def _zstd() -> str:
    found = shutil.which("zstd")
    if found is None:
        raise ConfigError("an archive .tar.zst needs the program zstd: apt-get install zstd, or write a .tar.gz")
    return found


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Hashed(io.RawIOBase):
    """Reads on, and knows the SHA-256 of what has passed."""

    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file = file
        self._told = told
        self._sum = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._file.read(size)
        self._sum.update(chunk)
        self._told(len(chunk))
        return chunk

    def hexdigest(self) -> str:
        return self._sum.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
