"""Where a recipient's notices go, and what the settings may not say of it."""

from pathlib import Path

import pytest

from config.addresses import Address, addresses_of, check_addresses
from config.lint import doubts
from config.load import Site, load_site
from config.notices import Notices
from domain.errors import ConfigError
from tests.cases.city import PLACE

SITE = """\
site: town
name: {{zh: 龙城, en: Longcheng}}
division: "320400"
data_dir: {folder}/data
mqtt: {{url: "mqtt://127.0.0.1:1"}}
notices:
  smtp: {{host: mail.example, sender: a@b.example}}
  gateways:
    bot: {{kind: wecom, url: "https://wecom.example/send?key=${{KEY}}"}}
    sms: {{kind: sms, url: "https://sms.example/", body: {{to: "{{to}}"}}}}
  recipients:
    duty-desk: [bot, "smtp:duty@b.example"]
    "street-keeper:*": [mqtt]
{more}
"""


def a_site(folder: Path, more: str = "", *, contact: str = "shop:S1") -> Site:
    """A town with ways out, read from its files."""
    (folder / "site.yaml").write_text(SITE.format(folder=folder, more=more), encoding="utf-8")
    head = "shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact"
    (folder / "shops.csv").write_text(f"{head}\nS1,阿福手机店,{PLACE},{contact}\n", encoding="utf-8")
    for name in ("cameras", "devices", "zones"):
        (folder / f"{name}.csv").write_text(HEADS[name], encoding="utf-8")
    return load_site(str(folder), {"KEY": "k"})


HEADS = {
    "cameras": "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s\n",
    "devices": "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline\n",
    "zones": "camera_id,zone,role,shop_id,polygon\n",
}


def test_who_is_reached_how(tmp_path: Path) -> None:
    """By the first pattern that fits, in its order; an address goes where it says; the rest to nobody."""
    notices = a_site(tmp_path).settings.notices

    assert addresses_of("duty-desk", notices) == (Address("bot", ""), Address("smtp", "duty@b.example"))
    assert addresses_of("street-keeper:天宁", notices) == (Address("mqtt", "street-keeper:天宁"),)
    assert addresses_of("sms:+8613800000000", notices) == (Address("sms", "+8613800000000"),)
    assert addresses_of("mailto:a@b.example", notices) == (Address("smtp", "a@b.example"),)
    assert addresses_of("shop:S1", notices) == (Address("nobody", "shop:S1"),)
    assert addresses_of("13912345678", notices) == (Address("nobody", "13912345678"),)
    with_webhook = notices.model_copy(update={"webhook_url": "http://x/"})
    assert addresses_of("shop:S1", with_webhook) == (Address("webhook", "shop:S1"),)


def test_the_duty_desk_is_the_last(tmp_path: Path) -> None:
    """After it nobody comes who could be told instead, so its word is written down at least."""
    notices = a_site(tmp_path).settings.notices.model_copy(update={"recipients": {}})

    assert addresses_of("duty-desk", notices) == (Address("log", "duty-desk"),)
    assert addresses_of("street-keeper:天宁", notices) == (Address("nobody", "street-keeper:天宁"),)


@pytest.mark.parametrize("contact", ["13912345678", "smss:+8613912345678", "not an address", "shop:S1"])
def test_a_contact_that_is_no_address_is_doubted(contact: str, tmp_path: Path) -> None:
    """With file and line; without ways to people every contact is the webhook's, or the file's."""
    (doubt,) = doubts(a_site(tmp_path, contact=contact))

    assert str(doubt).startswith(f"{tmp_path}/shops.csv line 2: the contact of shop 'S1': {contact!r} stands under no")
    assert doubts(a_site(tmp_path, contact="sms:+8613912345678")) == []


def test_without_any_of_it_all_is_as_it_was() -> None:
    """The webhook or the file, for everybody."""
    assert addresses_of("shop:S1", Notices()) == (Address("log", "shop:S1"),)
    assert addresses_of("shop:S1", Notices(webhook_url="http://x/")) == (Address("webhook", "shop:S1"),)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('    chief: ["pigeon:loft"]', "line 14: 'pigeon:loft' begins with none of bot, log, mailto, mqtt, sms, smtp"),
        ('    chief: ["sms"]', r"line 14: 'sms' does not say to whom; write sms:\+86"),
        ('    chief: ["bot:x"]', "line 14: 'bot:x': a wecom speaks where its url leads"),
        ('    chief: [mqtt, "smtp:nobody"]', "line 14: 'smtp:nobody' is no mail address"),
        ("    chief: [webhook]", "line 14: 'webhook' needs notices.webhook_url"),
        ("    chief: []", "line 14: 'chief' has no address"),
        ("  escalation: [duty-desk, boss]", "line 14: 'boss' stands under no pattern"),
        ("  phone_trees: {charger: [duty-desk, boss]}", "line 14: 'boss' stands under no pattern"),
        ("  phone_trees: {charger: [{tell: sms}]}", "line 14: 'sms' does not say to whom"),
        ("  phone_trees: {stations: [duty-desk]}", "line 14: 'stations' is neither a matter nor a kind .*charger"),
    ],
)
def test_addresses_that_lead_nowhere(more: str, problem: str, tmp_path: Path) -> None:
    """Are told with file and line, before anything is sent."""
    with pytest.raises(ConfigError, match=problem) as caught:
        check_addresses(a_site(tmp_path, more))

    assert caught.value.path == tmp_path / "site.yaml"


def test_several_are_told_together(tmp_path: Path) -> None:
    """So that a file is mended in one go."""
    more = '    chief: [pigeon]\n  escalation: [nobody, "sms:+86"]'

    with pytest.raises(ConfigError) as caught:
        check_addresses(a_site(tmp_path, more, contact="mailto:broken"))

    assert [(problem.line, Path(str(problem.path)).name) for problem in caught.value.problems] == [
        (14, "site.yaml"),
        (15, "site.yaml"),
        (2, "shops.csv"),
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("{kind: wecom, url: 'https://x/', secret: s}", "secret is for dingtalk and feishu"),
        ("{kind: wecom, url: 'https://x/', method: GET}", "method is for kind: sms"),
        ("{kind: sms, url: 'https://x/'}", "needs a body"),
        ("{kind: voice, url: 'https://x/'}", "kind: voice needs a body"),
        ("{kind: voice, url: 'https://x/', body: {a: b}, max_segments: 1}", "max_segments is for kind: sms"),
        ("{kind: wecom, url: 'wecombot://x'}", "must be an address that begins with https"),
        ("{kind: apprise, url: 'https://x/'}", "must be Apprise's own kind of URL"),
        ("{kind: wecom, url: 'https://x/', rate: '20/min'}", "write a rate as messages:seconds"),
    ],
)
def test_gateways_that_cannot_be(given: str, problem: str, tmp_path: Path) -> None:
    """What does not fit its kind is told when the file is read, and no key with it."""
    text = SITE.format(folder=tmp_path, more="").replace("  recipients:", f"    one: {given}\n  recipients:")
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=problem) as caught:
        load_site(str(tmp_path), {"KEY": "S3CRET"})

    assert "S3CRET" not in str(caught.value)


def test_a_login_in_the_open_is_refused(tmp_path: Path) -> None:
    """A password over a connection that anyone can read."""
    text = SITE.format(folder=tmp_path, more="").replace("sender: a@b", "username: u, security: none, sender: a@b")
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match="could be read by anyone"):
        load_site(str(tmp_path), {"KEY": "k"})
