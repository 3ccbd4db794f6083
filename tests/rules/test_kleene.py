"""Truth in three values."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from rules.kleene import Truth, every, inverse, some

T, F, U = True, False, None
AND: dict[tuple[Truth, Truth], Truth] = {
    (T, T): T, (T, F): F, (T, U): U,
    (F, T): F, (F, F): F, (F, U): F,
    (U, T): U, (U, F): F, (U, U): U,
}  # fmt: skip
OR: dict[tuple[Truth, Truth], Truth] = {
    (T, T): T, (T, F): T, (T, U): T,
    (F, T): T, (F, F): F, (F, U): U,
    (U, T): T, (U, F): U, (U, U): U,
}  # fmt: skip
TRUTHS = st.lists(st.sampled_from([T, F, U]), max_size=6)


def test_of_two_truths() -> None:
    """Kleene's tables, all nine rows of both."""
    for pair, wanted in AND.items():
        assert every(pair) is wanted
    for pair, wanted in OR.items():
        assert some(pair) is wanted
    assert [inverse(truth) for truth in (T, F, U)] == [F, T, U]


@given(TRUTHS)
def test_of_many_truths_it_is_what_two_by_two_give(truths: list[Truth]) -> None:
    """In any order; of none at all, all are and none is."""
    conjunction: Truth = True
    disjunction: Truth = False
    for truth in truths:
        conjunction, disjunction = AND[conjunction, truth], OR[disjunction, truth]
    assert every(truths) is every(truths[::-1]) is conjunction
    assert some(truths) is some(truths[::-1]) is disjunction


@given(TRUTHS)
def test_what_is_known_stays_so_whatever_the_unknown_turns_out_to_be(truths: list[Truth]) -> None:
    """That is what unknown means: an answer that is given holds for every way to fill the gaps."""
    gaps = truths.count(None)
    for fill in product([True, False], repeat=gaps):
        filled = iter(fill)
        full = [next(filled) if truth is None else truth for truth in truths]
        for law, plain in ((every, all), (some, any)):
            answer = law(truths)
            assert answer is None or answer is plain(full)
