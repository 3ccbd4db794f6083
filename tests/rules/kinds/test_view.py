"""`kind: view`: cameras that cannot see."""

from domain.finding import Change
from rules.files import load_rules
from tests.rules.city import shipped, small_city
from tests.rules.timetable import Timetable, clock_ms


def test_a_covered_camera_until_it_sees_again() -> None:
    """Two of three looks raise it, others renew it, two healthy ones end it; each with its look."""
    site = small_city()
    found = Timetable(load_rules(shipped("cameras"), site), site).play(
        """
        08:00  cam-1 covered
        08:01  cam-1 healthy
        08:02  cam-1 covered        → raised camera-covered cam-1
        08:03  cam-1 covered        → renewed camera-covered cam-1
        08:04  cam-1 healthy
        08:05  cam-1 healthy        → resolved camera-covered cam-1
        """
    )
    assert [step.evidence and step.evidence.look_id for step in found] == ["look-3", "look-4", "look-6"]
    assert {step.since_ms for step in found} == {clock_ms("08:00")}


def test_another_fault_neither_raises_nor_clears() -> None:
    """A covered camera that goes offline is not uncovered by that."""
    site = small_city()
    Timetable(load_rules(shipped("cameras"), site), site).play(
        """
        08:00  cam-1 covered
        08:01  cam-1 offline
        08:02  cam-1 covered        → raised camera-covered cam-1
        08:03  cam-1 offline        → raised camera-offline cam-1
        08:04  cam-1 healthy
        08:05  cam-1 dark
        08:06  cam-1 healthy        → resolved camera-covered cam-1; resolved camera-offline cam-1
        """
    )


def test_faults_of_one_rule_add_up() -> None:
    """A picture that is first frozen and then a placeholder is one trouble, not two halves of two."""
    site = small_city()
    Timetable(load_rules(shipped("cameras"), site), site).play(
        """
        08:00  cam-1 frozen
        08:01  cam-1 placeholder    → raised camera-frozen cam-1
        """
    )


def test_a_persons_word_ends_it() -> None:
    """Once released, it has to be confirmed anew."""
    site = small_city()
    table = Timetable(load_rules(shipped("cameras"), site), site)
    table.play("08:00  cam-1 moved")
    assert table.engine.release("camera-moved", "cam-1", clock_ms("08:00")) == []
    table.play("08:01  cam-1 moved  → raised camera-moved cam-1")
    released = table.engine.release("camera-moved", "cam-1", clock_ms("08:02"))
    assert [step.change for step in released] == [Change.RESOLVED]
    table.play("08:03  cam-1 moved")
