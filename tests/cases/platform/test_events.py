"""What an event says in each form; and what it never says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from cases.platform.events import ping, told_of
from config.exports import Agency, Exports
from config.load import Site
from config.platform import Platform
from domain.case import Case, CaseState, ClosedReason
from domain.finding import Evidence
from domain.platform import EventState, PlatformEvent, Told
from domain.time_limit import Tier
from tests.cases.city import clock_ms, make_site
from tests.cases.platform.receiver import SECRET
from tests.contract.case_store.samples import CASE

NOW = clock_ms("10:00")
AGENCY = Agency(code="11320400MB0000000A", name="龙城城管局")
LATE = changed(
    CASE,
    state=CaseState.RETURNED,
    state_ms=NOW,
    opened_ms=NOW - 7_200_000,
    due_ms=NOW - 3_600_000,
    overdue_ms=NOW - 3_600_000,
    reworks=1,
    tier=Tier.A,
    time_limit="4 working_hours",
    handler="小王",
    rated_by="小李",
)
CLOSED = changed(
    LATE,
    state=CaseState.CLOSED,
    closed_ms=NOW,
    closed_reason=ClosedReason.FIXED,
    cleared=CASE.onset,
    confirmed=CASE.onset,
)


def site_of(folder: Path, form: str) -> Site:
    """A site with a platform that reads this form, a department and a grid."""
    found = make_site(folder)
    platform = Platform.model_validate({"url": "https://platform.example/in", "secrets": [SECRET], "format": form})
    exports = Exports(agencies={"*": AGENCY}, url="https://longcheng.example")
    told = found.settings.model_copy(update={"platform": platform, "exports": exports})
    return replace(found, settings=told, grids={"S1": "320402001000101"})


def event_of(case: Case, what: str = "case_returned") -> PlatformEvent:
    """Its third."""
    return PlatformEvent(
        id=3,
        key=f"{case.id}/3",
        case_id=case.id,
        what=what,
        body=Told(at_ms=NOW + 123, who="王工", case=case),
        state=EventState.PENDING,
        created_ms=NOW,
        not_before_ms=NOW,
    )


def url_of(look: Evidence) -> str | None:
    """All pictures can be reached."""
    return f"https://longcheng.example/evidence/{look.picture}.jpg"


def no_url(_look: Evidence) -> str | None:
    """None can."""
    return None


def test_the_whole_case_in_the_words_of_others(tmp_path: Path) -> None:
    """Who did what when, the case as Open311 has it with its fine state beside, and the six fields of GB/T 47678.5."""
    said = told_of(event_of(CLOSED, "case_closed"), site_of(tmp_path / "site", "longcheng"), url_of)

    case, more = said["case"], said["case"]["extended_attributes"]
    assert {name: said[name] for name in ("key", "site", "case_id", "sequence", "what", "at", "who")} == {
        "key": f"{CASE.id}/3",
        "site": "town",
        "case_id": CASE.id,
        "sequence": 3,
        "what": "case_closed",
        "at": "2026-11-22T10:00:00+08:00",
        "who": "王工",
    }
    assert (case["service_request_id"], case["status"], case["status_notes"]) == (CASE.id, "closed", "已结案：已解决")
    assert (case["agency_responsible"], case["address_id"]) == ("龙城城管局", "320402001000101")
    assert case["expected_datetime"] == more["overdue_datetime"] == "2026-11-22T09:00:00+08:00"
    assert (more["state"], more["closed_reason"], more["reworks"], more["unit"]) == ("closed", "fixed", 1, CASE.unit)
    assert more["time_limit"] == "4 working_hours"
    assert said["gb47678"] == {
        "SXDM": "32040009010",
        "SXMC": "非机动车乱停放",
        "ZGBMDM": AGENCY.code,
        "ZGBMMC": AGENCY.name,
        "SFWZ": "天宁区天宁街道双桂街阿福手机店",
        "SZDYWGBSM": "320402001000101",
    }
    assert set(said["pictures"]) == {"onset", "confirmed", "cleared"}
    assert case["media_url"] == said["pictures"]["confirmed"]


def test_flat_with_the_standard_s_fields(tmp_path: Path) -> None:
    """For platforms that map field by field."""
    said = told_of(event_of(LATE), site_of(tmp_path / "site", "gbt47678"), no_url)

    assert said["SXDM"] == "32040009010"
    assert (said["state"], said["step"], said["reworks"]) == ("returned", "dispatched", 1)
    assert said["due_datetime"] == said["overdue_datetime"] == "2026-11-22T09:00:00+08:00"
    assert (said["sequence"], said["who"], said["pictures"]) == (3, "王工", {})
    assert all(not isinstance(value, dict) for name, value in said.items() if name != "pictures")


@pytest.mark.parametrize("form", ["longcheng", "gbt47678"])
@pytest.mark.parametrize("case", [CASE, LATE, CLOSED])
def test_nobody_is_named_but_who_acted(form: str, case: Case, tmp_path: Path) -> None:
    """No contact of a shop, and neither the person who has the case nor the one who rated it."""
    site = site_of(tmp_path / "site", form)
    text = json.dumps(told_of(event_of(case), site, url_of), ensure_ascii=False)

    assert "shop:S1" not in text
    assert "小王" not in text
    assert "小李" not in text


@pytest.mark.parametrize(("form", "where"), [("longcheng", "gb47678"), ("gbt47678", "")])
def test_what_nobody_has_said_is_left_out_and_not_invented(form: str, where: str, tmp_path: Path) -> None:
    """A shop that no register has any more; no department, no grid. The step is told all the same."""
    site = site_of(tmp_path / "site", form)
    settings = site.settings.model_copy(update={"exports": Exports()})
    gone = changed(LATE, shop_id="S9", device_id="C9")
    said = told_of(event_of(gone), replace(site, settings=settings, grids={}), no_url)

    fields = said[where] if where else said
    assert {"SXDM", "SXMC"} <= set(fields)
    assert not {"ZGBMDM", "ZGBMMC", "SFWZ", "SZDYWGBSM"} & set(fields)


def test_a_mistake_in_the_settings_is_mended_by_the_next_try(tmp_path: Path) -> None:
    """An event is put into words when it is sent, not when it is written."""
    site, event = site_of(tmp_path / "site", "longcheng"), event_of(LATE)
    other = Exports(agencies={"*": Agency(code="11320400MB0000000B", name="龙城园林局")})
    mended = replace(site, settings=site.settings.model_copy(update={"exports": other}))

    assert told_of(event, site, no_url)["case"]["agency_responsible"] == "龙城城管局"
    assert told_of(event, mended, no_url)["case"]["agency_responsible"] == "龙城园林局"


def test_a_ping_is_about_no_case(tmp_path: Path) -> None:
    """Its key is its own each time."""
    site = site_of(tmp_path / "site", "longcheng")

    assert ping(site, NOW) == {
        "key": f"town/ping/{NOW}",
        "site": "town",
        "what": "ping",
        "at": "2026-11-22T10:00:00+08:00",
    }
