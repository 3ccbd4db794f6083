"""`longcheng matters`: the kinds of case a site knows, and which of its rules lead to each."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from config.deadlines import told
from config.load import Site, load_site
from config.schema import Matter
from domain.time_limit import Tier, TimeLimit
from rules.files import load_rules

out = Console()


def matters(
    site: Annotated[
        str,
        typer.Option("--site", envvar="LONGCHENG_SITE", help="A shipped site's name, or the path of a site folder."),
    ] = "demo",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on the last line of standard output.")
    ] = False,
) -> None:
    """List the kinds of case: code, name, codes in the older catalogues, time limits, and the rules that lead to it."""
    found = load_site(site)
    leading = rules_of(found)
    known = [_row(code, matter, leading.get(code, [])) for code, matter in sorted(found.matters.items())]
    if as_json:
        out.print_json(data={"catalogue": found.catalogue, "matters": known}, indent=None)
        return
    out.print(_table(found, known))


def rules_of(site: Site) -> dict[str, list[dict[str, str]]]:
    """By matter, each rule that leads to it and what becomes of its alarms."""
    leading: dict[str, list[dict[str, str]]] = {}
    for rule in load_rules(site.rule_files, site):
        if (case := rule.spec.case) is not None and case.matter is not None:
            leading.setdefault(case.matter, []).append({"rule": rule.id, "policy": case.policy.value})
    return leading


def _row(code: str, matter: Matter, leading: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "code": code,
        "zh": matter.zh,
        "en": matter.en,
        "legacy": matter.legacy,
        "handle_within": _limits(matter.handle_within),
        "emergency": _emergency(matter),
        "recheck_after_s": matter.recheck_after,
        "unit": matter.unit,
        "rules": leading,
        "source": matter.source,
    }


def _limits(limits: Mapping[Tier, TimeLimit]) -> dict[str, dict[str, Any]]:
    return {tier.value: {"n": limit.n, "unit": limit.unit.value} for tier, limit in limits.items()}


def _emergency(matter: Matter) -> dict[str, Any] | None:
    path = matter.emergency
    return None if path is None else {"from": path.from_.value, "handle_within": _limits(path.handle_within)}


def _table(site: Site, known: list[dict[str, Any]]) -> Table:
    name = "zh" if site.settings.language == "zh-CN" else "en"
    title = f"{site.settings.name.zh}: {site.catalogue}"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    folded = {"matter": 14, "older": 10, "within": 12}  # so that all of it fits on 80 characters
    for head in ("code", "matter", "older", "within", "rules", "then"):
        table.add_column(head, no_wrap=head not in folded, overflow="fold", width=folded.get(head))
    for row in known:
        table.add_row(
            row["code"],
            row[name],
            "\n".join(f"{catalogue[-4:]} {code}" for catalogue, code in row["legacy"].items()),
            _within(site, site.matters[row["code"]]),
            "\n".join(rule["rule"] for rule in row["rules"]),
            "\n".join(rule["policy"] for rule in row["rules"]),
        )
    return table


def _within(site: Site, matter: Matter) -> str:
    """`4 工作时`, or a line for each tier."""
    words = {tier: told(limit, site.texts, site.settings.language) for tier, limit in matter.handle_within.items()}
    if len(set(matter.handle_within.values())) == 1:
        return words[Tier.B]
    return "\n".join(f"{tier} {said}" for tier, said in sorted(words.items()))
