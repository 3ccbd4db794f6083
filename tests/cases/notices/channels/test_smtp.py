"""Notices as mails, on a real mail server."""

import socket
import ssl
from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.notices.channels.smtp import Smtp
from cases.notices.wording import Wording
from config.load import Site
from config.notices import Smtp as Settings
from domain.errors import ChannelError
from domain.notice import Notice
from tests.cases.city import make_site
from tests.cases.notices.letter import letter
from tests.cases.notices.receivers import post_office
from tests.fakes.brokers import free_port
from tests.ingest.test_collector_tls import certificate


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The town."""
    return make_site(tmp_path / "site")


def a_mail(key: str = "town/1/notice_1/shop") -> Notice:
    """A reminder on its way to a mail address."""
    body: dict[str, str | float | int | bool | None] = {
        "text_zh": "您店门前有非机动车乱停放。",
        "text_en": "Bicycles in front of your shop.",
        "matter": "09010",
        "severity": "notice",
        "link": "https://city.example/s/abc",
    }
    return replace(letter(key), channel="smtp", address="shop@city.example", body=body)


def through(site: Site, port: int, **settings: object) -> Smtp:
    """The channel to a server on this machine."""
    given = {"host": "localhost", "port": port, "security": "none", "sender": "no-reply@city.example", **settings}
    return Smtp(Settings.model_validate(given), Wording(site))


async def test_what_is_mailed(site: Site) -> None:
    """Subject in the site's language, the text in both, the link, and an id made of the key that is the receipt."""
    with post_office() as post:
        receipt = await through(site, post.port).send(a_mail())

    (mail,) = post.mails
    assert post.to == [["shop@city.example"]]
    assert (mail["From"], mail["To"]) == ("no-reply@city.example", "shop@city.example")
    assert mail["Subject"] == "【龙城】门前秩序提醒：非机动车乱停放"
    assert mail["Message-ID"] == receipt == "<town/1/notice_1/shop@city.example>"
    assert mail["Idempotency-Key"] == "town/1/notice_1/shop"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert text.index("您店门前有非机动车乱停放。") < text.index("Bicycles in front of your shop.")
    assert text.count("https://city.example/s/abc") == 2


async def test_a_repeat_is_the_same_mail(site: Site) -> None:
    """Byte for byte, though another process sends it later."""
    with post_office() as post:
        for _ in range(2):
            await through(site, post.port).send(a_mail())

    first, second = post.mails
    assert first.as_bytes() == second.as_bytes()


async def test_the_pictures_that_may_be_shown_are_attached(site: Site, tmp_path: Path) -> None:
    """Those that are kept; and a repeat is still the same mail."""
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(b"\xff\xd8blurred")
    kept = {"C1/20261122/look": copy, "C1/20261122/gone": tmp_path / "gone.jpg"}
    notice = a_mail()
    names = {"picture": "C1/20261122/look", "onset_picture": "C1/20261122/gone", "context_picture": "C1/x"}
    settings = Settings.model_validate(
        {"host": "localhost", "port": 1, "security": "none", "sender": "no-reply@city.example"}
    )
    channel = Smtp(settings, Wording(site), kept.get)

    first, second = (channel.mail(replace(notice, body={**notice.body, **names})) for _ in range(2))

    (attached,) = first.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("look.jpg", b"\xff\xd8blurred")
    assert first.as_bytes() == second.as_bytes()


@pytest.mark.parametrize("key", ["town/双桂街/ 1:2", "k" * 900, "a\r\nBcc: eve@evil.example"])
async def test_any_key_makes_an_id(key: str, site: Site) -> None:
    """In ASCII, in one line, and never a header of its own."""
    with post_office() as post:
        await through(site, post.port).send(a_mail(key))

    (mail,) = post.mails
    assert mail["Message-ID"].isascii()
    assert len(mail["Message-ID"]) < 250
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    ("recipient", "data", "retry", "said"),
    [
        ("550 no such mailbox", "", False, "refused shop@city.example: 550 no such mailbox"),
        ("450 try later", "", True, "450 try later"),
        ("", "552 too big", False, "552 too big"),
        ("", "451 busy", True, "451 busy"),
        ("", "421 closing", True, "421"),
    ],
)
async def test_answers_that_are_no_yes(recipient: str, data: str, retry: bool, said: str, site: Site) -> None:
    """What no server will ever take is final; what a later try can mend is not."""
    with post_office() as post:
        post.recipient = [recipient] if recipient else []
        post.data = [data] if data else []
        with pytest.raises(ChannelError, match=said) as caught:
            await through(site, post.port).send(a_mail())

    assert (caught.value.retry, post.mails) == (retry, [])


async def test_a_server_that_is_not_there(site: Site) -> None:
    """May be there again later."""
    with pytest.raises(ChannelError, match="can't be used") as caught:
        await through(site, free_port()).send(a_mail())

    assert caught.value.retry


async def test_a_server_that_says_nothing(site: Site) -> None:
    """Is given up after the time that the settings allow."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(ChannelError, match=r"did not answer within 0\.2 s") as caught:
            await through(site, port, host="127.0.0.1", timeout="200ms").send(a_mail())

    assert caught.value.retry


async def test_a_login_over_tls(site: Site, tmp_path: Path) -> None:
    """STARTTLS with a certificate that we were told to trust; a wrong password is mended by a person, so not final."""
    made, key = certificate(tmp_path, "post")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made, key)
    own = {"security": "starttls", "ca_file": str(made), "username": "duty"}
    with post_office(tls=tls) as post:
        await through(site, post.port, **own, password="s3cret").send(a_mail())
        with pytest.raises(ChannelError, match="did not accept the login") as caught:
            await through(site, post.port, **own, password="guess").send(a_mail())
        with pytest.raises(ChannelError, match="can't be used") as untrusted:
            await through(site, post.port, security="starttls").send(a_mail())

    assert len(post.mails) == 1
    assert post.logins[0] == ("duty", "s3cret")
    assert (caught.value.retry, untrusted.value.retry) == (True, True)
