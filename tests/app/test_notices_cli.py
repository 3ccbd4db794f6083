"""`longcheng notices`: seen, read beforehand, tried, and sent again."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.city import make_site
from tests.cases.notices.storm import a_notice, put_all


def run(*arguments: str, code: int = 0) -> str:
    """What it prints."""
    result = CliRunner().invoke(cli, ["notices", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


def as_json(*arguments: str) -> Any:
    """What it prints with --json."""
    return json.loads(run(*arguments, "--json").splitlines()[-1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site that has run, with a notice of each state."""
    make_site(tmp_path / "site")
    store = CaseStore(f"sqlite:///{tmp_path / 'site' / 'data' / 'cases.db'}")
    put_all(store, [a_notice(key, channel="log") for key in ("waits", "sent", "d1", "d2", "alone")])
    ids = {notice.key: notice.id for notice in store.notices()}
    store.mark_sent(ids["sent"], 5)
    store.claim("town/digest/1", [ids["d1"], ids["d2"]])
    store.mark_digest_dead("town/digest/1", "no such mailbox", 1)
    store.mark_dead(ids["alone"], "blacklisted", 1)
    store.close()
    return tmp_path / "site"


def states(folder: Path) -> dict[str, NoticeState]:
    """Of all notices, by key."""
    store = CaseStore(f"sqlite:///{folder / 'data' / 'cases.db'}")
    found = {notice.key: notice.state for notice in store.notices()}
    store.close()
    return found


def test_what_was_given_up_is_shown_with_its_reason(folder: Path) -> None:
    """In a table, and whole as JSON."""
    shown = run("list", "--site", str(folder), "--state", "dead")

    assert "blacklisted" in shown
    assert "dead in a digest" in shown
    assert "waits" not in shown
    dead = as_json("list", "--site", str(folder), "--state", "dead")["notices"]
    assert [notice["key"] for notice in dead] == ["alone", "d2", "d1"]
    assert len(as_json("list", "--site", str(folder))["notices"]) == 5


def test_one_of_a_digest_goes_out_again_with_all_of_it(folder: Path) -> None:
    """Under the same key; what was not given up is refused, and then nothing is done."""
    ids = {notice["key"]: str(notice["id"]) for notice in as_json("list", "--site", str(folder))["notices"]}

    assert "was not given up; nothing was done" in run("retry", ids["sent"], ids["d1"], "--site", str(folder), code=2)
    assert "2 notices go out again" in run("retry", ids["d1"], "--site", str(folder))
    found = states(folder)
    assert (found["d1"], found["d2"], found["alone"]) == ("pending", "pending", "dead")
    assert "1 notices go out again" in run("retry", "--all", "--site", str(folder))
    assert "say which notices" in run("retry", "--site", str(folder), code=2)


def test_a_site_that_has_not_run(tmp_path: Path) -> None:
    """Is said so, and no store is made."""
    make_site(tmp_path / "site")
    with pytest.raises(Exception, match="has not run for this site yet"):
        CliRunner().invoke(cli, ["notices", "list", "--site", str(tmp_path / "site")], catch_exceptions=False)

    assert not (tmp_path / "site" / "data").exists()


def test_everything_reads_well_on_every_way(folder: Path) -> None:
    """Nothing unfilled, no SMS longer than allowed, each sample on each way in the languages that it speaks."""
    found = as_json("preview", "--site", str(folder))["previews"]

    samples = {one["sample"] for one in found}
    assert samples >= {"shop, first", "keeper, instead of the shop", "case, case_sensor", "nobody answers", "test"}
    assert samples >= {"still nobody answers", "many in one", "many urgent in one"}
    assert samples >= {"phone tree, called at once", "phone tree, nobody answers", "alarm without a case"}
    assert len(found) == len(samples) * 8
    for one in found:
        assert one["text"].strip()
        assert "None" not in one["text"], one
        assert one["way"] == "webhook" or "{" not in one["text"], one
    assert {one["segments"] for one in found if one["way"] == "sms"} <= {1, 2}
    assert all(one["segments"] == 1 for one in found if one["way"] == "sms" and one["language"] == "zh-CN")


def test_only_some(folder: Path) -> None:
    """By name, way and language; what there is not is said with what there is."""
    words = ("preview", "--site", str(folder), "--only", "nobody", "--way", "sms", "--language", "en")

    samples = [(one["sample"], one["language"]) for one in as_json(*words)["previews"]]
    said = ("nobody answers", "still nobody answers")
    assert samples == [(f"{whose}{one}", "en") for whose in ("", "phone tree, ") for one in said]
    assert "there are" in run("preview", "--site", str(folder), "--only", "pigeon", code=2)
    assert "write zh-CN or en" in run("preview", "--site", str(folder), "--language", "fr", code=2)


def test_a_test_says_that_it_is_one(folder: Path) -> None:
    """By the recipient's own way, here the file; it is not in the outbox."""
    assert "log:duty-desk: sent" in run("test", "--to", "duty-desk", "--site", str(folder))

    (line,) = (folder / "data" / "notices.jsonl").read_text(encoding="utf-8").splitlines()
    assert "这是一条测试消息，发给 duty-desk，经由 log，无需处理" in json.loads(line)["body"]["text_zh"]
    assert len(states(folder)) == 5
