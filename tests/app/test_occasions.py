"""When pictures are kept, by the rules of a site."""

from app.occasions import occasions_of
from config.load import load_site
from rules.files import load_rules
from rules.kinds.presence import Presence
from vision.keeping import Occasions


def test_every_minimum_stay_of_the_shipped_rules_has_its_pictures() -> None:
    """As many as the rule looks at: on whichever of these looks it is sure, there is one to show."""
    site = load_site("starter", {})
    rules = load_rules(site.rule_files, site)

    occasions = occasions_of(rules)

    specs = [rule.spec for rule in rules if isinstance(rule.spec, Presence)]
    assert specs
    for spec in specs:
        assert occasions.clear_looks >= spec.clear.n
        for label, stay_s in spec.stays_s.items():
            found = {stay.stay_s: stay.looks for stay in occasions.stays_of(label)}
            assert found[stay_s] >= spec.confirm.n
            assert found[0.0] >= 2
            assert list(found) == sorted(found)


def test_a_class_that_no_rule_speaks_of_has_pictures_of_its_coming_only() -> None:
    """And one that a rule speaks of has none for the stays of others."""
    site = load_site("starter", {})
    occasions = occasions_of(load_rules(site.rule_files, site))
    assert [stay.stay_s for stay in occasions.stays_of("elephant")] == [0.0]
    assert len(occasions.stays_of("bicycle")) < 5


def test_without_rules_for_cameras_the_usual_stays_hold() -> None:
    """A site that only watches keeps pictures too."""
    assert occasions_of(()) == Occasions()
