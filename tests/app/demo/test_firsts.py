"""What is told once it is there."""

from app.demo.firsts import Firsts


def test_each_is_told_once_and_not_before_it_is_there() -> None:
    """Whichever comes first; what was told is asked for no more."""
    lines = {"shop": "", "review": ""}
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return lines[name]

    firsts = Firsts(lambda: ask("shop"), lambda: ask("review"))
    assert firsts.come() == []
    lines["review"] = "finds wait"
    assert firsts.come() == ["finds wait"]
    lines["shop"] = "a shop's page"
    assert firsts.come() == ["a shop's page"]
    assert firsts.come() == []
    assert asked == ["shop", "review", "shop", "review", "shop"]
