"""`longcheng registers`: files of offices into a site's registers."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from config.load import load_site
from domain.errors import ConfigError, ConfigErrors
from tests.cases.city import PLACE, make_site

SHOPS = "shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact\n"
PERMITS = "shop_id,matter,first,last,document\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town of two shops."""
    make_site(tmp_path / "site")
    return tmp_path / "site"


def run(folder: Path, *words: str) -> str:
    """What it printed. Errors come through."""
    answer = CliRunner().invoke(
        cli, ["registers", *words, "--site", str(folder)], env={"COLUMNS": "160"}, catch_exceptions=False
    )
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def brought(folder: Path, text: str, name: str = "from-the-office.csv") -> str:
    """A file that an office sends; its path."""
    file = folder.parent / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_shops_are_added_and_changed(folder: Path) -> None:
    """What is shown is what is done; who is not named stays."""
    file = brought(folder, f"{SHOPS}S2,隆兴文具店,{PLACE},shop:S2\nS3,同庆面馆,{PLACE},\n")
    said = run(folder, "import", file)

    assert "~ S2: contact: (empty) → shop:S2" in said
    assert "+ S3: 同庆面馆, 天宁区" in said
    assert "shops: 1 added, 1 changed, 0 as before; written to" in said
    shops = load_site(str(folder), {}).shops
    assert list(shops) == ["S1", "S2", "S3"]
    assert (shops["S1"].contact, shops["S2"].contact) == ("shop:S1", "shop:S2")
    assert "0 added, 0 changed, 2 as before; nothing written" in run(folder, "import", file)


@pytest.mark.parametrize("words", [("check",), ("import", "--dry-run")])
def test_looking_changes_nothing(folder: Path, words: tuple[str, ...]) -> None:
    """The same is told, and the register is as it was."""
    before = (folder / "shops.csv").read_bytes()
    file = brought(folder, f"{SHOPS}S3,同庆面馆,{PLACE},\n")
    said = run(folder, words[0], file, *words[1:])

    assert "+ S3: 同庆面馆" in said
    assert "nothing written" in said
    assert (folder / "shops.csv").read_bytes() == before


def test_contacts_change_nothing_else(folder: Path) -> None:
    """One that is empty takes the contact away. Line ends and the mark of a spreadsheet stay."""
    register = folder / "shops.csv"
    crlf = b"\xef\xbb\xbf" + register.read_bytes().replace(b"\n", b"\r\n")
    register.write_bytes(crlf)
    run(folder, "import", brought(folder, "\ufeffshop_id,contact\r\nS1,\r\nS2,shop:S2\r\n"))

    assert register.read_bytes() == crlf.replace(b"shop:S1", b"").replace(
        f"隆兴文具店,{PLACE},".encode(), f"隆兴文具店,{PLACE},shop:S2".encode()
    )
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_permits_get_a_register_of_their_own(folder: Path) -> None:
    """The same paper for another last day is the same permit."""
    run(folder, "import", brought(folder, f"{PERMITS}S1,09005,2026-10-01,2026-10-07,常城管 12\n"))
    said = run(folder, "import", brought(folder, f"{PERMITS}S1,09005,2026-10-01,2026-10-08,常城管 12\n"))

    assert "~ S1 09005 2026-10-01 常城管 12: last: 2026-10-07 → 2026-10-08" in said
    (permit,) = load_site(str(folder), {}).permits
    assert permit.last.isoformat() == "2026-10-08"


def test_every_mistake_of_every_line_is_told(folder: Path) -> None:
    """With file and line, and nothing is written."""
    before = (folder / "shops.csv").read_bytes()
    lines = f"S4,,天宁区,,双桂街,east,95,\nS5,好店,{PLACE},\nS5,好店,{PLACE},\n"
    with pytest.raises(ConfigErrors) as wrong:
        run(folder, "import", brought(folder, SHOPS + lines))

    problems = [(problem.line, str(problem).split(": ", 1)[1]) for problem in wrong.value.problems]
    assert problems == [
        (2, "name is empty"),
        (2, "sub_district is empty"),
        (2, "lon_deg is 'east'; it must be a number"),
        (2, "lat_deg is 95; it must lie from -90 to 90"),
        (4, "'S5' stands on line 3 already"),
    ]
    assert (folder / "shops.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("shop_id,contact\nS9,shop:S9\n", "shop_id is 'S9'; there is S1, S2"),
        ("shop_id,contact\nS1,smtp:x@y.example\n", "needs notices.smtp"),
        (f"{PERMITS}S1,99999,2026-10-01,2026-10-07,x\n", "matter is '99999'; there is"),
        (f"{PERMITS}S1,09005,2026-10-07,2026-10-01,x\n", "last is 2026-10-01, which is before first"),
        ("name,phone\nx,1\n", "the columns are name, phone; shops have shop_id, name"),
        ("shop_id,contact\n", "it has no contacts, only its first line"),
        ("shop_id,contact\nS1,a,b\n", "the line has not 2 cells"),
    ],
)
def test_what_cannot_be_is_refused(folder: Path, text: str, problem: str) -> None:
    """The column, its value, what is allowed, and where."""
    with pytest.raises(ConfigError) as wrong:
        run(folder, "import", brought(folder, text))
    assert problem in str(wrong.value)


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    """By its name."""
    with pytest.raises(ConfigError, match=r"none\.csv: there is no such file"):
        run(folder, "check", "none.csv")


