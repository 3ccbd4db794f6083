"""When the vision worker keeps a picture: where a rule will want to show one."""

from collections.abc import Sequence

from rules.kinds.presence import Presence
from rules.rule import Rule
from vision.keeping import PICTURES_EACH, Occasions, Stay


def occasions_of(rules: Sequence[Rule]) -> Occasions:
    """As many looks from each minimum stay on as its rule looks at to be sure, and as many of the cleared place.

    A class that no rule speaks of has pictures of its coming only. Without rules for cameras the usual stays hold.
    """
    specs = [rule.spec for rule in rules if isinstance(rule.spec, Presence)]
    if not specs:
        return Occasions()
    looks: dict[str, dict[float, int]] = {}
    for spec in specs:
        for label, stay_s in spec.stays_s.items():
            of_label = looks.setdefault(label, {0.0: PICTURES_EACH})
            of_label[stay_s] = max(of_label.get(stay_s, 0), spec.confirm.n)
    return Occasions(
        stays=(Stay(stay_s=0.0),),
        of_class={
            label: tuple(Stay(stay_s=stay_s, looks=number) for stay_s, number in sorted(of_label.items()))
            for label, of_label in looks.items()
        },
        clear_looks=max(PICTURES_EACH, *(spec.clear.n for spec in specs)),
    )
