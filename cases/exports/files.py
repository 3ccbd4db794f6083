"""Cases as files: with all that is known of them, or in the six fields of GB/T 47678.5."""

from collections.abc import Iterable, Sequence
from typing import Final

from cases.exports.cells import table
from cases.exports.open311 import grid_of, placed
from config.load import Site
from domain.case import Case
from domain.clock import utc
from domain.finding import Evidence

PLAIN: Final = (
    "id", "matter", "matter_name", "title", "severity", "step", "state", "state_since", "closed_reason", "unit",
    "subject", "device_id", "shop_id", "shop_name", "district", "sub_district", "road", "grid", "lon_deg_wgs84",
    "lat_deg_wgs84", "tier", "time_limit", "opened", "due", "overdue", "deferred_until", "closed", "reworks",
    "reopened", "duplicate_of", "rating", "picture_context", "picture_onset", "picture_confirmed", "picture_cleared",
    "alarm_id", "ladder_id",
)  # fmt: skip
GB47678: Final = ("SXDM", "SXMC", "ZGBMDM", "ZGBMMC", "SFWZ", "SZDYWGBSM")
"""事项代码, 事项名称, 主管部门代码, 主管部门名称, 事发位置, 所在单元网格标识码; all must be filled."""
_LONGEST: Final = {"SXMC": 30, "SFWZ": 256}


def plain_csv(cases: Iterable[Case], site: Site) -> str:
    """Every case with every column. Times are the site's, with their offset; positions WGS84 degrees."""
    return table(PLAIN, (_plain(case, site) for case in cases))


def gb47678_csv(cases: Sequence[Case], site: Site) -> tuple[str, int, list[str]]:
    """The CSV, how many cases are in it, and what keeps each of the others out. Nothing is invented for them."""
    rows, problems = [], []
    for case in cases:
        fields, missing = _fields(case, site)
        if missing:
            problems.append(f"case {case.id}: " + "; ".join(missing))
        else:
            rows.append([fields[name] for name in GB47678])
    return table(GB47678, rows), len(rows), problems


def gb47678_fields(case: Case, site: Site) -> dict[str, str]:
    """The six fields by their abbreviation; empty where nobody has said what belongs there."""
    matter, agency, place = site.matters.get(case.matter), site.settings.exports.agency(case.unit), placed(case, site)
    spot = f"{place.location.district}{place.location.sub_district}{place.location.road}" if place else ""
    return {
        "SXDM": f"{site.settings.division}{case.matter}",
        "SXMC": matter.zh if matter else "",
        "ZGBMDM": agency.code if agency else "",
        "ZGBMMC": agency.name if agency else "",
        "SFWZ": f"{spot}{place.name}" if place else "",
        "SZDYWGBSM": grid_of(case, site) or "",
    }


def _fields(case: Case, site: Site) -> tuple[dict[str, str], list[str]]:
    """The fields, and what is wrong with them."""
    matter, agency, place = site.matters.get(case.matter), site.settings.exports.agency(case.unit), placed(case, site)
    fields = gb47678_fields(case, site)
    missing = [] if matter else [f"SXMC is missing: matters.yaml has no {case.matter!r}"]
    if agency is None:
        missing.append(f"ZGBMDM and ZGBMMC are missing: exports.agencies has no {case.unit!r} and no '*'")
    if place is None:
        missing.append(f"SFWZ is missing: no register has {case.shop_id or case.device_id!r} any more")
    if not fields["SZDYWGBSM"]:
        missing.append(f"SZDYWGBSM is missing: grids.csv has no {case.shop_id or case.device_id!r}")
    if len(fields["SXDM"]) != 11:
        missing.append(f"SXDM is {fields['SXDM']!r}; it must have 11 digits")
    for name, most in _LONGEST.items():
        if len(fields[name]) > most:
            missing.append(f"{name} has {len(fields[name])} characters; it may have {most}")
    return fields, missing


def _plain(case: Case, site: Site) -> list[object]:
    chinese = site.settings.language == "zh-CN"
    matter, place, shop = site.matters.get(case.matter), placed(case, site), site.shops.get(case.shop_id or "")
    spot = place.location if place else None
    return [
        case.id, case.matter, (matter.zh if chinese else matter.en) if matter else None,
        case.title_zh if chinese else case.title_en, case.severity.value, case.step.value, case.state.value,
        _at(case.state_ms or None, site), case.closed_reason.value if case.closed_reason else None, case.unit,
        case.subject, case.device_id, case.shop_id, shop.name if shop else None,
        *((spot.district, spot.sub_district, spot.road) if spot else (None,) * 3),
        grid_of(case, site), spot.lon_deg if spot else None, spot.lat_deg if spot else None,
        case.tier.value if case.tier else None, case.time_limit, _at(case.opened_ms, site), _at(case.due_ms, site),
        _at(case.overdue_ms, site), _at(case.deferred_until_ms, site), _at(case.closed_ms, site), case.reworks,
        case.reopened, case.duplicate_of, case.rating,
        *(_picture(look) for look in (case.context, case.onset, case.confirmed, case.cleared)),
        case.alarm_id, case.ladder_id,
    ]  # fmt: skip


def _picture(look: Evidence | None) -> str | None:
    return look.picture if look else None


def _at(at_ms: int | None, site: Site) -> str | None:
    return None if at_ms is None else utc(at_ms).astimezone(site.timezone).isoformat(timespec="seconds")
