"""Complaints about files name the file, the line, the thing, its value and what is allowed."""

from pathlib import Path

import pytest

from config import source
from config.schema import Matters, Profiles, Settings, duration_s
from domain.errors import ConfigError

GOOD = """\
site: test
name: {zh: 测试, en: Test}
division: "320400"
data_dir: ${DATA:-data/test}
mqtt: {url: "mqtt://127.0.0.1:1883"}
"""


def settings(tmp_path: Path, text: str, **environment: str) -> Settings:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return source.load(path, Settings, environment)


def test_defaults_and_environment(tmp_path: Path) -> None:
    """A variable from the environment wins over its default in the file."""
    assert settings(tmp_path, GOOD).data_dir == Path("data/test")
    assert settings(tmp_path, GOOD, DATA="/var/lib/longcheng").data_dir == Path("/var/lib/longcheng")


def test_variable_of_digits_stays_text(tmp_path: Path) -> None:
    """A password of digits is not read as a number."""
    text = GOOD.replace('"mqtt://127.0.0.1:1883"', '"mqtt://127.0.0.1:1883", password: "${PASSWORD}"')

    assert settings(tmp_path, text, PASSWORD="0123").mqtt.password == "0123"


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    """As containers and systemd hand it out: the file that NAME_FILE names, without its last line break."""
    text = GOOD.replace('"mqtt://127.0.0.1:1883"', '"mqtt://127.0.0.1:1883", password: "${PASSWORD:-none}"')
    secret = tmp_path / "secret"
    secret.write_text("hush hush\n", encoding="utf-8")

    assert settings(tmp_path, text, PASSWORD_FILE=str(secret)).mqtt.password == "hush hush"
    assert settings(tmp_path, text, PASSWORD_FILE=str(secret), PASSWORD="itself").mqtt.password == "itself"
    secret.write_text("\n", encoding="utf-8")
    assert settings(tmp_path, text, PASSWORD_FILE=str(secret)).mqtt.password == "none"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "which cannot be read: No such file"), (b"\xff", "no text in UTF-8"), (b"x" * 70_000, "longer than any")],
)
def test_a_secret_that_cannot_be_read_is_told_without_it(tmp_path: Path, content: bytes | None, says: str) -> None:
    """The file, the variable and the line that wants it."""
    text, secret = GOOD.replace("${DATA:-data/test}", "${DATA:-x}"), tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"site\.yaml line 4: DATA_FILE is {secret}, which (is )?.*") as told:
        settings(tmp_path, text, DATA_FILE=str(secret))
    assert says in str(told.value)
    assert "xxx" not in str(told.value)


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("data_dir:", "data_dri:"), 4, "unknown key 'data_dri'"),
        (('"320400"', "常州"), 3, "division is '常州'"),
        (("${DATA:-data/test}", "${DATA}"), 4, "${DATA} is not set in the environment and has no default"),
        (("mqtt://127", "http://127"), 5, "mqtt.url is 'http://127.0.0.1:1883'"),
        (("site: test", "site: test\nsite: two"), 2, "'site' stands here twice; the first is on line 1"),
        (("site: test\n", "site: [test\n"), None, "not YAML"),
        (("site: test", "site: &a [*a]"), 1, "it is nested too deep, or contains itself"),
        (("site: test", f"site: {'[' * 2_000}"), None, "it is nested too deep"),
        (("data_dir", "journal: {max_size: 2}\ndata_dir"), 4, "write a size with its unit: 64MiB or 2GiB"),
        (("data_dir", "vision: {interval: 60}\ndata_dir"), 4, "write a duration with its unit"),
        (("data_dir", "ladder: {quiet_hours: 21-8}\ndata_dir"), 4, "write hours as 21:00-08:00"),
        (("data_dir", "series: {influx_url: http://x}\ndata_dir"), 4, "influx_token, influx_org, influx_bucket is not"),
    ],
)
def test_every_fault_names_its_line(tmp_path: Path, change: tuple[str, str], line: int | None, says: str) -> None:
    """Each fault in site.yaml is told with its line."""
    with pytest.raises(ConfigError) as told:
        settings(tmp_path, GOOD.replace(*change))

    assert says in str(told.value)
    assert "site.yaml" in str(told.value)
    if line is not None:
        assert f"line {line}: " in str(told.value)


@pytest.mark.parametrize(
    "change",
    [
        ("mqtt://127", "mqtt://me:SECRET@127"),
        ("data_dir", "series: {influx_url: http://x, influx_token: SECRET}\ndata_dir"),
        ('"mqtt://127.0.0.1:1883"', '"mqtt://127.0.0.1:1883", password: [SECRET]'),
    ],
)
def test_a_complaint_tells_no_secret(tmp_path: Path, change: tuple[str, str]) -> None:
    """Passwords and tokens stay out of error texts, whatever is wrong around them."""
    with pytest.raises(ConfigError) as told:
        settings(tmp_path, GOOD.replace(*change))

    assert "SECRET" not in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No file: the path is told, not a traceback."""
    with pytest.raises(ConfigError, match=r"profiles\.yaml: there is no such file"):
        source.load(tmp_path / "profiles.yaml", Profiles, {})


def test_a_matter_code_has_five_digits(tmp_path: Path) -> None:
    """Codes of older catalogues are refused as keys."""
    path = tmp_path / "matters.yaml"
    path.write_text('catalogue: x\nmatters:\n  "0410": {}\n', encoding="utf-8")

    with pytest.raises(ConfigError, match=r"line 3"):
        source.load(path, Matters, {})


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("8h", 28800), ("7d", 604800), ("250ms", 0.25)]
)
def test_durations(text: str, seconds: float) -> None:
    """Durations are written with their unit."""
    assert duration_s(text) == seconds
