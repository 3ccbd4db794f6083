"""What rules may say, though it is hardly meant. `rules check` and `check-config` tell it; it stops nothing."""

from collections.abc import Sequence
from datetime import date

from config.lint import Doubt
from config.load import Site
from rules.lints import calendar, hours, idle, inhibition, limits, nobody, plans, twins, words
from rules.rule import Rule


def doubts(rules: Sequence[Rule], site: Site, today: date | None = None) -> list[Doubt]:
    """What there is to look at again: first what a site leaves with nothing to do, then each rule by file and line.

    With `today`, the holidays that the site does not know yet are among it, and plans that have ended.
    """
    found = [*idle.of_site(rules, site), *(() if today is None else calendar.of_site(rules, site, today))]
    found += plans.of_site(rules, site, today)
    for rule in rules:
        for of_rule in (words.of_rule, nobody.of_rule, idle.of_rule, limits.of_rule, hours.of_rule):
            found += of_rule(rule, site)
    found += inhibition.of_rules(rules)
    found += twins.of_rules(rules)
    places = {path: place for place, path in enumerate(dict.fromkeys(doubt.path for doubt in found))}
    return sorted(found, key=lambda doubt: (places[doubt.path], doubt.line or 0))
