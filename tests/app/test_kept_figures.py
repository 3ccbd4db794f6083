"""Figures over the whole book."""

import threading

from app.kept_figures import KeptFigure


def test_a_figure_is_counted_again_only_when_the_book_has_changed() -> None:
    book, counted = [0], []

    def count() -> int:
        counted.append(book[0])
        return book[0]

    figure = KeptFigure(count, lambda: book[0])
    assert [figure.now(), figure.now()] == [0, 0]
    book[0] = 1
    assert figure.now() == 1
    assert counted == [0, 1]


def test_what_takes_long_stands_for_a_while_though_the_book_changes() -> None:
    book = [0]

    def count() -> int:
        return book[0] + 0 * sum(range(3_000_000))

    figure = KeptFigure(count, lambda: book[0])
    assert figure.now() == 0
    book[0] = 1
    assert figure.now() == 0


def test_while_one_counts_the_others_are_told_what_was_known() -> None:
    book, goes_on, begun = [0], threading.Event(), threading.Event()

    def count() -> int:
        if book[0]:
            begun.set()
            assert goes_on.wait(30)
        return book[0]

    figure = KeptFigure(count, lambda: book[0])
    figure.now()
    book[0] = 1
    found: list[int] = []
    slow = threading.Thread(target=lambda: found.append(figure.now()))
    slow.start()
    assert begun.wait(30)
    assert figure.now() == 0
    goes_on.set()
    slow.join(30)
    assert found == [1]
    assert figure.now() == 1


def test_a_count_that_fails_is_tried_again() -> None:
    fails = [True]

    def count() -> int:
        if fails.pop():
            raise OSError("the disk is away")
        return 7

    figure = KeptFigure(count, lambda: 1)
    try:
        figure.now()
    except OSError:
        fails.append(False)
    assert figure.now() == 7
