"""How a batch that fails is taken apart, until only the record that is to blame is left."""

from collections.abc import Sequence


class OneByOne:
    """After a failure records are read one by one, to set aside only the one that fails by itself, twice."""

    def __init__(self) -> None:
        self._until = 0
        self._failed_seq = 0

    def goes_on(self, after: int) -> bool:
        """Whether the next record after this seq is to be taken alone."""
        return after < self._until

    def failed(self, seqs: Sequence[int]) -> bool:
        """Take note that these failed together; whether it is one, and not for the first time."""
        again = len(seqs) == 1 and seqs[0] == self._failed_seq
        self._failed_seq = seqs[0] if len(seqs) == 1 else 0
        self._until = max(self._until, seqs[-1])
        return again
