"""What was found in an archive against what it says it holds."""

from itertools import zip_longest

from app.backup.manifest import END, ArchiveRefused, Begin, Listed, Manifest, Member


class Account:
    """Kept while an archive is read; each check raises ArchiveRefused."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._seen: list[Member] = []
        self._lists: list[Member] = []
        self._files = self._size = 0

    def saw(self, member: Member) -> None:
        """A file went by."""
        self._seen.append(member)
        self._files += 1
        self._size += member.size

    def compare(self, listed: Listed, itself: Member) -> None:
        """A list of the files since the last one, which was `itself` a member."""
        for found, said in zip_longest(self._seen, listed.members):
            if found is None:
                raise ArchiveRefused(f"{self._source} lacks {said.name}")
            if found != said:
                raise ArchiveRefused(
                    f"{found.name} in {self._source} is not what was written (its SHA-256 is {found.sha256})"
                )
        self._seen.clear()
        self._lists.append(itself)

    def close(self, manifest: Manifest | None, begin: Begin | None) -> None:
        """What it says at its end."""
        if manifest is None:
            raise ArchiveRefused(f"{self._source} has no {END} at its end: it was never finished, or is cut off")
        if manifest.begin != begin:
            raise ArchiveRefused(f"{self._source} says one thing at its beginning and another at its end")
        if self._seen:
            raise ArchiveRefused(f"{self._source} holds {self._seen[0].name}, which no list of it names")
        if (list(manifest.lists), manifest.files, manifest.size) != (self._lists, self._files, self._size):
            raise ArchiveRefused(f"{self._source} says at its end that it holds other files than it does")