def test_json_has_all_changes(folder: Path) -> None:
    """Old and new of every cell."""
    file = brought(folder, "shop_id,contact\nS1,shop:other\n")
    said = json.loads(run(folder, "import", file, "--json").splitlines()[-1])

    assert said["written"] is True
    assert said["changes"] == [
        {"key": ["S1"], "added": False, "cells": {"contact": {"old": "shop:S1", "new": "shop:other"}}}
    ]


def test_units_get_a_register_of_their_own(folder: Path) -> None:
    """Same place and matter, another unit: changed. An address that leads nowhere is told, and nothing is written."""
    head = "sub_district,grid,matter,unit,recipient\n"
    run(folder, "import", brought(folder, f"{head}天宁街道,,,天宁中队,team:tn\n,,04001,园林所,\n"))
    said = run(folder, "import", brought(folder, f"{head},,04001,园林站,team:parks\n"))

    assert "units: 0 added, 1 changed, 0 as before" in said
    assert load_site(str(folder), {}).units.names == ("天宁中队", "园林站")
    with pytest.raises(ConfigError, match=r"line 2: recipient '?sms:7"):
        run(folder, "import", brought(folder, f"{head}天宁街道,,,天宁中队,sms:7\n"))


@pytest.mark.parametrize("contact", ["13912345678", "smss:+8613912345678", "not an address"])
def test_where_there_are_ways_to_people_a_contact_is_an_address(folder: Path, contact: str) -> None:
    """Of one of them, or somebody among the recipients; a mistyped one would be told by nobody."""
    settings = folder / "site.yaml"
    sms = '{sms: {kind: sms, url: "https://x/", body: {to: "{to}"}}}'
    ways = f'notices: {{gateways: {sms}, recipients: {{"team:*": [mqtt]}}}}'
    lines = settings.read_text(encoding="utf-8").splitlines()
    settings.write_text("\n".join(ways if line.startswith("notices:") else line for line in lines), encoding="utf-8")

    problem = rf"line 3: contact '{re.escape(contact)}' stands under no .*; write sms:\+86"
    with pytest.raises(ConfigError, match=problem):
        run(folder, "check", brought(folder, f"shop_id,contact\nS2,sms:+8613912345678\nS1,{contact}\n"))
    assert "~ S1: contact" in run(folder, "check", brought(folder, "shop_id,contact\nS1,team:east\n"))


def test_hours_come_into_a_register_that_had_none(folder: Path) -> None:
    """In a column of their own; who brings none leaves those that are there."""
    file = brought(folder, f"{SHOPS.strip()},hours\nS2,隆兴文具店,{PLACE},,09:00-18:00\n")
    assert "~ S2: hours: (empty) → 09:00-18:00" in run(folder, "import", file)

    run(folder, "import", brought(folder, f"{SHOPS}S2,隆兴文具店,{PLACE},shop:S2\n"))

    shops = load_site(str(folder), {}).shops
    assert [shop.hours for shop in shops.values()] == [None, "09:00-18:00"]
    assert shops["S2"].contact == "shop:S2"


def test_hours_come_alone_too(folder: Path) -> None:
    """Of shops that are there; nothing else of them changes."""
    said = run(folder, "import", brought(folder, "shop_id,hours\nS1,09:00-21:00\n"))

    assert "hours: 0 added, 1 changed" in said
    shops = load_site(str(folder), {}).shops
    assert [(shop.hours, shop.contact) for shop in shops.values()] == [("09:00-21:00", "shop:S1"), (None, None)]
    with pytest.raises(ConfigErrors):
        run(folder, "check", brought(folder, "shop_id,hours\nS1,always\nS9,09:00-21:00\n"))


def test_closures_are_brought_with_what_is_wrong_on_each_line(folder: Path) -> None:
    """All of it or, with one mistake, nothing."""
    columns = "shop_id,first,last,why\n"
    wrong = brought(folder, f"{columns}S1,2026-02-16,2026-02-23,春节\nS9,2026-02-16,2026-02-01,\nS2,春节,,\n")
    with pytest.raises(ConfigErrors) as caught:
        run(folder, "import", wrong)
    problems = [(problem.line, str(problem).split(": ", 1)[1]) for problem in caught.value.problems]
    assert problems == [
        (3, "shop_id is 'S9'; there is S1, S2"),
        (3, "why is empty"),
        (3, "last is 2026-02-01, which is before first, 2026-02-16"),
        (4, "first is '春节'; write a day as 2026-11-30"),
        (4, "last is empty"),
        (4, "why is empty"),
    ]
    assert load_site(str(folder), {}).closures == ()

    said = run(folder, "import", brought(folder, f"{columns}S1,2026-02-16,2026-02-23,春节\n"))

    assert "closures: 1 added, 0 changed" in said
    (closure,) = load_site(str(folder), {}).closures
    assert (closure.shop_id, closure.why, str(closure.last)) == ("S1", "春节", "2026-02-23")
